import CMicrohttpdShim
import HTTPMessages
import Synchronization

/// What libmicrohttpd's callbacks need: the handler, the limits, and the exchanges in flight.
final class ServerCore: Sendable {
    let handler: RequestHandler
    let bodyLimit: Int
    let jobs: AsyncStream<Exchange>
    private let jobsInput: AsyncStream<Exchange>.Continuation
    private let state = Mutex(State())

    private struct State {
        var active: [ObjectIdentifier: Exchange] = [:]
        var isDraining = false
        var idle: AsyncStream<Void>.Continuation?
    }

    init(handler: @escaping RequestHandler, bodyLimit: Int) {
        self.handler = handler
        self.bodyLimit = bodyLimit
        (jobs, jobsInput) = AsyncStream.makeStream()
    }

    /// Counts `exchange` among those that must end before the server may; `false` once the server is stopping.
    func admit(_ exchange: Exchange) -> Bool {
        state.withLock { state in
            guard !state.isDraining else { return false }
            state.active[ObjectIdentifier(exchange)] = exchange
            return true
        }
    }

    func dismiss(_ exchange: Exchange) {
        let idle = state.withLock { state in
            state.active.removeValue(forKey: ObjectIdentifier(exchange))
            return state.active.isEmpty ? state.idle : nil
        }
        idle?.yield()
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
