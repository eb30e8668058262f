import AccessControl
import Database
import IssueModel
import Store
import Testing

@Suite struct PeopleRecordsTests {
    static let ann = Account(
        id: AccountID("k1"), name: "Ann", displayName: "Ann A.", email: "ann@x.example", timeZone: "Asia/Tokyo")
    static let ben = Account(id: AccountID("k2"), name: "ben", displayName: "Ben", email: nil, kind: .customer)
    static let cat = Account(id: AccountID("ann"), name: "cat", displayName: "Cat", email: "cat@x.example")

    struct Lookup: CustomTestStringConvertible, Sendable {
        var who: String
        var expected: [String]
        var testDescription: String { who }
    }

    @Test(
        "an account is found by identity before name before exact address",
        arguments: [
            Lookup(who: "k2", expected: ["k2"]), Lookup(who: "K2", expected: []), Lookup(who: "ANN", expected: ["k1"]),
            Lookup(who: "ann", expected: ["ann"]), Lookup(who: "Ann@X.example", expected: ["k1"]),
            Lookup(who: "x.example", expected: []), Lookup(who: "", expected: []), Lookup(who: "%", expected: []),
        ])
    func lookup(_ lookup: Lookup) async throws {
        let test = try await TestStore(product: .dataCenter)
        let id = test.source
        let found = try await test.store.write { context in
            try PeopleRecords.replaceAccounts([Self.ann, Self.ben, Self.cat], source: id, in: context)
            return try PeopleRecords.accounts(matching: lookup.who, in: context.connection)
        }
        #expect(found.map(\.account.id.rawValue) == lookup.expected)
        if lookup.who == "k2" { #expect(found.first?.account == Self.ben) }
    }

    @Test("an account that the list no longer has becomes inactive, and active again when it returns")
    func retired() async throws {
        let test = try await TestStore()
        let id = test.source
        let states = try await test.store.write { context in
            var states: [Bool?] = []
            for list in [[Self.ann, Self.ben], [Self.ben], [Self.ann]] {
                try PeopleRecords.replaceAccounts(list, source: id, in: context)
                states.append(
                    try PeopleRecords.account(Self.ann.id, source: id, in: context.connection)?.account.isActive)
            }
            return states
        }
        #expect(states == [true, false, true])
    }

    @Test("only a change moves the access version")
    func versions() async throws {
        let test = try await TestStore()
        let (id, store) = (test.source, test.store)
        func moves(_ body: @escaping @Sendable (WriteContext) throws -> Void) async throws -> Bool {
            let before = try await store.read { try Settings.accessVersion(in: $0) }
            try await store.write(body)
            return try await store.read { try Settings.accessVersion(in: $0) } != before
        }
        let group = Group(id: GroupID("g"), name: "g")
        let role = ApplicationRole(key: "jira", name: "Jira", groups: [group.id])
        let steps: [@Sendable (WriteContext) throws -> Void] = [
            { try PeopleRecords.replaceAccounts([Self.ann, Self.ben], source: id, in: $0) },
            { try PeopleRecords.replaceGroups([group], source: id, in: $0) },
            { try PeopleRecords.replaceMembers(of: group.id, [Self.ann.id], source: id, in: $0) },
            { try PeopleRecords.replaceApplicationRoles([role], source: id, in: $0) },
            { try PeopleRecords.replaceSubgroups([group.id: [GroupID("h")]], source: id, in: $0) },
            { try AccessRecords.replaceSecurityLevels([.init(id: "1", name: "L", members: nil)], source: id, in: $0) },
            {
                try AccessRecords.replacePermissionSchemes(
                    [.init(id: "1", name: "S", grants: [.init(permission: "P", holder: .anyone)])], source: id, in: $0)
            },
        ]
        for step in steps {
            #expect(try await moves(step))
            #expect(try await !moves(step))
        }
        #expect(try await moves { try PeopleRecords.replaceMembers(of: group.id, [], source: id, in: $0) })
    }

    @Test("groups that go take their memberships with them")
    func groups() async throws {
        let test = try await TestStore()
        let id = test.source
        let groups = try await test.store.write { context in
            try PeopleRecords.replaceGroups(
                [Group(id: GroupID("a"), name: "a"), Group(id: GroupID("b"), name: "b")], source: id, in: context)
            for group in ["a", "b"] {
                try PeopleRecords.replaceMembers(
                    of: GroupID(group), accounts: [Self.ann, Self.ben], source: id, in: context)
            }
            try PeopleRecords.replaceGroups([Group(id: GroupID("b"), name: "B")], source: id, in: context)
            let row = try PeopleRecords.account(Self.ann.id, source: id, in: context.connection)?.id ?? 0
            return try PeopleRecords.groups(ofAccountRow: row, in: context.connection)
        }
        #expect(groups == [GroupID("b")])
    }

    @Test("a member nobody told of is inactive, and so sees nothing")
    func stranger() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers([])
        let id = test.source
        try await test.store.write {
            try PeopleRecords.replaceMembers(of: GroupID("g-dev"), [AccountID("ghost")], source: id, in: $0)
        }
        try await test.put(.sample(1))
        #expect(try await test.visible("ghost").issues.isEmpty)
    }

    @Test("what decides access comes back as it was stored")
    func facts() async throws {
        let test = try await TestStore(product: .dataCenter)
        let id = test.source
        let holders: [Holder] = [
            .anyone, .applicationRole(key: nil), .applicationRole(key: "jira"), .group(GroupID("g")),
            .account(AccountID("k1")), .projectRole("7"), .projectLead, .reporter, .assignee,
            .accountField("customfield_1"), .groupField("customfield_2"), .portalCustomer, .unknown(type: "moon"),
            .unknown(type: "group"),
        ]
        let scheme = PermissionScheme(
            id: "5", name: "S", grants: holders.map { .init(permission: "BROWSE_PROJECTS", holder: $0) })
        let levels = [
            SecurityLevel(id: "1", schemeID: "9", name: "L", members: holders),
            SecurityLevel(id: "2", name: "Unknown", members: nil), SecurityLevel(id: "3", name: "Empty", members: []),
        ]
        let roles = [
            RoleActors(role: Entity(id: "7", name: "Devs"), accounts: [AccountID("k1")], groups: [GroupID("g")]),
            RoleActors(role: Entity(id: "8", name: "Nobody"), accounts: [], groups: []),
        ]
        let facts = try await test.store.write { context in
            try PeopleRecords.replaceAccounts([Self.ann], source: id, in: context)
            try PeopleRecords.replaceGroups([Group(id: GroupID("g"), name: "G")], source: id, in: context)
            try PeopleRecords.replaceMembers(of: GroupID("g"), [Self.ann.id], source: id, in: context)
            try ProjectRecords.store(
                Project(id: "10", key: "P", name: "P", style: .team, isPrivate: true, lead: Self.ann.id), source: id,
                in: context)
            try AccessRecords.replacePermissionSchemes([scheme], source: id, in: context)
            try AccessRecords.replaceSecurityLevels(levels, source: id, in: context)
            try ProjectRecords.setSchemes(of: "10", permissionScheme: "5", securityScheme: "9", source: id, in: context)
            try ProjectRecords.replaceRoles(of: "10", roles, source: id, in: context)
            return try AccessRecords.facts(source: id, withPeople: true, in: context.connection)
        }
        let expected = AccessFacts(
            groupsAreNames: true,
            projects: [
                .init(
                    id: "10", key: "P", style: .team, isPrivate: true, lead: Self.ann.id, permissionScheme: "5",
                    securityScheme: "9",
                    roles: roles)
            ], permissionSchemes: [scheme], securityLevels: levels, groups: [Group(id: GroupID("g"), name: "G")],
            memberships: [GroupID("g"): [Self.ann.id]], accounts: [.init(Self.ann)])
        #expect(facts == expected)
    }
}

extension PeopleRecordsTests {
    @Test("changes of people and roles touch no issue row and no other group")
    func issuesStayUntouched() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice", "bob"])
        try await test.put(.sample(1))
        let (store, id) = (test.store, test.source)
        try await store.write { context in
            try PeopleRecords.replaceMembers(of: GroupID("other"), [AccountID("bob")], source: id, in: context)
            let tables = ["issue", "issue_key", "issue_value", "issue_raw", "comment", "worklog", "attachment", "acl"]
            for (table, change) in tables.flatMap({ table in ["INSERT", "UPDATE", "DELETE"].map { (table, $0) } }) {
                try context.connection.executeScript(
                    """
                    CREATE TRIGGER touched_\(table)_\(change) BEFORE \(change) ON \(table)
                    BEGIN SELECT RAISE(ABORT, 'touched'); END
                    """)
            }
            let other = try context.connection.first("SELECT id FROM person_group WHERE jira_id = 'other'") {
                $0.int64(0)
            }
            for change in ["INSERT", "DELETE"] {
                let row = change == "INSERT" ? "NEW" : "OLD"
                try context.connection.executeScript(
                    """
                    CREATE TRIGGER other_\(change) BEFORE \(change) ON membership WHEN \(row).group_id = \(other ?? 0)
                    BEGIN SELECT RAISE(ABORT, 'touched'); END
                    """)
            }
        }
        try await store.write { context in
            let people = ["alice", "bob", "carol"].map { Account(id: AccountID($0), displayName: $0 + " B.") }
            try PeopleRecords.storeAccounts(people, source: id, in: context)
            try PeopleRecords.replaceMembers(of: GroupID("g-dev"), [AccountID("bob")], source: id, in: context)
            try PeopleRecords.replaceMembers(of: GroupID("inner"), [AccountID("carol")], source: id, in: context)
            try PeopleRecords.replaceSubgroups(
                [GroupID("g-dev"): [GroupID("inner")]], source: id, in: context)
            let role = RoleActors(role: Entity(id: "7", name: "R"), accounts: [], groups: [GroupID("inner")])
            try ProjectRecords.replaceRoles(of: "10000", [role], source: id, in: context)
            let jira = ApplicationRole(key: "jira", name: "Jira", groups: [GroupID("g-dev")])
            try PeopleRecords.replaceApplicationRoles([jira], source: id, in: context)
        }
        var seers: [String] = []
        for who in ["alice", "bob", "carol"] where try await !test.visible(who).issues.isEmpty { seers.append(who) }
        #expect(seers == ["bob", "carol"])
        try await store.write { try PeopleRecords.removeGroup(GroupID("inner"), source: id, in: $0) }
        #expect(try await test.visible("carol").issues.isEmpty)
        try await store.write { try PeopleRecords.removeGroup(GroupID("never was"), source: id, in: $0) }
    }
}
