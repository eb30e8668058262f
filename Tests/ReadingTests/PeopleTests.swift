import AccessControl
import FastJSON
import IssueModel
import Reading
import SearchIndex
import Store
import Testing
import Workspace

@Suite("Reading as a member")
struct PeopleTests {
    @discardableResult
    private func add(
        _ email: String, to site: TestSite, linked account: String? = nil, verified: Bool = true
    ) async throws -> Member {
        try await site.store.write { context in
            let member = try MemberRecords.add(
                Member(email: email, emailVerified: verified, added: TestSite.verified), in: context)
            if let account, let source = try SourceRecords.source(1, in: context.connection) {
                try IdentityLinks.set(
                    AccountID(account), for: member, source: source, at: TestSite.verified, in: context)
            }
            return member
        }
    }

    private func resolve(_ who: String, _ site: TestSite) async throws -> ResolvedReader {
        try await site.store.read { try ReaderResolver.resolve(who, in: $0) }
    }

    @Test("a member reads with the account of every link, under any case of the address") func links() async throws {
        let site = try await TestSite(sources: ["demo", "second"])
        let member = try await add("ada@EXAMPLE.com", to: site)
        let reader = try await resolve(" Ada@example.COM ", site)
        #expect(reader.reader == .accounts([1: AccountID("ada"), 2: AccountID("ada")]))
        #expect(reader.member == member && reader.label == "ada@EXAMPLE.com")
        #expect(reader.accounts.map(\.source) == [1, 2])
        let listings = try await AccessReading(store: site.store).visible(to: "ada@example.com")
        #expect(listings.map(\.account) == ["ada", "ada"])
        #expect(listings.allSatisfy { $0.records.issues.map(\.rawValue) == [1001, 1002, 2001] })
    }

    @Test("a member's address means the member, not an account that has it too") func memberWins() async throws {
        let site = try await TestSite()
        let member = try await add("ada@example.com", to: site, linked: "bob")
        #expect(try await resolve("ada@example.com", site).reader == .accounts([1: AccountID("bob")]))
        #expect(try await site.refusal("PAY-2", as: "ada@example.com")?.code == .notFound)
        #expect(try await site.refusal("PAY-2", as: "ada") == nil, "the account itself is still to be named")
        try await site.store.write {
            try IdentityLinks.refuse(member, source: 1, at: TestSite.verified, in: $0)
        }
        for key in ["PAY-1", "PAY-2", "PUB-1"] {
            #expect(try await site.refusal(key, as: "ada@example.com")?.code == .notFound)
        }
    }

    @Test("an unlinked member sees nothing of a mirrored source, whatever anybody may see there")
    func unlinked() async throws {
        let site = try await TestSite()
        try await add("shared@example.com", to: site)
        try await add("stranger@example.com", to: site)
        try await add("unverified@example.com", to: site, verified: false)
        for who in ["shared@example.com", "stranger@example.com", "unverified@example.com"] {
            let reader = try await resolve(who, site)
            #expect(reader.reader == .accounts([:]) && reader.label(inSource: 1) == "unlinked")
            for key in ["PAY-1", "PUB-1"] {
                let hidden = try await site.refusal(key, as: who)
                let absent = try await site.refusal("PAY-99", as: who)
                #expect(hidden?.message == absent?.message.replacing("PAY-99", with: key))
            }
        }
        #expect(try await site.refusal("PUB-1", as: "anonymous") == nil)
    }

    @Test("an ambiguous or suspended reader is an error that names the way out") func errors() async throws {
        let site = try await TestSite()
        let error = try #require(try await site.refusal("PUB-1", as: "shared@example.com"))
        #expect(error.code == .ambiguousReader)
        #expect(error.message.contains("drawbridge member link") && error.message.contains("bob, zed"))
        var member = try await add("shared@example.com", to: site, linked: "zed")
        #expect(try await site.refusal("PUB-1", as: "shared@example.com") == nil)
        member.state = .suspended
        let suspended = member
        try await site.store.write { try MemberRecords.update(suspended, in: $0) }
        #expect(try await site.refusal("PUB-1", as: "shared@example.com")?.code == .suspendedReader)
    }

    @Test("the word me in a query means the member's accounts") func searchMe() async throws {
        let site = try await TestSite()
        try await add("ada@example.com", to: site)
        try await add("shared@example.com", to: site, linked: "bob")
        let reading = SearchReading(store: site.store, searcher: Searcher(site.store.database))
        func found(_ query: String, _ who: String) async throws -> [String] {
            try await reading.search(query, as: who, now: TestSite.verified).results.hits.map(\.key)
        }
        for (query, who, expected) in [
            ("assignee:me", "ada@example.com", ["PAY-1"]),
            ("jql: assignee = currentUser()", "ada@example.com", ["PAY-1"]),
            ("assignee:me", "shared@example.com", []),
            ("jql: reporter = currentUser()", "shared@example.com", ["PAY-1"]),
        ] {
            #expect(try await found(query, who) == expected, "\(query) as \(who)")
        }
    }

    @Test("the people table shows everybody, how they are matched, and the way out of each gap") func table()
        async throws
    {
        let site = try await TestSite()
        try await add("ada@example.com", to: site)
        try await add("shared@example.com", to: site)
        try await add("zed@elsewhere.example", to: site, linked: "zed")
        let refused = try await add("refused@example.com", to: site)
        try await site.store.write {
            try IdentityLinks.refuse(refused, source: 1, at: TestSite.verified, in: $0)
        }
        let table = try await site.table()
        let rows = table.members.map { [$0.member.email, $0.state.name, $0.remark.code ?? ""] }
        #expect(
            rows == [
                ["ada@example.com", "linked", ""], ["refused@example.com", "refused", "refused"],
                ["shared@example.com", "ambiguous", "ambiguous"], ["zed@elsewhere.example", "linked", ""],
            ])
        #expect(table.members.allSatisfy { ($0.remark.code == nil) == $0.remark.fix.isEmpty })
        let open = table.accounts.map { [$0.account.id.rawValue, $0.remark.code ?? ""] }
        #expect(open == [["bob", "ambiguous"], ["gone", "inactive"]])
        let json = try JSONValue(parsing: table.json)
        #expect(json["source"] == "demo" && json["accessMode"] == "mirror")
        #expect(
            json["counts"] == [
                "linked": 2, "ambiguous": 1, "unmatched": 0, "refused": 1, "accountsWithoutMember": 2,
            ])
        let ada = try #require(json["members"]?[0])
        #expect(ada["account"] == "ada" && ada["proof"] == "email" && ada["since"]?.isNull == true)
        let zed = try #require(json["members"]?[3])
        #expect(zed["proof"] == "manual" && zed["since"]?.string == TestSite.verified.rfc3339)
        #expect(json["members"]?[2]?["candidates"] == ["bob", "zed"])
        #expect(table.text().contains("shared@example.com  ambiguous: bob, zed"))
    }

    @Test("a linked source tells who needs a token of their own") func linkedMode() async throws {
        let site = try await TestSite()
        try await add("ada@example.com", to: site)
        try await site.store.write { context in
            var source = try #require(try SourceRecords.source(1, in: context.connection))
            source.accessMode = .linked
            try SourceRecords.update(source, in: context)
        }
        let row = try #require(try await site.table().members.first)
        #expect(row.state.name == "linked" && row.remark.code == "needs_token")
        #expect(row.remark.fix.contains("member link ada@example.com --source demo --email E --token-file F"))
    }

    @Test("a credential that is refused, or could not be used of late, is told with the way out") func credentials()
        async throws
    {
        let site = try await TestSite()
        let member = try await add("member@elsewhere.example", to: site, linked: "ada")
        let (key, ada) = (try site.store.secretKey(), AccountID("ada"))
        try await site.store.write { context in
            try PersonalCredentials.put(
                [1], kind: "api_token", apiURL: "https://demo.example.com", account: ada, of: member.id, source: 1,
                key: key, at: TestSite.verified, in: context)
            try Listings.put(
                Listing(account: ada, scope: .all, issues: [], verified: TestSite.verified), source: 1, in: context)
        }
        #expect(try await site.table().members.first?.remark.code == nil)
        for (isRefused, code) in [(false, "listing_failed"), (true, "token_refused")] {
            try await site.store.write {
                try Listings.fail(ada, problem: "Jira says no.", refused: isRefused, source: 1, in: $0)
            }
            let remark = try #require(try await site.table().members.first?.remark)
            #expect(remark.code == code && remark.message.hasSuffix("Jira says no.") && !remark.fix.isEmpty)
        }
    }

    @Test("an explanation tells why a member has no account, and the way out") func explained() async throws {
        let site = try await TestSite()
        try await add("shared@example.com", to: site)
        try await add("ada@example.com", to: site)
        let access = AccessReading(store: site.store)
        let unlinked = try await access.explain("PUB-1", as: "shared@example.com")
        #expect(!unlinked.explanation.visible && unlinked.account == "unlinked")
        let because = unlinked.explanation.clauses.flatMap(\.because)
        #expect(because.contains { $0.hasPrefix("shared@example.com: 2 active accounts have this address") })
        #expect(because.contains { $0.contains("drawbridge member link shared@example.com --source demo") })
        let linked = try await access.explain("PAY-2", as: "ada@example.com")
        #expect(linked.explanation.visible && linked.account == "ada")
        #expect(linked == (try await access.explain("PAY-2", as: "ada")))
    }

    @Test("accounts that hide their address, or whose address is no member's, are told apart") func gaps() async throws
    {
        let site = try await TestSite()
        try await site.store.write { context in
            _ = try PeopleRecords.replaceAccounts(
                [
                    Account(id: AccountID("ada"), displayName: "Ada"),
                    Account(id: AccountID("bob"), displayName: "Bob", email: "bob@example.com"),
                    Account(id: AccountID("bot"), displayName: "Bot", kind: .app),
                ], source: 1, in: context)
        }
        try await add("ada@example.com", to: site)
        let table = try await site.table()
        #expect(table.members.map(\.state) == [.unmatched(.emailHidden(accounts: 1))])
        let codes = Dictionary(uniqueKeysWithValues: table.accounts.map { ($0.account.id.rawValue, $0.remark.code) })
        #expect(codes == ["ada": "email_hidden", "bob": "no_member", "zed": "inactive", "gone": "inactive"])
    }
}

extension TestSite {
    fileprivate func table() async throws -> PeopleTable {
        try await store.read { connection in
            try PeopleTable(of: try #require(try SourceRecords.source(1, in: connection)), in: connection)
        }
    }
}
