import AccessControl
import Database
import IssueModel
import Store
import Testing

@Suite struct AccessModeTests {
    struct Expectation: CustomTestStringConvertible {
        var mode: Source.AccessMode
        var anonymous: Int
        var unlinked: Int
        var member: Int
        var stranger: Int
        var testDescription: String { mode.rawValue }
    }

    @Test(
        "each mode shows an issue to whom it should",
        arguments: [
            Expectation(mode: .mirror, anonymous: 0, unlinked: 0, member: 1, stranger: 0),
            Expectation(mode: .linked, anonymous: 0, unlinked: 0, member: 1, stranger: 0),
            Expectation(mode: .public, anonymous: 1, unlinked: 1, member: 1, stranger: 1),
            Expectation(mode: .shared, anonymous: 0, unlinked: 1, member: 1, stranger: 1),
        ])
    func modes(_ expected: Expectation) async throws {
        let test = try await TestStore(mode: expected.mode)
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        try await test.list("alice", [10_001])
        let (store, id) = (test.store, test.source)
        func count(_ reader: Reader) async throws -> Int {
            try await store.read { connection in
                let allowed = try store.access.allowed(to: reader, in: connection)
                return try VisibleRecords(source: id, allowed: allowed, in: connection).issues.count
            }
        }
        #expect(try await count(.anonymous) == expected.anonymous)
        #expect(try await count(.accounts([:])) == expected.unlinked)
        #expect(try await count(.accounts([id: AccountID("alice")])) == expected.member)
        #expect(try await count(.accounts([id: AccountID("nobody")])) == expected.stranger)
        try await store.write { try SourceRecords.remove(id, in: $0) }
        #expect(try await count(.accounts([id: AccountID("alice")])) == 0)
        #expect(try await count(.operator) == 1)
        #expect(try await test.number("SELECT count(*) FROM listing") == 0)
    }

    @Test(
        "a stricter mode closes what the wider one showed, in the transaction that changes it",
        arguments: [Source.AccessMode.public, .shared])
    func stricter(_ mode: Source.AccessMode) async throws {
        let test = try await TestStore(mode: mode)
        try await test.addProject()
        try await test.addDevelopers(["alice", "eve"])
        try await test.put(.sample(1))
        #expect(try await test.visible("eve").issues.count == 1)
        let id = test.source
        try await test.store.write {
            try PeopleRecords.replaceMembers(of: GroupID("g-dev"), [AccountID("alice")], source: id, in: $0)
        }
        try await test.change(to: .mirror)
        #expect(try await test.visible("eve").issues.isEmpty)
        #expect(try await test.visible("alice").issues.count == 1)
    }

    @Test("entering the linked mode closes all until keys name their issues, and then lists decide")
    func linking() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        let issue = Issue.sample(1)
        try await test.put(issue)
        try await test.list("alice", [10_001])
        try await test.change(to: .linked)
        #expect(try await test.visible("alice").issues.isEmpty)
        let (store, id) = (test.store, test.source)
        let outdated = try await store.read { connection in
            let rules = AudienceRules(try AccessRecords.facts(source: id, withPeople: false, in: connection))
            let acls = try AccessRecords.outdated(rules: rules, source: id, in: connection)
            return try IssueRecords.identities(withAcls: acls, source: id, in: connection)
        }
        #expect(outdated == [IssueID(10_001)])
        #expect(try await test.rewriteAcls(of: issue) == 1)
        #expect(try await test.rewriteAcls(of: issue) == nil)
        let seen = try await test.visible("alice")
        #expect(seen.issues == [IssueID(10_001)])
        #expect(seen.comments.count == 2)
        #expect(seen.attachments.count == 1)
    }

    @Test(
        "a project that came with an issue alone is closed until it is verified",
        arguments: [
            Source.AccessMode.public, .shared,
        ])
    func unknownProject(_ mode: Source.AccessMode) async throws {
        let test = try await TestStore(mode: mode)
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        #expect(try await test.visible("alice").issues.isEmpty)
        try await test.addProject()
        let id = test.source
        try await test.store.write { _ = try AccessRecords.recompute(source: id, in: $0) }
        #expect(try await test.visible("alice").issues.count == 1)
    }
}

extension TestStore {
    func list(
        _ account: String, _ issues: [Int64], scope: Listing.Scope = .all,
        restrictions: Set<Listing.Shown> = []
    ) async throws {
        let source = source
        try await store.write { context in
            let listing = Listing(
                account: AccountID(account), scope: scope, issues: issues.map { IssueID($0) },
                restrictions: restrictions, verified: context.now)
            try Listings.put(listing, source: source, in: context)
        }
    }

    func change(to mode: Source.AccessMode) async throws {
        let source = source
        try await store.write { context in
            var site = try #require(try SourceRecords.source(source, in: context.connection))
            site.accessMode = mode
            try SourceRecords.update(site, in: context)
        }
    }

    /// Derives the keys of a stored issue again, as after a change of mode.
    func rewriteAcls(of issue: Issue) async throws -> Int64? {
        let source = source
        return try await store.write { context in
            let facts = try AccessRecords.facts(source: source, withPeople: false, in: context.connection)
            let rules = AudienceRules(facts)
            let audience = rules.audience(of: issue)
            func acl(_ key: AclKey) throws -> Int64 {
                try AccessRecords.intern(key, source: source, in: context)
            }
            let acls = IssueRecords.Acls(
                issue: try acl(audience.key), comments: try issue.comments.map { try acl(audience.key(of: $0)) },
                worklogs: try issue.worklogs.map { try acl(audience.key(of: $0)) },
                attachments: try issue.attachments.map { try acl(audience.key(of: $0)) })
            return try IssueRecords.setAcls(acls, of: issue, source: source, in: context)
        }
    }
}
