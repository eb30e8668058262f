import AccessControl
import AccessEngine
import Database
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import Observability
import SearchIndex
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing
import Workspace

/// A tiny simulated site, wholly synchronised, with members who may link their accounts by token.
final class ListingScene: Sendable {
    let folder: TemporaryFolder
    let jira: InProcessJira
    let store: Store
    let clock: VirtualSiteClock
    let log = MemoryLog()

    init(
        seed: UInt64 = 2, _ flavour: SiteFlavour = .cloud, mode: Source.AccessMode = .mirror,
        isSynchronised: Bool = true
    ) async throws {
        folder = try TemporaryFolder()
        let configuration = SiteConfiguration.tiny(seed: seed, flavour: flavour, administratorSeesAll: true)
        let clock = VirtualSiteClock(configuration.now)
        self.clock = clock
        jira = InProcessJira(
            site: SimulatedSite(configuration, clock: clock.clock),
            pause: { clock.advance(by: Int64($0 / .milliseconds(1))) })
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        store = try await Store(
            folder: DataFolder(path: folder.path + "/data", for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations,
            clock: { Timestamp(milliseconds: clock.now) })
        let administrator = try credential(of: TinySite.administrator)
        let setup = SourceSetup(transport: jira, gatewayURL: jira.gatewayHost, options: clientOptions, time: time)
        _ = try await setup.add(
            .init(name: "work", address: jira.url, credential: administrator, mode: mode), to: store)
        if isSynchronised { _ = try await service.synchronise("work") }
    }

    /// The site's own clock, and waits that are over at once.
    var time: TimeSource {
        let clock = clock
        return TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { Timestamp(milliseconds: clock.now) },
            sleep: { clock.advance(by: Int64($0 / .milliseconds(1))) })
    }

    private var clientOptions: JiraClient.Options {
        var options = JiraClient.Options()
        options.pacing.firstBackoff = .milliseconds(1)
        options.pacing.longestBackoff = .milliseconds(1)
        return options
    }

    var service: SyncService {
        var options = SyncOptions()
        options.client = clientOptions
        return SyncService(
            store: store, transport: jira, gatewayURL: jira.gatewayHost, options: options, time: time,
            log: log.log(clock: { 0 }))
    }

    var isCloud: Bool { jira.site.configuration.flavour.isCloud }

    func source() async throws -> Source {
        try #require(try await store.read { try SourceRecords.find("work", in: $0) })
    }

    // MARK: People

    func account(_ person: Int) -> AccountID {
        let user = jira.site.current().users[person]
        return AccountID(isCloud ? user.accountID : user.key)
    }

    func credential(of person: Int) throws -> Credential {
        let kind: SimulatedCredential.Kind = isCloud ? .apiToken : .personalAccessToken
        let all = jira.credentials.all(of: jira.site.current().users[person])
        let credential = try #require(all.first { $0.kind == kind })
        return isCloud
            ? .apiToken(email: credential.user, token: credential.secret) : .personalAccessToken(credential.secret)
    }

    func secret(of person: Int) -> String {
        let user = jira.site.current().users[person]
        return isCloud ? user.apiToken : user.personalAccessToken
    }

    /// A member who has proven the account with a token.
    @discardableResult
    func link(_ person: Int) async throws -> Member {
        let (now, source) = (time.now(), try await source())
        let member = try await store.write {
            try MemberRecords.add(Member(email: "member\(person)@here.example", added: now), in: $0)
        }
        _ = try await PersonalLink(store: store, transport: jira, gatewayURL: jira.gatewayHost, time: time)
            .link(member, to: source, with: credential(of: person))
        return member
    }

    /// Keeps a credential for an account as it never would be proven.
    func plant(_ credential: Credential, as account: AccountID) async throws {
        let (now, source, key) = (time.now(), try await source(), try store.secretKey())
        let bytes = try #require(CredentialRecord.bytes(credential))
        let url = jira.url
        try await store.write { context in
            let member = try MemberRecords.add(Member(email: "planted@here.example", added: now), in: context)
            try PersonalCredentials.put(
                bytes, kind: credential.kind, apiURL: url, account: account, of: member.id, source: source.id,
                key: key, at: now, in: context)
        }
    }

    /// People who may sign in and use Jira.
    static let people = [
        TinySite.administrator, TinySite.developer, TinySite.lead, TinySite.officer, TinySite.agent, TinySite.nested,
    ]

    // MARK: What is shown

    func visible(to person: Int) async throws -> VisibleRecords {
        let (source, store, reader) = (
            try await source(), store, Reader.accounts([try await source().id: account(person)])
        )
        return try await store.read { connection in
            try VisibleRecords(
                source: source.id, allowed: store.access.allowed(to: reader, in: connection), in: connection)
        }
    }

    func issues(of person: Int) async throws -> [Int] { try await visible(to: person).issues.map { Int($0.rawValue) } }

    /// What Jira shows a person, of what is live.
    func truth(_ person: Int) -> SiteTruth {
        var truth = jira.truth(for: .user(person))
        let state = jira.site.current()
        truth.issues = truth.issues.filter { id in
            state.ordinal(id: id).map { state.row($0).state == .live } ?? false
        }.sorted()
        truth.comments.sort()
        return truth
    }

    @discardableResult
    func refreshListings(_ extent: ListingRefresh.Extent = .everything) async throws -> ListingSummary {
        clock.advance(by: 1_000)
        return try await service.refreshListings("work", extent)
    }

    func audit(pairs: Int = 100_000, seed: UInt64 = 1) async throws -> AuditSummary {
        clock.advance(by: 1_000)
        var limits = AccessAudit.Limits()
        (limits.pairs, limits.parts) = (pairs, 1_000)
        return try await service.auditAccess("work", limits: limits, seed: seed)
    }

    func change(_ body: (inout SiteState, SiteState.Hand) throws -> Void) rethrows {
        clock.advance(by: 60_000)
        let hand = SiteState.Hand(user: 0, now: clock.now)
        try jira.site.change { try body(&$0, hand) }
    }

    func listing(_ person: Int) async throws -> Listings.Record? {
        let (source, account) = (try await source(), account(person))
        return try await store.read { try Listings.record(account, source: source.id, in: $0) }
    }
}

/// Does something before it passes a request on whose address holds a word.
struct InterruptingTransport: HTTPTransport {
    let transport: any HTTPTransport
    let word: String
    let interruption: @Sendable () async -> Void

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        if request.url.contains(word) { await interruption() }
        return try await transport.send(request)
    }
}
