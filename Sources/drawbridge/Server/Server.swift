import Backup
import ChangeFeed
import Configuration
import Console
import JiraOAuth
import Monitoring
import Observability
import Scheduling
import SearchIndex
import SignIn
import Store
import WebAPI
import WebFrame
import WebServer
import Webhooks

/// Everything that runs in a server, put together. The one place that knows all parts.
struct Server: Sendable {
    let session: Session
    let environment: [String: String]
    let inbox: WebhookInbox
    let receiver: WebhookReceiver
    let keeper: SourceKeeper
    let feed: FeedService
    let services: Services
    /// What answers below paths of its own, asked in this order.
    let surfaces: [@Sendable (WebRequest) -> WebAnswer?]
    let api: OperationServer<Services>
    let configuration: WebServerConfiguration
    let readiness = Readiness(expecting: ["keeper", "listener"])
    private let backups: BackupSchedule
    private let certificate: CertificateFiles?

    init(_ session: Session, _ settings: SettingValues, _ invocation: Invocation) async throws {
        self.session = session
        environment = invocation.environment
        let log = Watchman.log(environment)
        inbox = try await WebhookInbox(path: invocation.dataFolder + "/inbox.sqlite")
        receiver = WebhookReceiver(store: session.store, inbox: inbox, log: log, metrics: Watchman.metrics)
        try await receiver.start()
        let publicURL = settings[SettingsTable.publicURL]
        let work = SourceWork.service(
            session.synchroniser(environment), store: session.store, receiver: receiver, publicURL: publicURL, log: log)
        let feed = try FeedService(
            store: session.store, target: WebhookTarget(hosts: Set(settings[SettingsTable.webhookHosts])), log: log,
            metrics: Watchman.metrics)
        // Every transaction of a job may bring changes; the feed looks by itself too, a little later.
        let keeper = SourceKeeper(
            store: session.store, work: work, options: .init(holder: Session.holder), log: log,
            metrics: Watchman.metrics
        ) { _ in feed.signal() }
        (self.keeper, self.feed) = (keeper, feed)
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
        certificate = try CertificateFiles(settings)
        configuration = try Self.configuration(settings, certificate)
        let isSecure = certificate != nil ? true : nil
        var services = Services(
            store: session.store,
            authenticator: Authenticator(
                store: session.store, configuration: .init(publicOrigin: publicURL.map(Self.origin), isSecure: isSecure)
            ),
            searcher: Searcher(session.store.database), administration: session.administration(environment))
        services.publicURL = publicURL
        services.oauth = session.oauth
        services.version = Drawbridge.version
        (services.log, services.metrics) = (log, Watchman.metrics)
        services.wake = { keeper.wake() }
        services.feed = feed
        services.provider = try Self.provider(settings, store: session.store)
        services.settings = { invocation.settings(stored: $0) }
        services.origins = Set(settings[SettingsTable.apiOrigins])
        self.services = services
        let (api, coco) = (API.server(services), API.coco(services))
        self.api = api
        surfaces = [{ api.answer($0) }, { coco.answer($0) }]
    }

    /// Scheme, host and port of an address.
    private static func origin(_ url: String) -> String {
        url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
    }

    private static func configuration(
        _ settings: SettingValues, _ certificate: CertificateFiles?
    ) throws -> WebServerConfiguration {
        var configuration = WebServerConfiguration(
            host: settings[SettingsTable.host], port: settings[SettingsTable.port])
        // The receiver itself refuses what is a little larger, and has the source's changes read instead.
        configuration.bodyLimit = WebhookPayload.byteLimit + (1 << 20)
        configuration.connectionLimit = OpenFiles.connections(wanted: settings[SettingsTable.connections])
        configuration.stopTime = .seconds(10)
        configuration.requestsPerClient = settings[SettingsTable.requestsPerClient]
        configuration.certificate = try certificate?.read()
        configuration.trustedProxies = try TrustedProxies(settings[SettingsTable.trustedProxies])
        return configuration
    }

    /// Serves until the surrounding task is cancelled.
    func run() async throws {
        let server = WebServer(configuration, handler: { handle($0) })
        let (listening, listens) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await readiness.during("keeper") { try await keeper.run() } }
            group.addTask { try await backups.run() }
            group.addTask { await feed.run() }
            group.addTask {
                try await server.run {
                    readiness.set("listener", runs: true)
                    Terminal.print("Listening on \(server.url)")
                    ServiceManager.tell("READY=1", environment)
                    listens.yield()
                }
            }
            group.addTask {
                for await _ in listening { try await greet(server) }
            }
            group.addTask { await renewCertificate(of: server) }
            group.addTask {
                for await _ in inbox.arrivals { keeper.wake() }
            }
            group.addTask {
                while (try? await Task.sleep(for: .seconds(60))) != nil {
                    await Watchman.writeMetrics(of: session, environment)
                }
            }
            group.addTask { await sweep() }
            // Whatever ends first, by failing or because it was cancelled, ends the others.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Leaves word that nobody keeps the sources in step any more.
    func retire() async throws { try await keeper.retire() }

    /// Clears away sessions, tokens and links that are over, once an hour.
    private func sweep() async {
        repeat {
            do {
                let key = try session.store.secretKey()
                try await session.store.write {
                    try SignInUpkeep.sweep(in: $0)
                    try GrantRecords.removeUnused(key: key, in: $0)
                }
                _ = try await session.grants.renewIdle()
            } catch {
                services.log.warning("sign_in_sweep_failed", "What is over could not be cleared away")
            }
        } while (try? await Task.sleep(for: .seconds(3_600))) != nil
    }

    /// Prints the link by which the first owner comes in, where there is none yet.
    private func greet(_ server: WebServer) async throws {
        guard let link = try await services.signIn.desk.makeSetupLink() else { return }
        let base = services.publicURL ?? server.url
        Terminal.print("Nobody owns this installation yet. Within a day, open: \(base)\(link.kind.path(link.secret))")
    }

    /// Reads the certificate again when asked to by SIGHUP.
    private func renewCertificate(of server: WebServer) async {
        for await _ in Signals.hangups() {
            guard let certificate else { continue }
            do {
                try server.replaceCertificate(try certificate.read())
                services.log.info("certificate_replaced", "The certificate was read again")
            } catch {
                Terminal.note("drawbridge: the certificate stays as it is: \(FailureReport(error).message)")
            }
        }
    }
}
