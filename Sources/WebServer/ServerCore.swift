import CMicrohttpdShim
import HTTPMessages
import Synchronization

/// What libmicrohttpd's callbacks need: the handler, the limits, and the exchanges in flight.
final class ServerCore: Sendable {
    let handler: RequestHandler
    let bodyLimit: Int
    let connections: ConnectionRegistry
    let trustedProxies: TrustedProxies
    let isSecure: Bool
    private let bodyMemoryLimit: Int
    private let requestsPerClient: Int
    let jobs: AsyncStream<Exchange>
    private let jobsInput: AsyncStream<Exchange>.Continuation
    private let state = Mutex(State())

    private struct State {
        var active: [ObjectIdentifier: Exchange] = [:]
        var clients: [String: Int] = [:]
        var bodyMemory = 0
        var isDraining = false
        var idle: AsyncStream<Void>.Continuation?
    }

    init(handler: @escaping RequestHandler, _ configuration: WebServerConfiguration) {
        self.handler = handler
        bodyLimit = configuration.bodyLimit
        bodyMemoryLimit = configuration.bodyMemoryLimit
        requestsPerClient = configuration.requestsPerClient
        trustedProxies = configuration.trustedProxies
        isSecure = configuration.certificate != nil
        connections = ConnectionRegistry(configuration)
        (jobs, jobsInput) = AsyncStream.makeStream()
    }

    enum Admission { case admitted, stopping, tooMany }

    /// Counts `exchange` among those that must end before the server may, and among those of its client.
    func admit(_ exchange: Exchange) -> Admission {
        state.withLock { state in
            guard !state.isDraining else { return .stopping }
            guard state.clients[exchange.client, default: 0] < requestsPerClient else { return .tooMany }
            state.clients[exchange.client, default: 0] += 1
            state.active[ObjectIdentifier(exchange)] = exchange
            return .admitted
        }
    }

    func dismiss(_ exchange: Exchange) {
        let idle = state.withLock { state in
            state.bodyMemory -= exchange.bodyMemory
            exchange.bodyMemory = 0
            if state.active.removeValue(forKey: ObjectIdentifier(exchange)) != nil {
                let left = (state.clients[exchange.client] ?? 1) - 1
                state.clients[exchange.client] = left > 0 ? left : nil
            }
            return state.active.isEmpty ? state.idle : nil
        }
        idle?.yield()
    }

    /// Counts memory for a piece of a body; `false` where there is no more for bodies.
    func reserve(_ bytes: Int, for exchange: Exchange) -> Bool {
        state.withLock { state in
            guard state.bodyMemory + bytes <= bodyMemoryLimit else { return false }
            state.bodyMemory += bytes
            exchange.bodyMemory += bytes
            return true
        }
    }

    var active: [Exchange] { state.withLock { Array($0.active.values) } }

    func submit(_ exchange: Exchange) { jobsInput.yield(exchange) }

    /// Refuses new requests from now on.
    func drain() { state.withLock { $0.isDraining = true } }

    func endJobs() { jobsInput.finish() }

    /// Waits until no exchange is in flight, at most `limit`.
    func waitUntilIdle(_ limit: Duration) async {
        let (signals, input) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let isIdle = state.withLock { state in
            state.idle = input
            return state.active.isEmpty
        }
        guard !isIdle else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in signals { return } }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
