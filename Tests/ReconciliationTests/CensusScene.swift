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
import Testing
import Workspace

@testable import Reconciliation

/// A simulated site in process, a data folder with it as the only source, read once, and one clock for both.
final class CensusScene: Sendable {
    let jira: InProcessJira
    let clock: VirtualSiteClock
    let store: Store
    let folder: String
    static let name = "sim"

    var site: SimulatedSite { jira.site }

    /// - Parameters:
    ///   - isFreePlan: Whether the site keeps no audit log, so that only asking tells what was deleted.
    ///   - page: Issues that a site of Data Center gives at once.
    static func lent<Result>(
        _ flavour: SiteFlavour = .cloud, issues: Int = 150, levels: Bool = true, isFreePlan: Bool = true,
        scope: Source.Scope = .init(), account: Int? = nil, reads: Bool = true,
        page: Int? = nil, _ body: (CensusScene) async throws -> Result
    ) async throws -> Result {
        var configuration = SiteConfiguration(flavour: flavour, seed: 11, issueCount: issues, averageIssueBytes: 500)
        configuration.features.securityLevels = levels
        configuration.features.attachments = false
        let clock = VirtualSiteClock(configuration.now)
        var settings = SimulatorConfiguration()
        settings.isFreePlan = isFreePlan
        settings.issuePageLimit = page
        let jira = InProcessJira(
            site: SimulatedSite(configuration, clock: clock.clock), configuration: settings,
            pause: { clock.advance(by: Int64($0 / .milliseconds(1))) })
        let folder = NSTemporaryDirectory() + "drawbridge-census-\(UUID().uuidString)"
        var result: Swift.Result<Result, any Error>
        do {
            var options = Database.Options()
            options.onOpen = { try SearchIndex.register(on: $0) }
            let store = try await Store(
                folder: DataFolder(path: folder, for: .writing), options: options,
                migrations: Workspace.migrations + SearchIndex.migrations, clock: { .init(milliseconds: clock.now) })
            let scene = CensusScene(jira, clock, store, folder, account)
            let setup = SourceSetup(
                transport: jira, gatewayURL: jira.gatewayHost, options: scene.options.client, time: scene.time)
            _ = try await setup.add(
                .init(
                    name: name, address: jira.url, credential: scene.credential, projects: scope.projects,
                    jql: scope.jql), to: store)
            if reads { try await scene.read() } else { _ = try await scene.service.refreshAccess(name, .everything) }
            clock.advance(by: 60_000)
            result = .success(try await body(scene))
            await store.close()
        } catch {
            result = .failure(error)
        }
        try? FileManager.default.removeItem(atPath: folder)
        return try result.get()
    }

    private let account: Int?

    private init(
        _ jira: InProcessJira, _ clock: VirtualSiteClock, _ store: Store, _ folder: String, _ account: Int?
    ) {
        self.jira = jira
        self.clock = clock
        self.store = store
        self.folder = folder
        self.account = account
    }

    var credential: Credential {
        let person = account.map { site.current().users[$0] } ?? jira.credentials.administrator
        guard let person, let first = jira.credentials.all(of: person).first else { return .anonymous }
        return first.kind == .apiToken
            ? .apiToken(email: first.user, token: first.secret) : .personalAccessToken(first.secret)
    }

    var options: SyncOptions {
        var options = SyncOptions()
        options.client.pacing.maximumRetries = 1
        options.client.pacing.maximumRateLimitRetries = 1
        options.client.pacing.firstBackoff = .milliseconds(1)
        options.client.pacing.longestBackoff = .milliseconds(1)
        return options
    }

    var time: TimeSource {
        let clock = clock
        return TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { .init(milliseconds: clock.now) },
            sleep: { clock.advance(by: Int64($0 / .milliseconds(1))) })
    }

    var service: SyncService {
        SyncService(store: store, transport: jira, gatewayURL: jira.gatewayHost, options: options, time: time)
    }

    func client(_ transport: (any HTTPTransport)? = nil) async throws -> JiraClient {
        let transport = transport ?? jira
        let identity = try await SiteProbe(transport: transport, apiURL: jira.gatewayHost, time: time)
            .identify(SiteAddress(jira.url), credential)
        return JiraClient(identity, credential, transport: transport, options: options.client, time: time)
    }

    // MARK: Acting

    @discardableResult
    func read(_ extent: SyncExtent = .all) async throws -> SyncSummary {
        try await service.synchronise(Self.name, extent)
    }

    func makeCensus(_ transport: (any HTTPTransport)? = nil) async throws -> Census {
        Census(store: store, client: try await client(transport), source: try await source(), time: time)
    }

    /// A whole census, and the reading of what it found.
    @discardableResult
    func census() async throws -> CensusSummary {
        let summary = try await makeCensus().run()
        try await read(.pending)
        return summary
    }

    /// Lets time pass, then reads who may see what, and what waits by then.
    func pass(minutes: Int64) async throws {
        clock.advance(by: minutes * 60_000)
        _ = try await service.refreshAccess(Self.name, .everything)
        try await read(.pending)
    }

    /// Says that something may have happened to issues.
    func hint(_ issues: [IssueID], _ cause: PendingIssues.Cause) async throws {
        let (id, now) = (try await source().id, Timestamp(milliseconds: clock.now))
        try await store.write { try PendingIssues.add(issues, cause: cause, at: now, source: id, in: $0) }
    }

    func change(_ body: (inout SiteState, SiteState.Hand) -> Void) {
        clock.advance(by: 1_000)
        site.change { body(&$0, SiteState.Hand(user: 0, now: clock.now)) }
    }

    /// Positions of live issues of a project, without those that have sub-tasks or are some.
    func issues(of key: String) -> [Int] {
        let state = site.current()
        guard let project = state.projects.first(where: { $0.key == key }) else { return [] }
        return (0..<state.issueCount).filter { ordinal in
            let row = state.row(ordinal)
            return Int(row.project) == project.index && row.state == .live && row.parent < 0
                && state.children(of: ordinal).isEmpty
        }
    }

    /// Those of projects in which single issues may be restricted, so that Jira could hide any; Cloud only.
    func teamManagedIssues() -> [Int] { ["TMO", "TML", "TMP"].flatMap { issues(of: $0) } }

    func id(_ ordinal: Int) -> IssueID { IssueID(Int64(site.current().row(ordinal).id)) }

    // MARK: Looking

    func source() async throws -> Source {
        try #require(try await store.read { try SourceRecords.find(Self.name, in: $0) })
    }

    func row(_ issue: IssueID) async throws -> StoredRow? {
        let id = try await source().id
        return try await store.read { try IssueRecords.row(issue, source: id, in: $0) }
    }

    /// Whether a search by an administrator or the operator can find it.
    func isIndexed(_ issue: IssueID) async throws -> Bool {
        try await count(
            "SELECT count(*) FROM search_issue s JOIN issue i ON i.id = s.issue_id WHERE i.jira_id = \(issue)") > 0
    }

    func grave(_ issue: IssueID) async throws -> Graves.Entry? {
        let id = try await source().id
        return try await store.read { try Graves.entry(of: issue, source: id, in: $0) }
    }

    func count(_ sql: String) async throws -> Int {
        try await store.read { connection in try connection.first(sql) { $0.int(0) } ?? 0 }
    }

    /// What the site's account may see of what is stored and shown.
    func shown() async throws -> Set<IssueID> {
        Set(
            try await store.read { connection in
                try connection.rows("SELECT jira_id FROM issue WHERE state = 'live'") { IssueID($0.int64(0)) }
            })
    }

    /// What Jira shows the source's account.
    func truth() -> Set<IssueID> {
        let person = account.map { site.current().users[$0] } ?? jira.credentials.administrator
        let caller: Caller = person.map { .user($0.index) } ?? .anonymous
        return Set(jira.truth(for: caller).issues.map { IssueID(Int64($0)) })
    }
}
