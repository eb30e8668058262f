import AccessControl
import Database
import IssueModel
import Store
import Testing
import Verification

/// What is remembered of a reader must be what a fresh look would find, whatever happens in between.
@Suite struct RememberedSetTests {
    @Test("after any change, a remembered set is what is computed anew", arguments: 1...24)
    func sequences(_ seed: UInt64) async throws {
        var world = RandomSequence(try await TestStore(mode: seed % 3 == 0 ? .linked : .mirror), seed: seed)
        try await world.begin()
        for step in 0..<40 {
            let change = try await world.change()
            for (name, reader) in world.readers {
                let (store, source) = (world.test.store, world.test.source)
                let fresh = AccessRecords(clock: { [clock = world.test.clock] in clock.now })
                let (known, anew, issues) = try await store.read { connection in
                    let known = try store.access.allowed(to: reader, in: connection)
                    return (
                        known, try fresh.allowed(to: reader, in: connection),
                        try VisibleRecords(source: source, allowed: known, in: connection).issues.count
                    )
                }
                #expect(known.aclIDs == anew.aclIDs, "seed \(seed), step \(step), \(name) after \(change)")
                #expect(
                    known.validUntil?.rawValue ?? .max <= anew.validUntil?.rawValue ?? .max,
                    "seed \(seed), step \(step), \(name) after \(change)")
                #expect(known.isValid(at: world.test.clock.now))
                world.shown += issues
            }
        }
        #expect(world.shown > 0, "seed \(seed) shows nobody anything")
        #expect(try await StoreVerification(of: world.test.store).problems == [])
    }
}

/// A site to which one thing after the other happens, by a seed.
private struct RandomSequence {
    let test: TestStore
    var shown = 0
    private var state: UInt64
    private var number: Int64 = 0
    private static let people = ["ann", "ben", "cem", "dot"]
    private static let groups = ["g-dev", "g-ops"].map { GroupID($0) }

    init(_ test: TestStore, seed: UInt64) {
        self.test = test
        state = seed
    }

    var readers: [(String, Reader)] {
        Self.people.map { ($0, .accounts([test.source: AccountID($0)])) }
            + [("anonymous", .anonymous), ("unlinked", .accounts([:]))]
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[Int(next() % UInt64(choices.count))] }

    private mutating func some<T>(_ choices: [T]) -> [T] { choices.filter { _ in next() % 2 == 0 } }

    mutating func begin() async throws {
        try await test.addProject()
        try await test.addDevelopers(["ann", "ben"])
        for _ in 0..<3 { try await putIssue() }
        try await test.list("ann", [10_001, 10_002, 10_007])
    }

    private mutating func holder() -> Holder {
        pick([
            .anyone, .reporter, .group(Self.groups[0]), .group(Self.groups[1]), .account(AccountID("cem")),
            .projectRole("7"), .applicationRole(key: nil),
        ])
    }

    private mutating func putIssue() async throws {
        number += 1
        var issue = Issue.sample(number)
        let reporter = pick(Self.people + ["new \(number)"])
        issue.reporter = Account(id: AccountID(reporter), displayName: reporter)
        if next() % 3 == 0 { issue.securityLevel = Entity(id: pick(["1", "2"]), name: "Level") }
        if next() % 3 == 0 {
            issue.comments.append(.sample(5_000 + number, visibility: Visibility(kind: .role, name: "Admins")))
        }
        try await test.put(issue)
    }

    /// Makes one change, and says which.
    mutating func change() async throws -> String {
        let source = test.source
        switch next() % 12 {
        case 0, 1, 2:
            try await putIssue()
            return "an issue"
        case 3:
            let (group, members) = (pick(Self.groups), some(Self.people).map { AccountID($0) })
            try await test.store.write {
                try PeopleRecords.replaceMembers(of: group, members, source: source, in: $0)
            }
            return "members"
        case 4: return try await changeRules()
        case 5:
            let role = RoleActors(
                role: Entity(id: "7", name: "Admins"), accounts: some(Self.people).map { AccountID($0) },
                groups: some(Self.groups))
            try await test.store.write { context in
                try ProjectRecords.replaceRoles(of: "10000", [role], source: source, in: context)
                try AccessRecords.recompute(source: source, in: context)
            }
            return "roles"
        case 6, 7:
            let access = pick([ProjectRecords.AccessState.verified, .verified, .verified, .hidden])
            try await test.store.write { context in
                try ProjectRecords.setAccess(
                    access, verified: access == .verified ? context.now : nil, of: "10000", source: source, in: context)
            }
            return "\(access)"
        case 8: return try await changeListing()
        case 9:
            test.clock.advance(minutes: Int64(next() % 40))
            return "time"
        case 10:
            let issue = IssueID(10_000 + Int64(next() % UInt64(number)) + 1)
            _ = try await test.store.write {
                try Withheld.put(issue, reason: "r", at: $0.now, source: source, in: $0)
            }
            return "withheld"
        default:
            let mode = pick([Source.AccessMode.mirror, .mirror, .mirror, .linked, .public, .shared])
            try await test.change(to: mode)
            return "\(mode)"
        }
    }

    private mutating func changeRules() async throws -> String {
        let source = test.source
        let grants = [holder(), holder()].map {
            PermissionScheme.Grant(permission: "BROWSE_PROJECTS", holder: $0)
        }
        let levels = ["1", "2"].map { id in
            SecurityLevel(id: EntityID(id), name: "Level", members: next() % 3 == 0 ? nil : [holder()])
        }
        let declared = [holder()]
        let roles = [ApplicationRole(key: "jira", name: "Jira", groups: some(Self.groups))]
        try await test.store.write { context in
            try AccessRecords.replacePermissionSchemes(
                [PermissionScheme(id: "1", name: "S", grants: grants)], source: source, in: context)
            try AccessRecords.replaceSecurityLevels(levels, source: source, in: context)
            try PeopleRecords.replaceApplicationRoles(roles, source: source, in: context)
            try DeclaredLevels.declare(
                "2", members: declared, by: "admin", at: context.now, source: source, in: context)
        }
        return "rules"
    }

    private mutating func changeListing() async throws -> String {
        let (source, account) = (test.source, pick(Self.people))
        switch next() % 4 {
        case 0:
            try await test.store.write { try Listings.remove(AccountID(account), source: source, in: $0) }
            return "a listing removed"
        case 1:
            try await test.store.write {
                try Listings.fail(AccountID(account), problem: "401", refused: true, source: source, in: $0)
            }
            return "a listing refused"
        default:
            let issues = some((10_001...10_000 + number + 3).map { $0 })
            let shown =
                next() % 2 == 0
                ? [Listing.Shown(project: "10000", Restriction(Visibility(kind: .role, name: "Admins")))] : []
            try await test.list(account, issues, restrictions: Set(shown))
            return "a listing"
        }
    }
}
