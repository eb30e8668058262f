import AccessControl
import Database
import IssueModel
import Store
import Testing

@Suite struct AccessRecordsTests {
    @Test("members see a project's issues with everything on them, others nothing, the operator all")
    func browse() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        let seen = try await test.visible("alice")
        #expect(seen.issues == [IssueID(10_001)])
        #expect(seen.comments == ["10", "11"])
        #expect(seen.worklogs == ["10"])
        #expect(seen.attachments == ["10"])
        #expect(try await test.visible("stranger").issues.isEmpty)
        let (store, source) = (test.store, test.source)
        let (operatorSees, anonymousSees) = try await store.read { connection in
            let everything = try store.access.allowed(to: .operator, in: connection)
            let anonymous = try store.access.allowed(to: .anonymous, in: connection)
            return (
                try VisibleRecords(source: source, allowed: everything, in: connection).issues.count,
                try VisibleRecords(source: source, allowed: anonymous, in: connection).issues.count
            )
        }
        #expect(operatorSees == 1)
        #expect(anonymousSees == 0)
    }

    @Test("a comment for a role is for those who play it")
    func visibility() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice", "bob"])
        let id = test.source
        let role = Entity(id: "7", name: "Admins")
        try await test.store.write {
            try ProjectRecords.replaceRoles(
                of: "10000", [RoleActors(role: role, accounts: [AccountID("bob")], groups: [])], source: id, in: $0)
        }
        var issue = Issue.sample(1)
        issue.comments.append(.sample(99, visibility: Visibility(kind: .role, name: "admins")))
        try await test.put(issue)
        #expect(try await test.visible("alice").comments == ["10", "11"])
        #expect(try await test.visible("bob").comments == ["10", "11", "99"])
    }

    @Test("leaving the group takes effect at once, without touching an issue")
    func membershipChange() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice", "bob"])
        try await test.put(.sample(1))
        let before = try await test.allowed("alice")
        #expect(before.count == 1)
        let id = test.source
        try await test.store.write {
            try PeopleRecords.replaceMembers(of: GroupID("g-dev"), [AccountID("bob")], source: id, in: $0)
        }
        let after = try await test.allowed("alice")
        #expect(after.count == 0)
        #expect(after.accessVersion > before.accessVersion)
        #expect(try await test.allowed("bob").count == 1)
    }

    @Test("a changed scheme rewrites acl rows only")
    func recompute() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        let id = test.source
        let change: @Sendable (Holder) async throws -> AccessRecords.Recomputation = { holder in
            try await test.store.write { context in
                let scheme = PermissionScheme(
                    id: "1", name: "Default", grants: [.init(permission: "BROWSE_PROJECTS", holder: holder)])
                try AccessRecords.replacePermissionSchemes([scheme], source: id, in: context)
                let rules = AudienceRules(
                    try AccessRecords.facts(source: id, withPeople: false, in: context.connection))
                return try AccessRecords.recompute(rules: rules, source: id, in: context)
            }
        }
        #expect(try await change(.account(AccountID("carol"))).changed == 1)
        #expect(try await test.visible("alice").issues.isEmpty)
        #expect(try await change(.group(GroupID("g-dev"))).changed == 1)
        #expect(try await test.visible("alice").issues.count == 1)
        #expect(try await change(.group(GroupID("g-dev"))).changed == 0)
        // The reporter was not asked for when the issue was written, so it has to be written again.
        let outdated = try await change(.reporter).outdated
        #expect(outdated.count == 1)
        #expect(try await test.visible("alice").issues.isEmpty)
        let again = try await test.store.read {
            try IssueRecords.identities(withAcls: outdated, source: id, in: $0)
        }
        #expect(again == [IssueID(10_001)])
        try await test.put(.sample(1))
        #expect(try await test.visible("alice").issues.count == 1)
    }

    @Test("a project whose rules are lost is hidden from everybody but the operator", arguments: ["hidden", "gone"])
    func hidden(_ state: String) async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        let id = test.source
        try await test.store.write { context in
            let state = try #require(ProjectRecords.AccessState(rawValue: state))
            try ProjectRecords.setAccess(state, verified: nil, of: "10000", source: id, in: context)
        }
        #expect(try await test.visible("alice").issues.isEmpty)
        try await test.store.write {
            try ProjectRecords.setAccess(.verified, verified: $0.now, of: "10000", source: id, in: $0)
        }
        #expect(try await test.visible("alice").issues.count == 1)
    }

    @Test("an inactive account sees nothing, not even what anyone may see")
    func inactive() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let id = test.source
        try await test.store.write { context in
            try AccessRecords.replacePermissionSchemes(
                [.init(id: "1", name: "Open", grants: [.init(permission: "BROWSE_PROJECTS", holder: .anyone)])],
                source: id, in: context)
            let people = [("on", true), ("off", false)].map {
                Account(id: AccountID($0.0), displayName: $0.0, isActive: $0.1)
            }
            try PeopleRecords.replaceAccounts(people, source: id, in: context)
        }
        try await test.put(.sample(1))
        #expect(try await test.visible("on").issues.count == 1)
        #expect(try await test.visible("off").issues.isEmpty)
    }

    @Test("an allowed set is remembered until the version moves, and knows acls that came later")
    func remembered() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        let first = try await test.allowed("alice")
        #expect(try await test.allowed("alice") == first)
        var levelled = Issue.sample(2)
        levelled.securityLevel = Entity(id: "5", name: "Secret")
        try await test.put(levelled)
        #expect(try await test.visible("alice").issues == [IssueID(10_001)])
        let id = test.source
        try await test.store.write { context in
            try AccessRecords.replaceSecurityLevels(
                [.init(id: "5", name: "Secret", members: [.account(AccountID("alice"))])], source: id, in: context)
            try AccessRecords.recompute(
                rules: AudienceRules(try AccessRecords.facts(source: id, withPeople: false, in: context.connection)),
                source: id, in: context)
        }
        #expect(try await test.visible("alice").issues == [IssueID(10_001), IssueID(10_002)])
    }

    @Test("a set computed inside a write that is undone is not remembered")
    func undone() async throws {
        struct Stop: Error {}
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers([])
        try await test.put(.sample(1))
        let (store, id) = (test.store, test.source)
        let addEve: @Sendable (WriteContext) throws -> Void = { context in
            try PeopleRecords.replaceMembers(
                of: GroupID("g-dev"), accounts: [Account(id: AccountID("eve"), displayName: "Eve")], source: id,
                in: context)
        }
        await #expect(throws: Stop.self) {
            try await store.write { context in
                try addEve(context)
                let set = try store.access.allowed(to: .accounts([id: AccountID("eve")]), in: context.connection)
                #expect(set.count == 1)
                throw Stop()
            }
        }
        // Another transaction takes the version number that was undone.
        try await store.write { $0.noteAccessChange() }
        #expect(try await test.visible("eve").issues.isEmpty)
    }
}
