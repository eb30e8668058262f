import AccessControl
import AtlassianDocument
import Database
import IssueDecoding
import IssueModel
import Reading
import SearchIndex
import Store
import Synchronization
import Workspace

/// A small Cloud site in a real database, filled the way a synchronisation fills it.
///
/// PAY is browsed by the group Staff and has a level for its developers; PUB is open to anyone. Ada is a developer, Bob
/// is staff, Zed has no group, Gone is inactive.
final class TestSite: Sendable {
    let folder: TemporaryFolder
    let store: Store
    static let verified = Timestamp(milliseconds: 1_790_000_000_000)
    let clock = TestClock(verified.rawValue + 60_000)

    static let fields: [Field] = [
        Field(id: "aggregatetimespent", name: "Σ Time Spent", type: "number"),
        Field(id: "customfield_1", name: "Rank", type: "any", customType: "com.pyxis.greenhopper.jira:gh-lexo-rank"),
        Field(id: "customfield_2", name: "Story Points", type: "number", customType: "x:float"),
        Field(id: "customfield_3", name: "Area", type: "string", customType: "x:textfield"),
        Field(id: "customfield_4", name: "Area", type: "string", customType: "x:textfield"),
        Field(
            id: "customfield_5", name: "Sprint", type: "array", items: "json",
            customType: "com.pyxis.greenhopper.jira:gh-sprint"),
    ]

    init(sources: [String] = ["demo"]) async throws {
        folder = try TemporaryFolder()
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        store = try await Store(
            folder: DataFolder(path: folder.path + "/data", for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations, clock: { [clock] in clock.now })
        let key = try store.secretKey()
        let raw = store.raw
        for name in sources {
            try await store.write { context in
                let source = try SourceRecords.add(
                    Source(
                        name: name, url: "https://\(name).example.com", apiURL: "https://\(name).example.com",
                        product: .cloud, accessMode: .mirror, credentialKind: "anonymous", created: Self.verified),
                    credential: nil, key: key, in: context
                ).id
                try Self.storePeople(source, context)
                try Self.storeRules(source, context)
                for field in Self.fields { _ = try CatalogueRecords.store(field, source: source, in: context) }
                for text in [RawIssues.full, RawIssues.secret, RawIssues.open] {
                    try Self.store(RawIssue(issue: Array(text.utf8)), source, raw, context)
                }
            }
        }
    }

    private static func storePeople(_ source: Int64, _ context: WriteContext) throws {
        _ = try PeopleRecords.replaceAccounts(
            [
                Account(id: AccountID("ada"), displayName: "Ada", email: "Ada@example.com"),
                Account(id: AccountID("bob"), name: "bobby", displayName: "Bob", email: "shared@example.com"),
                Account(id: AccountID("zed"), displayName: "Zed", email: "shared@example.com"),
                Account(id: AccountID("gone"), displayName: "Gone", isActive: false),
            ], source: source, in: context)
        let staff = GroupID("g-1")
        try PeopleRecords.replaceGroups([Group(id: staff, name: "Staff")], source: source, in: context)
        try PeopleRecords.replaceMembers(
            of: staff, ["ada", "bob", "gone"].map { AccountID($0) }, source: source, in: context)
    }

    private static func storeRules(_ source: Int64, _ context: WriteContext) throws {
        func scheme(_ id: EntityID, _ holder: Holder) -> PermissionScheme {
            PermissionScheme(
                id: id, name: "Scheme \(id)", grants: [.init(permission: "BROWSE_PROJECTS", holder: holder)])
        }
        try AccessRecords.replacePermissionSchemes(
            [scheme("1", .group(GroupID("g-1"))), scheme("2", .anyone)], source: source, in: context)
        try AccessRecords.replaceSecurityLevels(
            [SecurityLevel(id: "20", name: "Developers only", members: [.projectRole("10100")])], source: source,
            in: context)
        for (id, key, schemeID) in [("10000", "PAY", "1"), ("20000", "PUB", "2")] {
            let project = EntityID(id)
            try ProjectRecords.store(
                Project(id: project, key: key, name: "\(key) project"), source: source, in: context)
            try ProjectRecords.setSchemes(
                of: project, permissionScheme: EntityID(schemeID), securityScheme: nil, source: source, in: context)
            try ProjectRecords.replaceRoles(
                of: project,
                [RoleActors(role: Entity(id: "10100", name: "Developers"), accounts: [AccountID("ada")], groups: [])],
                source: source, in: context)
            try ProjectRecords.setAccess(.verified, verified: verified, of: project, source: source, in: context)
        }
    }

    static func store(_ rawIssue: RawIssue, _ source: Int64, _ raw: RawRecords, _ context: WriteContext) throws {
        let rules = AudienceRules(
            try AccessRecords.facts(source: source, withPeople: false, in: context.connection))
        let issue = try IssueDecoder(fields: FieldCatalogue(fields), flavour: .cloud).decode(rawIssue)
        let audience = rules.audience(of: issue)
        func acl(_ key: AclKey) throws -> Int64 {
            try AccessRecords.intern(key, source: source, in: context)
        }
        let acls = IssueRecords.Acls(
            issue: try acl(audience.key), comments: try issue.comments.map { try acl(audience.key(of: $0)) },
            worklogs: try issue.worklogs.map { try acl(audience.key(of: $0)) },
            attachments: try issue.attachments.map { try acl(audience.key(of: $0)) })
        let parts = RawParts(rawIssue.parts.map { .init(name: $0.name, bytes: $0.bytes) })
        let id = try IssueRecords.replace(
            issue, raw: try raw.packer(source: source, in: context.connection).pack(parts), acls: acls,
            fetched: verified, source: source, in: context
        ).id
        var passages = [SearchPassage(.summary, text: issue.summary)]
        var restrictions: [Int64] = []
        for (comment, acl) in zip(issue.comments, acls.comments) {
            if acl != acls.issue { restrictions.append(acl) }
            passages.append(
                SearchPassage(
                    .comment, id: comment.id.rawValue, text: comment.body.plainText(),
                    restriction: acl == acls.issue ? nil : restrictions.count - 1))
        }
        try SearchIndexWriter.replace(
            issue: id, text: SearchText(passages), restrictions: restrictions, in: context.connection)
    }

    func issue(_ reference: String, as who: String?) async throws -> IssueView {
        try await IssueReader(store: store).issue(reference, as: who)
    }

    /// The error that reading an issue ends with, or `nil`.
    func refusal(_ reference: String, as who: String?) async throws -> ReadingError? {
        do {
            _ = try await issue(reference, as: who)
            return nil
        } catch let error as ReadingError {
            return error
        }
    }
}

/// The store's clock, which only the test moves; at first a minute after the rules were read.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ milliseconds: Int64) { self.milliseconds = Mutex(milliseconds) }

    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1_000 } }
}
