import AccessControl
import IssueModel
import Store
import Testing
import Workspace

/// Which accounts an address links to, and above all which not.
@Suite("Links by e-mail") struct EmailLinkTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var member: String
        var accounts: [Account]
        var expected: LinkState
        var testDescription: String { name }

        init(
            _ name: String, _ accounts: [Account], _ expected: LinkState, member: String = "ada@acme.example"
        ) {
            (self.name, self.member, self.accounts, self.expected) = (name, member, accounts, expected)
        }
    }

    static let linked = LinkState.linked(account: AccountID("1"), proof: .email, since: nil)
    static let none = LinkState.unmatched(.noSuchAccount)
    static func account(_ email: String?, name: String? = nil) -> [Account] { [.sample("1", email, name: name)] }

    static let cases: [Case] = [
        Case("the same bytes", account("ada@acme.example"), linked),
        Case("another case of ASCII letters", account("ADA@Acme.Example"), linked),
        Case("a dot at the end", account("ada@acme.example."), none),
        Case("a dot inside", account("a.da@acme.example"), none),
        Case("a plus in the account's", account("ada+jira@acme.example"), none),
        Case("a plus in the member's", account("ada@acme.example"), none, member: "ada+jira@acme.example"),
        Case("a blank before it", account(" ada@acme.example"), none),
        Case("a blank behind it", account("ada@acme.example "), none),
        Case("a line's end behind it", account("ada@acme.example\n"), none),
        Case("a zero byte behind it", account("ada@acme.example\u{0}"), none),
        Case("a Cyrillic a", account("\u{430}da@acme.example"), none),
        Case("full-width letters", account("\u{FF41}da@acme.example"), none),
        Case("an invisible character", account("ada\u{200B}@acme.example"), none),
        Case(
            "a composed against a decomposed accent", account("andre\u{301}@acme.example"), none,
            member: "andr\u{E9}@acme.example"),
        Case(
            "another case of letters beyond ASCII", account("\u{C9}va@acme.example"), none,
            member: "\u{E9}va@acme.example"),
        Case("the Turkish dotless i", account("\u{131}da@acme.example"), none, member: "ida@acme.example"),
        Case("the Kelvin sign", account("\u{212A}ai@acme.example"), none, member: "kai@acme.example"),
        Case("another domain", account("ada@acme.example.org"), none),
        Case("a wildcard", account("ada@acme.example"), none, member: "%@acme.example"),
        Case("only its name before the @", account("ada@other.example"), none),
        Case("an empty address", account(""), none),
        Case(
            "a display name that equals the address", account(nil, name: "ada@acme.example"),
            .unmatched(.emailHidden(accounts: 1))),
        Case(
            "an account id that equals the address", [.sample("ada@acme.example", nil)],
            .unmatched(.emailHidden(accounts: 1))),
        Case(
            "a login name that equals the address",
            [Account(id: AccountID("1"), name: "ada@acme.example", displayName: "Ada", email: "x@acme.example")], none),
        Case(
            "two active accounts", [.sample("1", "ada@acme.example"), .sample("2", "Ada@acme.example")],
            .ambiguous([AccountID("1"), AccountID("2")])),
        Case(
            "one active and one inactive",
            [.sample("2", "ada@acme.example", active: false)] + account("ada@acme.example"),
            linked),
        Case(
            "only inactive ones", [.sample("1", "ada@acme.example", active: false)],
            .unmatched(.inactive([AccountID("1")]))),
        Case(
            "an app", [.sample("1", "ada@acme.example", kind: .app)], .unmatched(.notAPerson(AccountID("1")))),
        Case(
            "a portal customer", [.sample("1", "ada@acme.example", kind: .customer)],
            .unmatched(.notAPerson(AccountID("1")))),
        Case(
            "an account of an unknown kind", [.sample("1", "ada@acme.example", kind: .unknown)],
            .unmatched(.notAPerson(AccountID("1")))),
        Case(
            "a person and a portal customer",
            account("ada@acme.example")
                + [.sample("2", "ada@acme.example", kind: .customer)], .ambiguous([AccountID("1"), AccountID("2")])),
        Case(
            "hidden addresses", [.sample("1", nil), .sample("2", nil), .sample("3", nil, kind: .app)],
            .unmatched(.emailHidden(accounts: 2))),
        Case("no account at all", [], none),
    ]

    @Test("an address links to the one active person's account that has exactly it", arguments: cases)
    func match(_ item: Case) async throws {
        let test = try await TestWorkspace()
        try await test.have(item.accounts)
        let member = try await test.add(item.member)
        #expect(try await test.state(member) == item.expected)
        let expected: [Int64: AccountID] = item.expected.account.map { [test.work.id: $0] } ?? [:]
        #expect(try await test.reader(member) == .accounts(expected))
        let all = try await test.store.read { try IdentityLinks.all(source: test.work.id, in: $0) }
        #expect(all.map(\.state) == [item.expected])
    }

    @Test("an address nobody vouches for links to nothing") func unverified() async throws {
        let test = try await TestWorkspace()
        try await test.have([.sample("1", "ada@acme.example")])
        var member = try await test.add("ada@acme.example", verified: false)
        #expect(try await test.state(member) == .unmatched(.emailUnverified))
        try await test.link(member, to: "1")
        #expect(try await test.state(member).account == AccountID("1"))
        try await test.unlink(member)
        member.emailVerified = true
        let verified = member
        try await test.store.write { context in
            try MemberRecords.update(verified, in: context)
            try IdentityLinks.forgetRefusal(for: verified, source: test.work.id, in: context)
        }
        #expect(try await test.state(member) == Self.linked)
    }

    @Test("the same address links in each source by itself") func twoSources() async throws {
        let test = try await TestWorkspace()
        try await test.have([.sample("1", "ada@acme.example")])
        try await test.have([.sample("JIRAUSER7", "ADA@acme.example")], in: test.other)
        let member = try await test.add("ada@acme.example")
        #expect(
            try await test.reader(member)
                == .accounts([test.work.id: AccountID("1"), test.other.id: AccountID("JIRAUSER7")]))
        try await test.have(
            [.sample("JIRAUSER7", "ada@acme.example"), .sample("JIRAUSER8", "ada@acme.example")], in: test.other)
        #expect(try await test.reader(member) == .accounts([test.work.id: AccountID("1")]))
        try await test.store.write { try SourceRecords.remove(test.work.id, in: $0) }
        #expect(try await test.reader(member) == .accounts([:]))
    }

    @Test("a link follows the accounts: shared, hidden, changed and deactivated addresses end it at once")
    func follows() async throws {
        let test = try await TestWorkspace()
        let member = try await test.add("ada@acme.example")
        let ada = Account.sample("1", "ada@acme.example")
        let steps: [(accounts: [Account], isLinked: Bool)] = [
            ([ada], true), ([ada, .sample("2", "ada@acme.example")], false), ([ada], true),
            ([.sample("1", nil)], false), ([ada], true), ([.sample("1", "eve@acme.example")], false), ([ada], true),
            ([.sample("1", "ada@acme.example", active: false)], false), ([ada], true), ([], false),
        ]
        for step in steps {
            let before = try await test.accessVersion()
            try await test.have(step.accounts)
            #expect((try await test.state(member) == Self.linked) == step.isLinked)
            #expect(try await test.reader(member) == .accounts(step.isLinked ? [test.work.id: AccountID("1")] : [:]))
            #expect(try await test.accessVersion() > before)
        }
    }
}
