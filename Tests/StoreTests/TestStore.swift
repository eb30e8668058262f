import AccessControl
import AtlassianDocument
import Cryptography
import Database
import IssueModel
import Store
import Synchronization

/// A clock that stands still until it is set.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    /// Moves it on, or back.
    func advance(minutes: Int64 = 0, milliseconds: Int64 = 0) {
        now = Timestamp(milliseconds: now.rawValue + minutes * 60_000 + milliseconds)
    }
}

/// A store in a folder of its own with one source, that goes away with the test.
struct TestStore: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let key: SecretKey
    let source: Int64
    let clock: TestClock

    static let secret = "token-of-the-test-source"

    /// Leases are an hour.
    init(
        product: Source.Product = .cloud, mode: Source.AccessMode = .mirror,
        execution: Database.Options.Execution = .threads(readers: 2)
    ) async throws {
        folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.file("data"), for: .writing)
        key = try data.secretKey()
        let key = key
        let clock = TestClock()
        self.clock = clock
        store = try await Store(folder: data, options: .init(execution: execution), clock: { clock.now })
        source = try await store.write { context in
            try SourceRecords.add(
                .sample("test", product: product, mode: mode), credential: Array(Self.secret.utf8), key: key,
                in: context
            ).id
        }
    }

    /// Stores a project that everybody in group `g-dev` may browse.
    func addProject(_ key: String = "PAY", id: EntityID = "10000") async throws {
        let source = source
        try await store.write { context in
            try ProjectRecords.store(
                Project(id: id, key: key, name: "Project \(key)"), source: source, in: context)
            let scheme = PermissionScheme(
                id: "1", name: "Default",
                grants: [.init(permission: "BROWSE_PROJECTS", holder: .group(GroupID("g-dev")))])
            try AccessRecords.replacePermissionSchemes([scheme], source: source, in: context)
            try ProjectRecords.setSchemes(
                of: id, permissionScheme: "1", securityScheme: nil, source: source, in: context)
            try ProjectRecords.setAccess(.verified, verified: context.now, of: id, source: source, in: context)
        }
    }

    /// Stores people and puts them into `g-dev`.
    func addDevelopers(_ ids: [String]) async throws {
        let source = source
        try await store.write { context in
            try PeopleRecords.replaceAccounts(
                ids.map { Account(id: AccountID($0), displayName: "Person \($0)") }, source: source, in: context)
            try PeopleRecords.replaceGroups(
                [Group(id: GroupID("g-dev"), name: "developers")], source: source, in: context)
            try PeopleRecords.replaceMembers(
                of: GroupID("g-dev"), ids.map { AccountID($0) }, source: source, in: context)
        }
    }

    @discardableResult
    func put(
        _ issue: Issue, raw: String? = nil, fetched: Int64 = 1_000, force: Bool = false, began: Int64? = nil
    ) async throws -> (id: Int64, outcome: IssueRecords.Outcome) {
        let (store, source) = (store, source)
        return try await store.write { context in
            try Self.put(issue, raw: raw, fetched: fetched, force: force, began: began, store, source, context)
        }
    }

    static func put(
        _ issue: Issue, raw: String? = nil, fetched: Int64 = 1_000, force: Bool = false, began: Int64? = nil,
        _ store: Store,
        _ source: Int64, _ context: WriteContext
    ) throws -> (id: Int64, outcome: IssueRecords.Outcome) {
        let facts = try AccessRecords.facts(source: source, withPeople: false, in: context.connection)
        let rules = AudienceRules(facts)
        let audience = rules.audience(of: issue)
        func acl(_ key: AclKey) throws -> Int64 {
            try AccessRecords.intern(key, source: source, in: context)
        }
        let acls = IssueRecords.Acls(
            issue: try acl(audience.key), comments: try issue.comments.map { try acl(audience.key(of: $0)) },
            worklogs: try issue.worklogs.map { try acl(audience.key(of: $0)) },
            attachments: try issue.attachments.map { _ in try acl(audience.key) })
        let packed = try store.raw.packer(source: source, in: context.connection).pack(
            RawParts([.init(name: "issue", bytes: Array((raw ?? issue.summary).utf8))]))
        return try IssueRecords.replace(
            issue, raw: packed, acls: acls, fetched: Timestamp(milliseconds: fetched), force: force,
            began: began.map { Timestamp(milliseconds: $0) }, source: source, in: context)
    }

    func allowed(_ account: String) async throws -> AllowedSet {
        let (store, source) = (store, source)
        return try await store.read { try store.access.allowed(to: .accounts([source: AccountID(account)]), in: $0) }
    }

    func visible(_ account: String) async throws -> VisibleRecords {
        let (store, source) = (store, source)
        return try await store.read { connection in
            let allowed = try store.access.allowed(to: .accounts([source: AccountID(account)]), in: connection)
            return try VisibleRecords(source: source, allowed: allowed, in: connection)
        }
    }

    /// The first column of the first row.
    func number(_ sql: String) async throws -> Int? {
        try await store.read { try $0.first(sql) { $0.int(0) } }
    }
}

extension Source {
    static func sample(
        _ name: String, product: Product = .cloud, mode: AccessMode = .mirror, url: String = "https://a.example"
    ) -> Source {
        Source(
            name: name, url: url, apiURL: url, product: product, siteID: "s1", version: "1001.0", accessMode: mode,
            credentialKind: "apiToken", principal: AccountID("bot"), timeZone: "Europe/Berlin",
            scope: .init(projects: ["PAY"], jql: "created > \"2020-01-01\""), created: Timestamp(milliseconds: 5))
    }
}

extension Issue {
    static func sample(_ number: Int64, summary: String? = nil, updated: Int64 = 2_000) -> Issue {
        var issue = Issue(
            id: IssueID(10_000 + number), key: IssueKey("PAY-\(number)")!, project: Entity(id: "10000", name: "Pay"),
            projectKey: "PAY", summary: summary ?? "Issue number \(number)", type: IssueType(id: "1", name: "Bug"),
            status: Status(id: "3", name: "Open", category: .new), created: Timestamp(milliseconds: 1_000),
            updated: Timestamp(milliseconds: updated))
        issue.reporter = Account(id: AccountID("alice"), displayName: "Alice")
        issue.labels = ["backend", "urgent"]
        issue.components = [Entity(id: "c1", name: "API")]
        issue.fixVersions = [Version(id: "v1", name: "1.0", isReleased: true)]
        issue.sprints = [Sprint(id: "s1", name: "Sprint 1", state: "active")]
        issue.links = [
            IssueLink(
                id: "l1", typeName: "Blocks", direction: .outward, phrase: "blocks",
                other: Relative(id: IssueID(10_001), key: IssueKey("PAY-1")!))
        ]
        issue.comments = [.sample(number * 10), .sample(number * 10 + 1)]
        issue.worklogs = [
            Worklog(
                id: EntityID("\(number * 10)"), author: issue.reporter, started: Timestamp(milliseconds: 1),
                created: Timestamp(milliseconds: 1), updated: Timestamp(milliseconds: 1), seconds: 3_600)
        ]
        issue.attachments = [.sample(number * 10)]
        return issue
    }
}

extension Comment {
    static func sample(_ id: Int64, visibility: Visibility? = nil) -> Comment {
        Comment(
            id: EntityID("\(id)"), author: Account(id: AccountID("bob"), displayName: "Bob"),
            created: Timestamp(milliseconds: 1_500), updated: Timestamp(milliseconds: 1_500), body: Document(),
            visibility: visibility)
    }
}

extension Attachment {
    static func sample(_ id: Int64) -> Attachment {
        Attachment(
            id: EntityID("\(id)"), filename: "log \(id).txt", author: nil, created: Timestamp(milliseconds: 1_500),
            size: 120, mimeType: "text/plain", contentURL: "https://a.example/attachment/\(id)")
    }
}
