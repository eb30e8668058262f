import Backup
import Configuration
import Console
import Database
import FastJSON
import HTTPMessages
import IssueModel
import Journal
import Monitoring
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
            the result as if they had run alone. SIGTERM and Ctrl-C stop it in good order. /healthz and /readyz say whether it
            works, /metrics (from this machine only) what it measures.
            """,
        example: "drawbridge serve --port 8080 --public-url https://drawbridge.example.com"
    ) { invocation in
        try await Session.with(invocation, for: .writing, role: "serve") { session in
            let settings = try await invocation.settings(in: session.store)
            let server = try await Server(session, settings, invocation)
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
    private let backups: BackupSchedule
    private let readiness = Readiness(expecting: ["keeper", "listener"])

    init(_ session: Session, _ settings: SettingValues, _ invocation: Invocation) async throws {
        self.session = session
        environment = invocation.environment
        let log = Watchman.log(environment)
        inbox = try await WebhookInbox(path: invocation.dataFolder + "/inbox.sqlite")
        receiver = WebhookReceiver(store: session.store, inbox: inbox, log: log, metrics: Watchman.metrics)
        try await receiver.start()
        let work = SourceWork.service(
            session.synchroniser(environment), store: session.store, receiver: receiver,
            publicURL: settings[SettingsTable.publicURL], log: log)
        keeper = SourceKeeper(
            store: session.store, work: work, options: .init(holder: Session.holder), log: log,
            metrics: Watchman.metrics)
        backups = BackupSchedule(
            store: session.store,
            writer: BackupWriter(dataFolder: invocation.dataFolder, program: Drawbridge.version), log: log,
            metrics: Watchman.metrics
        ) {
            let settings = try await invocation.settings(in: session.store)
            return settings[SettingsTable.backupFolder].map {
                .init(folder: $0, every: settings[SettingsTable.backupEvery], keep: settings[SettingsTable.backupKeep])
            }
        }
        var configuration = WebServerConfiguration(
            host: settings[SettingsTable.host], port: settings[SettingsTable.port])
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
            group.addTask { try await readiness.during("keeper") { try await keeper.run() } }
            group.addTask { try await backups.run() }
            group.addTask {
                try await server.run {
                    readiness.set("listener", runs: true)
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
        let receiver = receiver
        router.on(.post, "/webhooks/{rest...}") { request in
            .later { WebResponse(await receiver.respond(to: request.message)) }
        }
        HealthPages(
            store: session.store, readiness: readiness, metrics: Watchman.metrics, version: Drawbridge.version
        ).add(to: &router)
        return router
    }
}
