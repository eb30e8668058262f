import Backup
import Configuration
import Console
import Database
import Foundation
import HTTPClient
import HTTPMessages
import IssueModel
import JiraOAuth
import SearchIndex
import Secrets
import SiteConnection
import SourceAdministration
import Store
import StoreSchema
import SyncEngine
import WebAPI

/// An open data folder, for the length of one command.
struct Session {
    let store: Store
    /// Reaches Jira, with the tokens of OAuth grants where a credential is one.
    let transport: any HTTPTransport
    let oauth: OAuthService
    /// Renews OAuth grants; one for the process, so that each is renewed once.
    let grants: GrantKeeper

    private init(store: Store, _ environment: [String: String]) {
        self.store = store
        let settings = SettingValues(environment: environment)
        let endpoints = OAuthEndpoints(
            authorization: settings[SettingsTable.atlassianAuth], api: settings[SettingsTable.atlassianAPI])
        grants = GrantKeeper(store: store, transport: CurlTransport(), endpoints: endpoints)
        transport = OAuthTransport(CurlTransport(), keeper: grants)
        oauth = OAuthService(store: store, transport: transport, endpoints: endpoints)
    }

    /// Names whoever holds the data folder in leases. It is one process at a time, so that the next one goes on where a killed
    /// one was.
    static let holder = "writer"

    /// Opens the data folder that the command line names, runs `body`, and closes it again.
    ///
    /// - Parameter role: What other commands are told that this process does: one that has a role answers their requests.
    static func with<Result>(
        _ invocation: Invocation, for access: DataFolder.Access, role: String? = nil,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        try await with(
            folder: invocation.dataFolder, for: access, role: role,
            keepCopy: invocation.settings[SettingsTable.upgradeCopy]
        ) { session in
            let result = try await body(session)
            if access == .writing { await Watchman.writeMetrics(of: session, invocation.environment) }
            return result
        }
    }

    /// What an upgrade of a data folder would do.
    static func upgrade(of folder: String) -> Upgrade {
        Upgrade(
            dataFolder: folder, program: Drawbridge.version, migrations: Schema.migrations + Installation.migrations,
            onOpen: { try SearchIndex.register(on: $0) })
    }

    /// Opens a data folder, runs `body`, and closes it again.
    ///
    /// - Parameter keepCopy: Whether a backup is kept before an older program's tables are changed.
    static func with<Result>(
        folder path: String, for access: DataFolder.Access, role: String? = nil, keepCopy: Bool = true,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        let environment = ProcessInfo.processInfo.environment
        let folder = try DataFolder(path: path, for: access, key: try KeySource.key(environment))
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        let upgrade = upgrade(of: path)
        let plan = try await upgrade.plan()
        if access == .writing, plan.isNeeded, keepCopy { try await upgrade.keepCopy(at: now.rawValue) }
        let store = try await Store(folder: folder, options: options, migrations: Installation.migrations)
        if access == .writing, let file = try upgrade.settleCopy(at: now.rawValue) {
            Terminal.note("The tables were brought up to date; a copy of what was is kept: \(file)")
        }
        if access == .writing, plan.writtenBy != Drawbridge.version {
            try await store.write { try Settings.set(Upgrade.programSetting, Drawbridge.version, in: $0) }
        }
        if let role { folder.announce(role: role) }
        do {
            if access == .writing { try await settleKey(of: store, path) }
            let result = try await body(Session(store: store, environment))
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// Finishes what a killed 'key rotate' began, and notes which key seals.
    private static func settleKey(of store: Store, _ folder: String) async throws {
        if try await KeyRotation.settle(folder: folder, store: store) {
            Terminal.note("A change of the key that had been broken off is settled.")
        }
        guard try await store.read({ try Secrets.storedMark(in: $0) }) == nil else { return }
        let key = try store.secretKey()
        try await store.write { try Secrets.check(key, at: $0.now, in: $0.connection) }
    }

    func source(named name: String) async throws -> Source {
        guard let source = try await store.read({ try SourceRecords.find(name, in: $0) }) else {
            throw StoreError(
                .notFound, "There is no source named '\(name)'; 'drawbridge source list' shows the sources")
        }
        return source
    }

    static func setup(_ environment: [String: String]) -> SourceSetup {
        SourceSetup(transport: CurlTransport(), gatewayURL: gatewayURL(environment))
    }

    /// What is done to sources, with this command as whoever does it.
    func administration(_ environment: [String: String]) -> SourceAdministration {
        SourceAdministration(
            store: store, setup: SourceSetup(transport: transport, gatewayURL: Self.gatewayURL(environment)),
            service: synchroniser(environment),
            log: Watchman.log(environment))
    }

    /// - Parameter accessInterval: Where the program goes on by itself: how often it reads who may see what.
    func synchroniser(_ environment: [String: String], accessInterval: Duration? = nil) -> SyncService {
        var options = SyncOptions()
        options.accessInterval = accessInterval
        return SyncService(
            store: store, transport: transport, gatewayURL: Self.gatewayURL(environment), options: options,
            extractor: SandboxedReader(), log: Watchman.log(environment), metrics: Watchman.metrics)
    }

    static func gatewayURL(_ environment: [String: String]) -> String {
        SettingValues(environment: environment)[SettingsTable.atlassianAPI]
    }

    static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}
