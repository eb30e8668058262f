import AccessControl
import Database
import IssueModel
import Store
import Testing

@Suite struct ListingTests {
    private func site(issues: Int64 = 3) async throws -> TestStore {
        let test = try await TestStore(mode: .linked)
        try await test.addProject()
        try await test.addDevelopers(["alice", "bob"])
        for number in 1...issues { try await test.put(.sample(number)) }
        return test
    }

    @Test("an account sees what its own listing names, however long that is", arguments: [2, 5_000])
    func exactly(_ count: Int64) async throws {
        let test = try await site(issues: 5)
        try await test.list("alice", Array(10_004..<10_004 + count) + [7, 9_999])
        #expect(try await test.visible("alice").issues == [IssueID(10_004), IssueID(10_005)])
        #expect(try await test.visible("bob").issues.isEmpty)
        // Issues that come later are in the listing already, and so in the set.
        let before = try await test.allowed("alice")
        try await test.put(.sample(6))
        let after = try await test.allowed("alice")
        #expect(after.accessVersion == before.accessVersion)
        #expect(after.count == (count > 2 ? 3 : 2))
        try await test.list("alice", [10_001])
        #expect(try await test.visible("alice").issues == [IssueID(10_001)])
    }

    @Test("a listing holds for its lease, a refused credential ends it at once, reading it again restores it")
    func lease() async throws {
        let test = try await site()
        let id = test.source
        try await test.list("alice", [10_001])
        #expect(try await test.allowed("alice").validUntil?.rawValue == test.clock.now.rawValue + 3_600_000)
        test.clock.advance(minutes: 30)
        try await test.store.write {
            try Listings.fail(AccountID("alice"), problem: "HTTP 503", source: id, in: $0)
        }
        #expect(try await test.visible("alice").issues.count == 1)
        test.clock.advance(minutes: 30)
        #expect(try await test.visible("alice").issues.isEmpty)
        test.clock.advance(minutes: -20)
        #expect(try await test.visible("alice").issues.isEmpty)
        try await test.store.write {
            try Listings.touch(AccountID("alice"), verified: $0.now, source: id, in: $0)
        }
        #expect(try await test.visible("alice").issues.count == 1)
        try await test.store.write {
            try Listings.fail(AccountID("alice"), problem: "HTTP 401", refused: true, source: id, in: $0)
        }
        #expect(try await test.visible("alice").issues.isEmpty)
        // The same listing again is no change of content, yet opens what was closed.
        try await test.list("alice", [10_001])
        #expect(try await test.visible("alice").issues.count == 1)
        try await test.store.write { try Listings.remove(AccountID("alice"), source: id, in: $0) }
        #expect(try await test.visible("alice").issues.isEmpty)
        #expect(try await test.store.read { try Listings.all(source: id, in: $0) }.isEmpty)
    }

    @Test("a listing that did not change moves no version")
    func unchanged() async throws {
        let test = try await site()
        let store = test.store
        func version() async throws -> Int64 { try await store.read { try Settings.accessVersion(in: $0) } }
        try await test.list("alice", [10_002, 10_001])
        let before = try await version()
        test.clock.advance(minutes: 5)
        try await test.list("alice", [10_001, 10_002])
        #expect(try await version() == before)
        let id = test.source
        let record = try await store.read { try Listings.record(AccountID("alice"), source: id, in: $0) }
        #expect(record?.verified == test.clock.now)
        #expect(record?.issueCount == 2)
    }

    @Test("a restricted comment is for those to whom Jira showed one of its kind")
    func restrictions() async throws {
        let test = try await site()
        var issue = Issue.sample(1)
        let visibility = Visibility(kind: .role, name: "Admins", identifier: "7")
        issue.comments.append(.sample(99, visibility: visibility))
        try await test.put(issue, force: true)
        try await test.list("alice", [10_001])
        try await test.list(
            "bob", [10_001], restrictions: [Listing.Shown(project: "10000", Restriction(visibility))])
        #expect(try await test.visible("alice").comments == ["10", "11"])
        #expect(try await test.visible("bob").comments == ["10", "11", "99"])
        let (store, id) = (test.store, test.source)
        let held = try await store.read {
            try store.access.principals(
                of: .accounts([id: AccountID("bob")]), source: id, listing: IssueID(10_001), in: $0)
        }
        #expect(held == [.listed(IssueID(10_001)), .shown(Restriction(visibility), of: "10000")])
    }

    @Test("a level without members opens by declaration or by the reader's own listing, and closes with them")
    func unknownLevel() async throws {
        let test = try await TestStore(product: .dataCenter)
        try await test.addProject()
        let people = [("alice", true), ("bob", true), ("gone", false)].map {
            Account(id: AccountID($0.0), displayName: $0.0, isActive: $0.1)
        }
        let id = test.source
        try await test.store.write { context in
            try PeopleRecords.replaceMembers(of: GroupID("g-dev"), accounts: people, source: id, in: context)
            try AccessRecords.replaceSecurityLevels(
                [SecurityLevel(id: "5", name: "Secret", members: nil)], source: id, in: context)
        }
        var issue = Issue.sample(1)
        issue.securityLevel = Entity(id: "5", name: "Secret")
        try await test.put(issue)
        func seers() async throws -> [String] {
            var result: [String] = []
            for who in ["alice", "bob", "gone"] {
                if try await !test.visible(who).issues.isEmpty { result.append(who) }
            }
            return result
        }
        #expect(try await seers() == [])
        try await test.list("alice", [10_001], scope: .levelled)
        try await test.list("gone", [10_001], scope: .levelled)
        #expect(try await seers() == ["alice"])
        try await test.store.write { context in
            _ = try DeclaredLevels.declare(
                "5", members: [.account(AccountID("bob")), .unknown(type: "moon")], by: "admin", at: context.now,
                source: id, in: context)
        }
        #expect(try await seers() == ["bob"])
        let declared = try await test.store.read { try DeclaredLevels.all(source: id, in: $0) }
        #expect(declared.map(\.members) == [[.account(AccountID("bob")), .unknown(type: "moon")]])
        _ = try await test.store.write { try DeclaredLevels.withdraw("5", source: id, in: $0) }
        #expect(try await seers() == ["alice"])
        await #expect(throws: StoreError.self) {
            _ = try await test.store.write { try DeclaredLevels.withdraw("5", source: id, in: $0) }
        }
        // What the site tells wins over what somebody declared.
        try await test.store.write { context in
            try DeclaredLevels.declare(
                "5", members: [.anyone], by: "admin", at: context.now, source: id, in: context)
            try AccessRecords.replaceSecurityLevels(
                [SecurityLevel(id: "5", name: "Secret", members: [])], source: id, in: context)
            try AccessRecords.recompute(source: id, in: context)
        }
        #expect(try await seers() == [])
    }
}
