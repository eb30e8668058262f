import Console
import Database
import FastJSON
import HTTPMessages
import IssueModel
import Journal
import Observability
import Reading
import Scheduling
import Store
import WebServer
import Webhooks

extension Command {
    static let serve = Command(
        words: ["serve"],
        summary: "Keep every source in step, and listen for webhooks, until stopped",
        options: [
            .value("--host", "H", "the address to listen on; 127.0.0.1 without it"),
            .value("--port", "N", "the port; 8080 without it, 0 for a free one"),
            .value("--public-url", "U", "where Jira reaches this server: webhooks are then set up by themselves"),
        ],
        discussion: """
            While it runs it alone writes to the data folder; 'sync', 'source pause' and other commands go through it and print
            the result as if they had run alone. SIGTERM and Ctrl-C stop it in good order. /health says whether it works, /metrics
            (from this machine only) what it measures.
            """,
        example: "drawbridge serve --port 8080 --public-url https://drawbridge.example.com"
    ) { invocation in
        let port = try invocation.number("--port", in: 0...65_535) ?? 8_080
        let host = invocation.value("--host") ?? "127.0.0.1"
        return try await Session.with(invocation, for: .writing, role: "serve") { session in
            let server = try await Server(session, host: host, port: port, invocation)
            _ = try await Signals.untilStopped { try await server.run() }
            ServiceManager.tell("STOPPING=1", invocation.environment)
            try await server.retire()
            return .done
        }
    }
}

/// Everything that runs in a server, put together. The one place that knows all parts.
struct Server: Sendable {
    private let session: Session
    private let environment: [String: String]
    private let configuration: WebServerConfiguration
    private let inbox: WebhookInbox
    private let receiver: WebhookReceiver
    private let keeper: SourceKeeper

    init(_ session: Session, host: String, port: Int, _ invocation: Invocation) async throws {
        self.session = session
        environment = invocation.environment
        let log = Watchman.log(environment)
        inbox = try await WebhookInbox(path: invocation.dataFolder + "/inbox.sqlite")
        receiver = WebhookReceiver(store: session.store, inbox: inbox, log: log, metrics: Watchman.metrics)
        try await receiver.start()
        let work = SourceWork.service(
            session.synchroniser(environment), store: session.store, receiver: receiver,
            publicURL: invocation.value("--public-url"), log: log)
        keeper = SourceKeeper(
            store: session.store, work: work, options: .init(holder: Session.holder), log: log,
            metrics: Watchman.metrics)
        var configuration = WebServerConfiguration(host: host, port: port)
        // The receiver itself refuses what is a little larger, and has the source's changes read instead.
        configuration.bodyLimit = WebhookPayload.byteLimit + (1 << 20)
        // Jira opens thirty; each may hold a body in memory.
        configuration.connectionLimit = 256
        self.configuration = configuration
    }

    /// Serves until the surrounding task is cancelled.
    func run() async throws {
        let server = WebServer(configuration, handler: router.handler)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await keeper.run() }
            group.addTask {
                try await server.run {
                    Terminal.print("Listening on \(server.url)")
                    ServiceManager.tell("READY=1", environment)
                }
            }
            group.addTask {
                for await _ in inbox.arrivals { keeper.wake() }
            }
            group.addTask {
                while (try? await Task.sleep(for: .seconds(60))) != nil {
                    await Watchman.writeMetrics(of: session, environment)
                }
            }
            // Whatever ends first, by failing or because it was cancelled, ends the others.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Leaves word that nobody keeps the sources in step any more.
    func retire() async throws { try await keeper.retire() }

    private var router: Router {
        var router = Router()
        let (receiver, session) = (receiver, session)
        router.on(.post, "/webhooks/{rest...}") { request in
            .later { WebResponse(await receiver.respond(to: request.message)) }
        }
        router.on(.get, "/health") { _ in .later { await Self.health(of: session) } }
        router.on(.get, "/metrics") { request in
            guard Self.isLocal(request) else { return .now(.text("Not found.\n", status: 404)) }
            return .later { await Self.metrics(of: session) }
        }
        return router
    }

    /// Whether the server works; says nothing of what it holds, as anybody may ask.
    private static func health(of session: Session) async -> WebResponse {
        let isSound = (try? await session.store.read { try SourceRecords.all(in: $0) }) != nil
        var json = JSONWriter()
        json.object { $0.member("status", isSound ? "ok" : "failing") }
        var response = WebResponse(HTTPResponse(status: isSound ? 200 : 503, body: json.bytes))
        response.headers["Content-Type"] = "application/json"
        return response
    }

    /// Names of sources and numbers of issues are not for everybody: only for collectors on this machine, and not through a
    /// proxy on it.
    private static func isLocal(_ request: WebRequest) -> Bool {
        let headers = request.message.headers
        return ["127.0.0.1", "::1", "::ffff:127.0.0.1"].contains(request.remoteAddress)
            && proxyHeaders.allSatisfy { headers[$0] == nil }
    }

    /// What proxies add. One that adds none of them must not let the path through.
    private static let proxyHeaders = [
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via",
    ]

    private static func metrics(of session: Session) async -> WebResponse {
        do {
            var response = WebResponse.text(try await Watchman.text(of: session), status: 200)
            response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        } catch {
            return .text("The metrics could not be read.\n", status: 503)
        }
    }
}
