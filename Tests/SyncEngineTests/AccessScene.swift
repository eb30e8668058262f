import AccessControl
import AccessEngine
import Database
import Foundation
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import SearchIndex
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Workspace

/// A simulated site that answers in process, a data folder with it as the only source, and one clock for both.
final class AccessScene: Sendable {
    let jira: InProcessJira
    let clock: VirtualSiteClock
    let store: Store
    private let folder: String
    static let name = "sim"

    var site: SimulatedSite { jira.site }

    static func lent<Result>(
        _ configuration: SiteConfiguration, simulator: SimulatorConfiguration = .init(),
        mode: Source.AccessMode? = nil, anonymous: Bool = false, _ body: (AccessScene) async throws -> Result
    ) async throws -> Result {
        let clock = VirtualSiteClock(configuration.now)
        let site = SimulatedSite(configuration, clock: clock.clock)
        let jira = InProcessJira(
            site: site, configuration: simulator, pause: { clock.advance(by: Int64($0 / .milliseconds(1))) })
        let folder = NSTemporaryDirectory() + "drawbridge-access-\(UUID().uuidString)"
        var result: Swift.Result<Result, any Error>
        do {
            var options = Database.Options()
            options.onOpen = { try SearchIndex.register(on: $0) }
            let store = try await Store(
                folder: DataFolder(path: folder, for: .writing), options: options,
                migrations: Workspace.migrations + SearchIndex.migrations, clock: { .init(milliseconds: clock.now) })
            let scene = AccessScene(jira, clock, store, folder)
            let setup = scene.setup
            let credential = anonymous ? Credential.anonymous : scene.administrator
            _ = try await setup.add(
                .init(name: name, address: jira.url, credential: credential, mode: mode), to: store)
            result = .success(try await body(scene))
            await store.close()
        } catch {
            result = .failure(error)
        }
        try? FileManager.default.removeItem(atPath: folder)
        return try result.get()
    }

    private init(_ jira: InProcessJira, _ clock: VirtualSiteClock, _ store: Store, _ folder: String) {
        self.jira = jira
        self.clock = clock
        self.store = store
        self.folder = folder
    }

    private var administrator: Credential {
        guard let person = jira.credentials.administrator, let first = jira.credentials.all(of: person).first else {
            return .anonymous
        }
        return first.kind == .apiToken
            ? .apiToken(email: first.user, token: first.secret) : .personalAccessToken(first.secret)
    }

    private var options: SyncOptions {
        var options = SyncOptions()
        options.client.pacing.maximumRetries = 1
        options.client.pacing.maximumRateLimitRetries = 1
        options.client.pacing.firstBackoff = .milliseconds(1)
        options.client.pacing.longestBackoff = .milliseconds(1)
        return options
    }

    /// The site's clock, on which waits are over at once.
    var time: TimeSource {
        let clock = clock
        return TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { .init(milliseconds: clock.now) },
            sleep: { clock.advance(by: Int64($0 / .milliseconds(1))) })
    }

    var setup: SourceSetup {
        SourceSetup(transport: jira, gatewayURL: jira.gatewayHost, options: options.client, time: time)
    }

    func service(_ transport: (any HTTPTransport)? = nil) -> SyncService {
        SyncService(
            store: store, transport: transport ?? jira, gatewayURL: jira.gatewayHost, options: options, time: time)
    }

    /// As `sync --watch` runs it, by a clock that is so many seconds behind.
    func watching(every seconds: Int, behind: Int64 = 0) -> SyncService {
        var (options, time) = (options, time)
        options.accessInterval = .seconds(seconds)
        let clock = clock
        time.now = { .init(milliseconds: clock.now - behind * 1_000) }
        return SyncService(store: store, transport: jira, gatewayURL: jira.gatewayHost, options: options, time: time)
    }

    @discardableResult
    func synchronise(isFull: Bool = false) async throws(SyncFailure) -> SyncSummary {
        try await service().synchronise(Self.name, isFull ? .full : .all)
    }

    /// Lets some time pass, then refreshes; answers with the summary and what was asked of Jira.
    @discardableResult
    func refresh(
        _ extent: AccessRefresh.Extent = .due, after seconds: Int64 = 300, _ transport: (any HTTPTransport)? = nil
    ) async throws -> (summary: AccessRefreshSummary, asked: [String]) {
        clock.advance(by: seconds * 1_000)
        jira.log.reset()
        let summary = try await service(transport).refreshAccess(Self.name, extent)
        return (summary, jira.log.entries.map(\.target))
    }

    func source() async throws -> Source {
        guard let source = try await store.read({ try SourceRecords.find(Self.name, in: $0) }) else {
            throw StoreError(.notFound, "The source is gone")
        }
        return source
    }

    func change(_ body: (inout SiteState, SiteState.Hand) -> Void) {
        clock.advance(by: 1_000)
        site.change { body(&$0, SiteState.Hand(user: 0, now: clock.now)) }
    }

    func account(_ user: Int) -> AccountID {
        let person = site.current().users[user]
        return AccountID(site.configuration.flavour.isCloud ? person.accountID : person.key)
    }

    func reader(_ user: Int) async throws -> Reader { .accounts([try await source().id: account(user)]) }

    /// What a reader is shown.
    func visible(to reader: Reader) async throws -> VisibleRecords {
        let (id, access) = (try await source().id, store.access)
        return try await store.read { connection in
            try VisibleRecords(source: id, allowed: try access.allowed(to: reader, in: connection), in: connection)
        }
    }

    func seen(by user: Int) async throws -> Seen { Seen(try await visible(to: try await reader(user))) }

    /// Whom the site shows something else than we do, of those records that are stored, by display name.
    func mistaken() async throws -> [String] {
        let state = site.current()
        let stored = Seen(try await visible(to: .operator))
        // What the source's own account no longer sees stays as it was until a census tells.
        let readable = Set(jira.credentials.administrator.map { jira.truth(for: .user($0.index)).issues } ?? [])
        let hidesLevels = !state.configuration.flavour.isCloud
        let untold = Set(
            (0..<state.issueCount).filter {
                !readable.contains(state.row($0).id) || hidesLevels && state.row($0).level != 0
            })
        var wrong: [String] = []
        for user in state.users {
            let seen = try await seen(by: user.index).without(untold, state)
            let truth = Seen(jira.truth(for: .user(user.index))).meeting(stored).without(untold, state)
            if seen != truth { wrong.append("\(user.displayName): \(seen.difference(truth))") }
        }
        return wrong
    }

    /// How each project stands, by key.
    func standings() async throws -> [String: ProjectAccess] {
        let (source, now) = (try await source(), Timestamp(milliseconds: clock.now))
        return try await store.read { connection in
            let all = try ProjectRecords.all(source: source.id, in: connection)
            return Dictionary(
                all.map { ($0.project.key, ProjectRecords.access(of: $0, source: source, now: now)) }
            ) { first, _ in first }
        }
    }

    /// Keys of projects that are shown.
    func shown() async throws -> Set<String> { Set(try await standings().filter(\.value.isShown).keys) }

    func issueChanges() async throws -> String {
        try await store.read { connection in
            try connection.rows("SELECT id, acl_id, fetched FROM issue ORDER BY id") {
                "\($0.int64(0)) \($0.int64(1)) \($0.int64(2))"
            }.joined(separator: "\n")
        }
    }
}
