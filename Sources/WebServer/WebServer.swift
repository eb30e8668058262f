import CMicrohttpdShim
import Glibc
public import HTTPMessages
import Synchronization

/// An HTTP/1.1 server over libmicrohttpd: polling threads read requests and send answers, tasks compute what takes time.
///
/// ```swift
/// let server = try WebServer(WebServerConfiguration(port: 8080)) { _ in .now(.text("hello")) }
/// try await server.run()                    // until its task is cancelled
/// ```
public final class WebServer: Sendable {
    public let configuration: WebServerConfiguration
    private let core: ServerCore
    private let state = Mutex(State.idle)

    private enum State {
        case idle
        case running(Daemon, retired: [Daemon], runner: Task<Void, Never>)
        case stopped
    }

    /// - Parameter handler: Answers each request; see ``RequestHandler`` for what it may do.
    public init(_ configuration: WebServerConfiguration, handler: @escaping RequestHandler) {
        self.configuration = configuration
        core = ServerCore(handler: handler, configuration)
    }

    /// A server whose handler always computes in a task.
    public convenience init(
        _ configuration: WebServerConfiguration,
        respond: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) {
        self.init(configuration) { request in .later { WebResponse(await respond(request.message)) } }
    }

    /// The port the server listens on; 0 before ``start()``.
    public var port: Int {
        state.withLock { if case .running(let daemon, _, _) = $0 { daemon.port } else { 0 } }
    }

    /// `http` or `https`, host and port, without a trailing slash.
    public var url: String { configuration.url(port: port) }

    /// Starts listening. The server must be stopped with ``stop(grace:)``; ``run()`` does both.
    public func start() throws(WebServerError) {
        let daemon = try Daemon(configuration, core: core)
        let limit = configuration.handlerLimit
        // The one task a server owns: callbacks of C threads have no parent task. It ends in `stop`.
        let dropRetired: @Sendable () -> Void = { [weak self] in self?.dropRetired() }
        let runner = Task { [core] in await Self.work(core, handlerLimit: limit, everySecond: dropRetired) }
        let refused = state.withLock { state in
            guard case .idle = state else { return true }
            state = .running(daemon, retired: [], runner: runner)
            return false
        }
        if refused {
            runner.cancel()
            daemon.stopListening()
            daemon.stop()
            throw WebServerError(.cannotStart, "the server was started before; make a new one")
        }
    }

    /// Listens and answers until the surrounding task is cancelled, then stops.
    ///
    /// - Parameter started: Called once the server listens and ``port`` is known.
    public func run(started: @Sendable () -> Void = {}) async throws(WebServerError) {
        try start()
        started()
        let (forever, input) = AsyncStream<Void>.makeStream()
        await withTaskCancellationHandler {
            for await _ in forever {}
        } onCancel: {
            input.finish()
        }
        // In a task of its own: this one is cancelled, and would not wait for requests under way.
        await Task { await stop(grace: configuration.stopTime) }.value
    }

    /// Stops: accepts nothing new, lets requests in flight end within `grace`, then cancels the rest.
    public func stop(grace: Duration = .seconds(2)) async {
        let running = state.withLock { state -> (Daemon, [Daemon], Task<Void, Never>)? in
            guard case .running(let daemon, let retired, let runner) = state else { return nil }
            state = .stopped
            return (daemon, retired, runner)
        }
        guard let (daemon, retired, runner) = running else { return }
        core.drain()
        daemon.stopListening()
        await core.waitUntilIdle(grace)
        core.endJobs()
        runner.cancel()
        // Resumes every resting connection: stopping libmicrohttpd with one suspended aborts the process.
        for exchange in core.active { exchange.abandon() }
        await core.waitUntilIdle(.seconds(1))
        for daemon in retired + [daemon] { daemon.stop() }
        await runner.value
    }

    /// Goes on with another certificate: new connections get it, those that are open end in their own time.
    ///
    /// - Throws: ``WebServerError`` where it is not usable, or the server does not speak HTTPS; the old one then stays.
    public func replaceCertificate(_ certificate: ServerCertificate) throws(WebServerError) {
        guard configuration.certificate != nil else {
            throw WebServerError(.cannotStart, "the server speaks plain HTTP; start it with a certificate")
        }
        guard let current = state.withLock({ if case .running(let daemon, _, _) = $0 { daemon } else { nil } }) else {
            throw WebServerError(.cannotStart, "the server does not run")
        }
        var renewed = configuration
        renewed.certificate = certificate
        let next = try Daemon(renewed, core: core, sharing: current)
        let isReplaced = state.withLock { state in
            guard case .running(let daemon, let retired, let runner) = state, daemon === current else { return false }
            state = .running(next, retired: retired + [daemon], runner: runner)
            return true
        }
        guard isReplaced else { return next.stop() }
        current.quiesce()
    }

    /// Ends those whose connections all have ended.
    private func dropRetired() {
        let done = state.withLock { state -> [Daemon] in
            guard case .running(let daemon, let retired, let runner) = state, !retired.isEmpty else { return [] }
            let done = retired.filter { $0.connections == 0 }
            if !done.isEmpty {
                state = .running(daemon, retired: retired.filter { $0.connections > 0 }, runner: runner)
            }
            return done
        }
        for daemon in done { daemon.stop() }
    }

    private static func work(
        _ core: ServerCore, handlerLimit: Duration, everySecond: @escaping @Sendable () -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while (try? await Task.sleep(for: .seconds(1))) != nil {
                    let now = ContinuousClock.now
                    core.connections.shutOverdue(at: now)
                    everySecond()
                    for exchange in core.active where exchange.isLate(by: handlerLimit, at: now) { exchange.abandon() }
                }
            }
            for await exchange in core.jobs {
                group.addTask { await exchange.perform() }
            }
            group.cancelAll()
        }
    }
}

extension Exchange {
    /// Whether a task has had this exchange longer than `limit` without answering.
    func isLate(by limit: Duration, at now: ContinuousClock.Instant) -> Bool {
        let isWaiting = shared.withLock { $0.response == nil && $0.isSuspended }
        return isWaiting && now - started > limit
    }
}

/// A running libmicrohttpd daemon and the socket it listens on.
///
/// Unchecked because of the C pointer: libmicrohttpd allows `quiesce` and `stop` from any thread, and the server calls
/// each once, in order.
private final class Daemon: @unchecked Sendable {
    private let daemon: OpaquePointer
    private let core: Unmanaged<ServerCore>
    private let certificate: [UnsafeMutablePointer<CChar>]
    private let listening: Int32
    let port: Int

    /// - Parameter other: A daemon whose listening socket this one takes over.
    init(
        _ configuration: WebServerConfiguration, core: ServerCore, sharing other: Daemon? = nil
    ) throws(WebServerError) {
        if let other {
            (listening, port) = (dup(other.listening), other.port)
        } else {
            let socket = try ListeningSocket(host: configuration.host, port: configuration.port)
            (listening, port) = (socket.descriptor, socket.port)
        }
        certificate = configuration.certificate.map { [strdup($0.chain), strdup($0.key)] } ?? []
        self.core = Unmanaged.passRetained(core)
        var settings = mhd_shim_settings()
        settings.listen_socket = listening
        settings.threads = UInt32(clamping: max(1, configuration.threads))
        settings.idle_seconds = UInt32(clamping: max(1, configuration.idleLimit.components.seconds))
        settings.connections = UInt32(clamping: max(1, configuration.connectionLimit))
        settings.connection_memory = max(4 << 10, configuration.headerLimit)
        if certificate.count == 2 {
            settings.certificate = UnsafePointer(certificate[0])
            settings.key = UnsafePointer(certificate[1])
        }
        settings.context = self.core.toOpaque()
        settings.begin = requestBegan
        settings.access = requestAccess
        settings.end = requestEnded
        settings.connection = connectionChanged
        settings.accept = connectionOffered
        guard let daemon = mhd_shim_start(&settings) else {
            close(listening)
            for text in certificate { free(text) }
            self.core.release()
            let hint =
                certificate.isEmpty ? "the system refused threads or memory" : "check the certificate and its key"
            throw WebServerError(.cannotStart, "the server could not start: \(hint)")
        }
        self.daemon = daemon
    }

    /// Connections open at present.
    var connections: Int { Int(mhd_shim_connections(daemon)) }

    /// Takes no new connections, and leaves the socket to the daemon that shares it.
    func quiesce() { MHD_quiesce_daemon(daemon) }

    /// Refuses new connections. The socket stays open: a polling thread may have yet to take it out of its epoll set, and
    /// libmicrohttpd aborts the process where that fails.
    func stopListening() {
        MHD_quiesce_daemon(daemon)
        shutdown(listening, Int32(SHUT_RDWR))
    }

    /// Ends the polling threads and frees what they used, after ``stopListening()``. Nothing may be suspended.
    func stop() {
        MHD_stop_daemon(daemon)
        close(listening)
        for text in certificate { free(text) }
        core.release()
    }
}
