import AccessControl
import Cryptography
import Database
import IssueModel
import Store
import Testing
import Workspace

/// Links by token and by hand, refusals, and members' own credentials.
@Suite("Stored links") struct StoredLinkTests {
    private let ada = Account.sample("1", "ada@acme.example")
    private let eve = Account.sample("2", nil)

    @Test("a link by hand or by token wins over the address") func wins() async throws {
        let test = try await TestWorkspace()
        try await test.have([ada, eve])
        let member = try await test.add("ada@acme.example")
        try await test.link(member, to: "2")
        #expect(
            try await test.state(member)
                == .linked(account: AccountID("2"), proof: .manual, since: TestWorkspace.now))
        try await test.prove(member, is: "1", secret: "t1")
        #expect(
            try await test.state(member) == .linked(account: AccountID("1"), proof: .token, since: TestWorkspace.now))
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        var account: Account?
        var code: WorkspaceError.Code
        var testDescription: String { account.map { "\($0.kind) active \($0.isActive)" } ?? "no account" }
    }

    @Test(
        "only an active account that is a person's can be linked by hand",
        arguments: [
            Refusal(account: nil, code: .unknownAccount),
            Refusal(account: .sample("9", nil, active: false), code: .unusableAccount),
            Refusal(account: .sample("9", nil, kind: .app), code: .unusableAccount),
            Refusal(account: .sample("9", nil, kind: .customer), code: .unusableAccount),
        ])
    func refusals(_ refusal: Refusal) async throws {
        let test = try await TestWorkspace()
        try await test.have([refusal.account].compactMap { $0 })
        let member = try await test.add("ada@acme.example")
        let version = try await test.accessVersion()
        #expect(try await test.refusal { try await test.link(member, to: "9") } == refusal.code)
        #expect(try await test.refusal { try await test.prove(member, is: "9", secret: "t") } == refusal.code)
        #expect(try await test.credential(member) == nil)
        #expect(try await test.accessVersion() == version)
    }

    @Test("an account is one member's, whatever the proofs") func taken() async throws {
        let test = try await TestWorkspace()
        try await test.have([ada, eve])
        let first = try await test.add("ada@acme.example")
        let second = try await test.add("bob@acme.example")
        #expect(try await test.refusal { try await test.link(second, to: "1") } == .accountTaken)
        try await test.unlink(first)
        try await test.link(second, to: "1")
        try await test.store.write {
            _ = try IdentityLinks.forgetRefusal(for: first, source: test.work.id, in: $0)
        }
        #expect(try await test.state(first) == .unmatched(.taken(AccountID("1"))))
        #expect(try await test.refusal { try await test.prove(first, is: "1", secret: "t") } == .accountTaken)
        #expect(try await test.reader(first) == .accounts([:]))
    }

    @Test("a linked account that is deactivated or gone links no more, until it is back") func retired() async throws {
        let test = try await TestWorkspace()
        let member = try await test.add("x@acme.example")
        try await test.have([eve])
        try await test.prove(member, is: "2", secret: "t")
        for accounts in [[Account.sample("2", nil, active: false)], [ada]] {
            try await test.have(accounts)
            #expect(try await test.state(member) == .unmatched(.accountRetired(AccountID("2"))))
            #expect(try await test.reader(member) == .accounts([:]))
        }
        try await test.have([eve])
        #expect(try await test.state(member).account == AccountID("2"))
    }

    @Test("in a linked source a token outlives a list that leaves its account out, but not one that calls it inactive")
    func incompleteList() async throws {
        let test = try await TestWorkspace()
        let member = try await test.add("x@acme.example")
        try await test.have([eve])
        try await test.prove(member, is: "2", secret: "t")
        try await test.store.write { context in
            var source = test.work
            source.accessMode = .linked
            try SourceRecords.update(source, in: context)
        }
        try await test.have([ada])
        #expect(try await test.state(member).account == AccountID("2"))
        #expect(try await test.reader(member) == .accounts([test.work.id: AccountID("2")]))
        try await test.have([ada, Account.sample("2", nil, active: false)])
        #expect(try await test.state(member) == .unmatched(.accountRetired(AccountID("2"))))
        try await test.have([ada, eve])
        try await test.link(member, to: "2")
        try await test.have([ada])
        #expect(try await test.state(member) == .unmatched(.accountRetired(AccountID("2"))), "a hand proves no token")
    }

    @Test("unlinking revokes at once: link, credential and listing go in one transaction") func unlink() async throws {
        let test = try await TestWorkspace()
        try await test.have([ada])
        let member = try await test.add("ada@acme.example")
        try await test.prove(member, is: "1", secret: "t")
        try await test.list("1")
        let before = try await test.accessVersion()
        try await test.unlink(member)
        #expect(try await test.state(member) == .refused(since: TestWorkspace.now))
        #expect(try await test.reader(member) == .accounts([:]))
        #expect(try await test.credential(member) == nil)
        #expect(try await test.listed().isEmpty)
        #expect(try await test.accessVersion() == before + 1)
        let forgot = try await test.store.write {
            try IdentityLinks.forgetRefusal(for: member, source: test.work.id, in: $0)
        }
        #expect(forgot)
        #expect(try await test.state(member) == EmailLinkTests.linked)
    }

    @Test("a credential of another account takes the place of the first, and what that listed goes")
    func replaced() async throws {
        let test = try await TestWorkspace()
        try await test.have([ada, eve])
        let member = try await test.add("ada@acme.example")
        try await test.prove(member, is: "1", secret: "first")
        try await test.list("1")
        try await test.prove(member, is: "1", secret: "renewed")
        #expect(try await test.listed() == [AccountID("1")], "a new token of the same account keeps what is known")
        try await test.prove(member, is: "2", secret: "second")
        #expect(try await test.listed().isEmpty)
        let record = try #require(try await test.credential(member))
        #expect(record.account == AccountID("2"))
        #expect(try PersonalCredentials.open(record, key: test.key) == Array("second".utf8))
        try await test.link(member, to: "1")
        #expect(try await test.credential(member) == nil, "a link by hand to another account ends the token")
    }

    @Test("a credential opens with its key, for its member, source and account only") func sealed() async throws {
        let test = try await TestWorkspace()
        try await test.have([ada])
        let member = try await test.add("ada@acme.example")
        try await test.prove(member, is: "1", secret: "a secret token")
        let record = try #require(try await test.credential(member))
        #expect(try PersonalCredentials.open(record, key: test.key) == Array("a secret token".utf8))
        #expect(!record.sealed.contains(Array("secret".utf8)))
        let all = try await test.store.read { try PersonalCredentials.all(source: test.work.id, in: $0) }
        #expect(all == [record])
        var moved = [record, record, record]
        moved[0].member = MemberID(record.member.rawValue + 1)
        moved[1].source += 1
        moved[2].account = AccountID("2")
        for record in moved {
            #expect(throws: StoreError.self) { try PersonalCredentials.open(record, key: test.key) }
        }
        #expect(throws: StoreError.self) { try PersonalCredentials.open(record, key: SecretKey()) }
    }

    @Test("removing a member, or a source, leaves no link, credential or listing") func removed() async throws {
        let test = try await TestWorkspace()
        try await test.have([ada, eve])
        let member = try await test.add("ada@acme.example"), second = try await test.add("eve@acme.example")
        try await test.prove(member, is: "1", secret: "t")
        try await test.prove(second, is: "2", secret: "u")
        try await test.list("1")
        try await test.list("2")
        try await test.store.write { try MemberRecords.remove(member, in: $0) }
        #expect(try await test.credential(member) == nil)
        #expect(try await test.listed() == [AccountID("2")])
        #expect(try await test.rows("identity_link") == 1)
        #expect(try await test.add("ada@acme.example").id > second.id, "numbers are not used again")
        try await test.store.purge(source: test.work.id)
        for table in ["identity_link", "personal_credential"] { #expect(try await test.rows(table) == 0) }
        #expect(try await test.rows("member") == 2)
    }

    @Test("disconnecting a source destroys the members' credentials there") func disconnected() async throws {
        let test = try await TestWorkspace()
        try await test.have([ada])
        let member = try await test.add("ada@acme.example")
        try await test.prove(member, is: "1", secret: "t")
        try await test.list("1")
        try await test.store.write { try PersonalCredentials.removeAll(source: test.work.id, in: $0) }
        #expect(try await test.credential(member) == nil)
        #expect(try await test.listed().isEmpty)
    }
}

extension TestWorkspace {
    /// Stores a listing, as a credential's refresh does.
    func list(_ account: String) async throws {
        let id = work.id
        try await store.write {
            try Listings.put(
                Listing(account: AccountID(account), scope: .all, issues: [IssueID(1)], verified: Self.now),
                source: id, in: $0)
        }
    }

    func listed() async throws -> [AccountID] {
        let id = work.id
        return try await store.read { try Listings.all(source: id, in: $0).map(\.account) }
    }

    func rows(_ table: String) async throws -> Int? {
        try await store.read { try $0.first("SELECT count(*) FROM \(table)") { $0.int(0) } }
    }
}
