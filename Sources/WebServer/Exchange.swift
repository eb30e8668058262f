import CMicrohttpdShim
import HTTPMessages
import Synchronization

/// One request and its answer.
///
/// Unchecked because libmicrohttpd's connection pointer is not `Sendable`. Soundness: the fields under "polling thread"
/// are touched only inside libmicrohttpd's callbacks, which it serialises per connection; everything a task touches is
/// in `shared`, and the connection is resumed only under that lock while `isSuspended`, in which state libmicrohttpd
/// keeps the connection alive.
final class Exchange: @unchecked Sendable {
    enum Phase { case headers, body, waiting, answered }

    struct Shared {
        var response: WebResponse?
        var isSuspended = false
        var isClosed = false
        var chunks: [[UInt8]] = []
        var firstChunkOffset = 0
        var queuedBytes = 0
        var production = Production.running
        var writer: CheckedContinuation<Void, any Error>?
        var isAbandoned = false
        /// Ends the task that computes the answer.
        var abandonment: AsyncStream<Void>.Continuation?
    }

    enum Production { case running, finished, failed }

    /// Bytes of a streamed body held for a slow peer before its producer waits.
    static let queueLimit = 256 << 10

    // Polling thread
    let connection: OpaquePointer
    let target: String
    var phase = Phase.headers
    var message: HTTPRequest?
    var isTooLarge = false
    /// There was no memory for the body.
    var isUnaffordable = false
    /// Counted for the body by the core, under its lock.
    var bodyMemory = 0
    /// Who asks: set before the exchange is admitted.
    var client = ""

    // Set before the exchange is handed to a task
    var job: (@Sendable () async -> WebResponse)?
    var started = ContinuousClock.now

    let shared = Mutex(Shared())

    init(connection: OpaquePointer, target: String) {
        self.connection = connection
        self.target = target
    }

    // MARK: Task side

    /// Answers, until ``abandon()``: what nobody waits for any more does not go on.
    func perform() async {
        let (abandoned, input) = AsyncStream<Void>.makeStream()
        let isOver = shared.withLock { state in
            state.abandonment = input
            return state.isAbandoned
        }
        if isOver { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.compute() }
            group.addTask { for await _ in abandoned {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Computes the answer if it is not there yet, then produces its body if it has one to produce.
    private func compute() async {
        if let job { answer(await job()) }
        guard let response = shared.withLock({ $0.response }), case .stream(let stream) = response.content else {
            return
        }
        var production = Production.finished
        do {
            try await stream.produce(BodyWriter(exchange: self))
        } catch {
            production = .failed
        }
        finish(production)
    }

    /// Sets the answer, unless one was given in the meantime, and wakes the connection.
    func answer(_ response: WebResponse) {
        shared.withLock { state in
            guard state.response == nil else { return }
            state.response = response
            wake(&state)
        }
    }

    func enqueue(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try Task.checkCancellation()
        let mustWait = try shared.withLock { state in
            guard !state.isClosed, state.production == .running else { throw CancellationError() }
            state.chunks.append(bytes)
            state.queuedBytes += bytes.count
            wake(&state)
            return state.queuedBytes > Self.queueLimit
        }
        guard mustWait else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: Result<Void, any Error>? = shared.withLock { state in
                    if state.isClosed || state.production != .running { return .failure(CancellationError()) }
                    if state.queuedBytes <= Self.queueLimit { return .success(()) }
                    state.writer = continuation
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            finish(.failed)
        }
    }

    /// Ends the streamed body; the first call counts.
    func finish(_ production: Production) {
        let writer = shared.withLock { state in
            if state.production == .running { state.production = production }
            wake(&state)
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume(throwing: CancellationError())
    }

    /// Gives up waiting: a missing answer becomes 503, a body in production is broken off, the task is cancelled.
    func abandon() {
        answer(.text("The server is stopping or the request took too long.\n", status: 503))
        finish(.failed)
        let abandonment = shared.withLock { state in
            state.isAbandoned = true
            return state.abandonment
        }
        abandonment?.finish()
    }

    private func wake(_ state: inout Shared) {
        guard state.isSuspended, !state.isClosed else { return }
        state.isSuspended = false
        MHD_resume_connection(connection)
    }

    // MARK: Polling thread side

    /// The answer, or `nil` after putting the connection to rest until there is one.
    func responseOrSuspend() -> WebResponse? {
        shared.withLock { state in
            if state.response == nil, !state.isSuspended {
                state.isSuspended = true
                MHD_suspend_connection(connection)
            }
            return state.response
        }
    }

    /// The connection is done with this exchange.
    func close() {
        let writer = shared.withLock { state in
            state.isClosed = true
            state.chunks = []
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume(throwing: CancellationError())
    }

    enum Piece {
        case bytes(Int)
        case end, failure
    }

    /// Copies what is queued into `buffer`; rests the connection and answers 0 bytes where nothing is queued.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Piece {
        let (piece, writer) = shared.withLock { state -> (Piece, CheckedContinuation<Void, any Error>?) in
            guard let chunk = state.chunks.first else {
                switch state.production {
                case .finished: return (.end, nil)
                case .failed: return (.failure, nil)
                case .running:
                    state.isSuspended = true
                    MHD_suspend_connection(connection)
                    return (.bytes(0), nil)
                }
            }
            let count = min(buffer.count, chunk.count - state.firstChunkOffset)
            chunk[state.firstChunkOffset..<(state.firstChunkOffset + count)].withUnsafeBytes {
                buffer.copyMemory(from: $0)
            }
            state.firstChunkOffset += count
            state.queuedBytes -= count
            if state.firstChunkOffset == chunk.count {
                state.chunks.removeFirst()
                state.firstChunkOffset = 0
            }
            guard state.queuedBytes <= Self.queueLimit / 2 else { return (.bytes(count), nil) }
            defer { state.writer = nil }
            return (.bytes(count), state.writer)
        }
        writer?.resume()
        return piece
    }
}
