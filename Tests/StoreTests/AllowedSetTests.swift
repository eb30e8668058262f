import AccessControl
import Database
import Dispatch
import IssueModel
import Store
import Testing

@Suite struct AllowedSetTests {
    @Test("acls that come later are added to a remembered set without moving the version")
    func extended() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice", "bob"])
        let id = test.source
        try await test.store.write { context in
            let grants = [Holder.reporter, .assignee].map {
                PermissionScheme.Grant(permission: "BROWSE_PROJECTS", holder: $0)
            }
            try AccessRecords.replacePermissionSchemes(
                [PermissionScheme(id: "1", name: "Own", grants: grants)], source: id, in: context)
        }
        func issue(_ number: Int64, by who: String) -> Issue {
            var issue = Issue.sample(number)
            issue.reporter = Account(id: AccountID(who), displayName: who)
            return issue
        }
        try await test.put(issue(1, by: "bob"))
        let before = try await test.allowed("alice")
        #expect(before.count == 0)
        // Alice is interned as a principal only now, and the author of the second issue as an account.
        try await test.put(issue(2, by: "alice"))
        try await test.put(issue(3, by: "carol"))
        let after = try await test.allowed("alice")
        #expect(after.accessVersion == before.accessVersion)
        #expect(after.count == 1)
        #expect(try await test.visible("alice").issues == [IssueID(10_002)])
        #expect(try await test.visible("bob").issues == [IssueID(10_001)])
    }

    @Test("the set of an account that is not known yet is not remembered")
    func unknownAccount() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let id = test.source
        try await test.store.write { context in
            try AccessRecords.replacePermissionSchemes(
                [.init(id: "1", name: "Open", grants: [.init(permission: "BROWSE_PROJECTS", holder: .anyone)])],
                source: id, in: context)
        }
        #expect(try await test.allowed("bob").count == 0)
        // Bob comments on it, and so becomes known.
        try await test.put(.sample(1))
        #expect(try await test.visible("bob").issues.count == 1)
    }

    @Test("a key made by rules that were tightened since gets the clauses of now")
    func lateKey() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        let id = test.source
        let key = AclKey(AclInputs(project: "10000"))
        let acls = try await test.store.write { context in
            let before = try AccessRecords.intern(
                AclKey(AclInputs(project: "10000", level: "1")), source: id, in: context)
            // Nobody has an acl of the key yet, so there is nothing that could be derived again.
            try AccessRecords.replacePermissionSchemes(
                [PermissionScheme(id: "1", name: "Closed", grants: [])], source: id, in: context)
            return [before, try AccessRecords.intern(key, source: id, in: context)]
        }
        let allowed = try await test.allowed("alice")
        #expect(acls.filter(allowed.contains) == [])
    }

    @Test("every tightening takes effect with the transaction that makes it", arguments: Tightening.all)
    func tightening(_ tightening: Tightening) async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        var issue = Issue.sample(1)
        issue.comments.append(.sample(99, visibility: Visibility(kind: .role, name: "Admins")))
        let (store, id) = (test.store, test.source)
        try await store.write { context in
            let role = RoleActors(
                role: Entity(id: "7", name: "Admins"), accounts: [AccountID("alice")], groups: [])
            try ProjectRecords.replaceRoles(of: "10000", [role], source: id, in: context)
        }
        try await test.put(issue)
        #expect(try await test.visible("alice").comments.count == 3)
        let first = AsyncStream<Void>.makeStream()
        let changed = DispatchSemaphore(value: 0)
        let reader = Reader.accounts([id: AccountID("alice")])
        // A query that began before keeps what it began with, to its end.
        async let during = store.read { connection in
            let before = try VisibleRecords(
                source: id, allowed: store.access.allowed(to: reader, in: connection), in: connection)
            first.continuation.finish()
            changed.wait()
            let set = try store.access.allowed(to: reader, in: connection)
            return (before, try VisibleRecords(source: id, allowed: set, in: connection), set.accessVersion)
        }
        for await _ in first.stream {}
        try await store.write { try tightening.make($0, id) }
        let after = try await test.visible("alice")
        changed.signal()
        let (before, again, version) = try await during
        #expect(before == again)
        #expect(before.comments.count == 3)
        #expect(after.comments.count < 3)
        #expect(try await test.allowed("alice").accessVersion > version)
        #expect(try await test.visible("alice") == after)
    }

    struct Tightening: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var make: @Sendable (WriteContext, Int64) throws -> Void

        static let all: [Tightening] = [
            .init(testDescription: "left the group") {
                try PeopleRecords.replaceMembers(of: GroupID("g-dev"), [], source: $1, in: $0)
            },
            .init(testDescription: "lost the role") {
                try ProjectRecords.replaceRoles(of: "10000", [], source: $1, in: $0)
            },
            .init(testDescription: "group deleted") {
                try PeopleRecords.removeGroup(GroupID("g-dev"), source: $1, in: $0)
            },
            .init(testDescription: "became inactive") {
                let alice = Account(id: AccountID("alice"), displayName: "Alice", isActive: false)
                try PeopleRecords.storeAccounts([alice], source: $1, in: $0)
            },
            .init(testDescription: "grant removed") {
                try AccessRecords.replacePermissionSchemes(
                    [PermissionScheme(id: "1", name: "Default", grants: [])], source: $1, in: $0)
                try AccessRecords.recompute(source: $1, in: $0)
            },
            .init(testDescription: "project hidden") {
                try ProjectRecords.setAccess(.hidden, verified: nil, of: "10000", source: $1, in: $0)
            },
            .init(testDescription: "project gone") { try ProjectRecords.retire(notIn: [], source: $1, in: $0) },
            .init(testDescription: "issue withheld") {
                _ = try Withheld.put(IssueID(10_001), reason: "r", at: $0.now, source: $1, in: $0)
            },
            .init(testDescription: "mode made linked") { context, source in
                var site = try #require(try SourceRecords.source(source, in: context.connection))
                site.accessMode = .linked
                try SourceRecords.update(site, in: context)
            },
            .init(testDescription: "source removed") { try SourceRecords.remove($1, in: $0) },
        ]
    }
}
