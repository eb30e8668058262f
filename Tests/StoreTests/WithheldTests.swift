import AccessControl
import Database
import IssueModel
import Store
import Testing

@Suite struct WithheldTests {
    private func site() async throws -> TestStore {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        try await test.put(.sample(2))
        return test
    }

    @Test("a withheld issue is closed with everything on it, whatever is written of it, until it is released")
    func withheld() async throws {
        let test = try await site()
        let (store, id) = (test.store, test.source)
        let row = try await store.write {
            try Withheld.put(IssueID(10_001), reason: "shown to eve", at: $0.now, source: id, in: $0)
        }
        #expect(row == 1)
        let seen = try await test.visible("alice")
        #expect(seen.issues == [IssueID(10_002)])
        #expect(seen.comments == ["20", "21"])
        #expect(try await test.number("SELECT count(DISTINCT acl_id) FROM comment WHERE issue_id = 1") == 1)
        try await test.put(.sample(1, summary: "Changed", updated: 9_000))
        #expect(try await test.rewriteAcls(of: .sample(1)) == nil)
        #expect(try await test.visible("alice").issues == [IssueID(10_002)])
        #expect(try await test.visible("alice").attachments == ["20"])
        let kept = try await store.read { try Withheld.all(source: id, in: $0) }
        #expect(kept.map(\.reason) == ["shown to eve"])
        #expect(try await store.write { try Withheld.release(IssueID(10_001), source: id, in: $0) })
        #expect(try await test.visible("alice").issues == [IssueID(10_002)])
        #expect(try await test.rewriteAcls(of: .sample(1)) == 1)
        #expect(try await test.visible("alice").issues == [IssueID(10_001), IssueID(10_002)])
        #expect(try await test.visible("alice").comments.count == 4)
        #expect(try await !store.write { try Withheld.release(IssueID(10_001), source: id, in: $0) })
    }

    @Test("an issue that is not stored yet is withheld when it comes")
    func later() async throws {
        let test = try await site()
        let id = test.source
        let row = try await test.store.write {
            try Withheld.put(IssueID(10_003), reason: "r", at: $0.now, source: id, in: $0)
        }
        #expect(row == nil)
        try await test.put(.sample(3))
        #expect(try await test.visible("alice").issues.count == 2)
        #expect(try await test.store.read { try Withheld.ids(source: id, in: $0) } == [IssueID(10_003)])
    }

    @Test("an unseen issue is closed in its rows, and opens when it is written again")
    func unseen() async throws {
        let test = try await site()
        let id = test.source
        let row = try await test.store.write {
            try IssueRecords.setState(.unseen, of: IssueID(10_001), source: id, in: $0)
        }
        #expect(row == 1)
        let allowed = try await test.allowed("alice")
        let acl = try await test.store.read { try IssueRecords.row(1, in: $0)?.acl }
        #expect(try !allowed.contains(#require(acl)))
        _ = try await test.store.write {
            try IssueRecords.setState(.live, of: IssueID(10_001), source: id, in: $0)
        }
        #expect(try await test.visible("alice").issues == [IssueID(10_002)])
        try await test.put(.sample(1))
        #expect(try await test.visible("alice").issues.count == 2)
    }

    @Test("a transaction that is undone leaves nothing of a declaration, a listing or a withheld issue")
    func undone() async throws {
        struct Stop: Error {}
        let test = try await site()
        let (store, id) = (test.store, test.source)
        let version = try await store.read { try Settings.accessVersion(in: $0) }
        await #expect(throws: Stop.self) {
            try await store.write { context in
                _ = try Withheld.put(IssueID(10_001), reason: "r", at: context.now, source: id, in: context)
                try Listings.put(
                    Listing(account: AccountID("alice"), scope: .all, issues: [], verified: context.now), source: id,
                    in: context)
                try DeclaredLevels.declare("5", members: [], by: "a", at: context.now, source: id, in: context)
                try ProjectRecords.setAccess(.hidden, verified: nil, of: "10000", source: id, in: context)
                throw Stop()
            }
        }
        #expect(try await test.visible("alice").issues.count == 2)
        #expect(try await store.read { try Settings.accessVersion(in: $0) } == version)
        for table in ["withheld", "listing", "declared_level"] {
            #expect(try await test.number("SELECT count(*) FROM \(table)") == 0)
        }
    }
}
