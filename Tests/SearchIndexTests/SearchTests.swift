import IssueModel
import SearchIndex
import Testing

@Suite("Search") struct SearchTests {
    typealias Item = SearchFixture.Item

    static let items: [Item] = [
        Item(
            id: 1, status: 11, assignee: 1, updated: 1, created: 40, due: -2, values: [(1, 31), (2, 41), (3, 51)],
            summary: "Login fails with NullPointerException",
            description:
                "The connection to the database drops.\nError E4017 in com.acme.Foo, see /var/log/billing/x.log",
            comments: [("seen again by a customer", nil)]),
        Item(
            id: 2, type: 2, status: 12, priority: 22, assignee: 2, updated: 3, created: 30, due: 3,
            values: [(1, 32), (4, 52), (5, 61)], summary: "Billing page is slow",
            description: "Connecting takes long. null pointer checks, HTTP-500 from the proxy"),
        Item(
            id: 3, project: 2, status: 13, priority: nil, resolution: 71, updated: 20, created: 25,
            values: [(2, 42)], summary: "Database migration plan",
            attachment: "diagram.txt\nthe schema of the login tables"),
        Item(id: 4, project: 3, acl: 2, values: [(1, 33)], summary: "Secret login backdoor", description: "zanzibar"),
        Item(
            id: 5, project: 2, status: 11, assignee: 1, updated: 400, created: 500, summary: "日本語のログイン",
            description: "Überraschung: café is naïve", comments: [("only for admins: xylophone", 2)]),
    ]

    struct Case: CustomStringConvertible, Sendable {
        var query: String
        var ids: Set<Int>
        var language = SearchRequest.Language.plain
        var description: String { query }

        init(_ query: String, _ ids: Set<Int>, _ language: SearchRequest.Language = .plain) {
            self.query = query
            self.ids = ids
            self.language = language
        }
    }

    static func filled() async throws -> SearchFixture {
        let fixture = try await SearchFixture()
        try await fixture.add(items)
        return fixture
    }

    @Test("words, phrases, beginnings, identifiers and scripts without spaces are found") func findsText() async throws
    {
        let fixture = try await Self.filled()
        let cases = [
            Case("login", [1, 3, 4]), Case("LOGIN fails", [1, 3, 4]), Case("connect", [1, 2]),
            Case("connections", [1, 2]),
            Case("\"connection to the database\"", [1]), Case("\"connections\"", []), Case("\"connecting\"", [2]),
            Case("\"database connection\"", []), Case("conn*", [1, 2]), Case("data* -plan", [1]),
            Case("billing slow", [1, 2]),
            Case("NullPointerException", [1]), Case("nullpointerexception", [1]), Case("\"null pointer\"", [1, 2]),
            Case("pointer", [1, 2]), Case("E4017", [1]), Case("e4017", [1]), Case("4017", [1]),
            Case("com.acme.Foo", [1]),
            Case("acme", [1]), Case("/var/log/billing", [1]), Case("x.log", [1]), Case("HTTP-500", [2]),
            Case("http500", [2]),
            Case("日本", [5]), Case("ログイン", [5]), Case("cafe", [5]), Case("CAFÉ", [5]), Case("uberraschung", [5]),
            Case("slow OR plan", [2, 3]), Case("(slow OR plan) -page", [3]), Case("diagram.txt", [3]),
            Case("the", [1, 2, 3]),
            Case("", [1, 2, 3, 4, 5]), Case("-login", [2, 5]), Case("xylophone", [5]), Case("customer again", [1]),
            Case("PAY-2", [2]), Case("pay-2", [2]), Case("PAY-99", []), Case("\"a customer\" login", [1]),
        ]
        for sample in cases {
            let results = try await fixture.search(sample.query)
            #expect(Set(results.ids) == sample.ids, "\(sample.query)")
            #expect(results.total == sample.ids.count, "\(sample.query)")
        }
    }

    @Test("every filter selects, in both languages") func filters() async throws {
        let fixture = try await Self.filled()
        let cases = [
            Case("project:PAY", [1, 2]), Case("project:pay,web", [1, 2, 3, 5]), Case("project:OLDPAY", [1, 2]),
            Case("project:\"WEB project\"", [3, 5]), Case("type:Task", [2]), Case("status:open", [1, 4, 5]),
            Case("status:\"In Progress\"", [2]), Case("category:done", [3]), Case("category:\"to do\"", [1, 4, 5]),
            Case("is:open", [1, 2, 4, 5]), Case("is:closed", [3]), Case("is:unassigned", [3, 4]),
            Case("is:resolved", [3]),
            Case("assignee:\"Ann Lee\"", [1, 5]), Case("assignee:ann", [1, 5]), Case("assignee:2@acme.example", [2]),
            Case("assignee:none", [3, 4]), Case("assignee:me", [2]), Case("reporter:bo", [1, 2, 3, 4, 5]),
            Case("label:backend", [1]), Case("label:back*", [1]), Case("label:none", [3, 5]),
            Case("component:Billing", [1]),
            Case("component:\"login page\"", [3]), Case("version:1.0", [1]), Case("version:2.0", [2]),
            Case("fixversion:1.0,2.0", [1]), Case("affectedversion:2.0", [2]), Case("sprint:\"Sprint 7\"", [2]),
            Case("priority:low", [2]), Case("priority:none", [3]), Case("-priority:high", [2, 3]),
            Case("resolution:fixed", [3]),
            Case("created:>-35d", [2, 3, 4]), Case("updated:<-10d", [3, 5]), Case("updated:7d", [1, 2, 4]),
            Case("due:<today", [1]), Case("due:>=today", [2]), Case("due:7d", [2]), Case("due:none", [3, 4, 5]),
            Case("has:comment", [1, 5]), Case("has:attachment", [3]), Case("has:due,label", [1, 2, 4]),
            Case("-has:component", [2, 4, 5]),
            Case("key:PAY-1,WEB-3", [1, 3]), Case("source:acme", [1, 2, 3, 4, 5]), Case("login project:PAY", [1]),
            Case("project = PAY AND status != Open", [2], .jql), Case("assignee = currentUser()", [2], .jql),
            Case("priority != High", [2], .jql), Case("priority NOT IN (High)", [2], .jql),
            Case("labels IS EMPTY", [3, 5], .jql),
            Case("text ~ \"login\" AND project IN (PAY, SECRET)", [1, 4], .jql), Case("summary ~ billing", [2], .jql),
            Case("comment ~ customer", [1], .jql), Case("jql: project = WEB", [3, 5]),
        ]
        for sample in cases {
            let results = try await fixture.search(sample.query, language: sample.language, me: [1: AccountID("acc-2")])
            #expect(Set(results.ids) == sample.ids, "\(sample.query)")
        }
    }

    @Test("an unknown value is an error that suggests only what the reader sees") func explainsValues() async throws {
        let fixture = try await Self.filled()
        let reader = SearchFixture.allowed([1])
        let cases = [
            ("status:opne", "status:Open"), ("label:backnd", "label:backend"),
            ("assignee:\"Anm Lee\"", "assignee:\"Ann Lee\""),
            ("label:secret-labl", nil), ("project:SECRET", nil), ("project:ABSENT", nil), ("has:coment", "has:comment"),
            ("label:secret-label", nil), ("key:SECRET-4", nil), ("assignee:me", nil),
        ]
        for (query, suggestion) in cases {
            let error = await #expect(throws: SearchError.self, "\(query)") {
                try await fixture.search(query, as: reader)
            }
            #expect(error?.suggestions.first == suggestion, "\(query)")
            #expect(
                error?.range?.lowerBound == (query.firstIndex(of: ":")?.utf16Offset(in: query) ?? 0) + 1, "\(query)")
        }
        let hidden = await #expect(throws: SearchError.self) { try await fixture.search("project:SECRET", as: reader) }
        let absent = await #expect(throws: SearchError.self) { try await fixture.search("project:ABSENT", as: reader) }
        #expect(hidden?.message.replacing("SECRET", with: "ABSENT") == absent?.message)
    }

    @Test("keys come first, summaries before descriptions, phrases before scattered words") func ranks() async throws {
        let fixture = try await SearchFixture()
        try await fixture.add([
            Item(id: 1, summary: "Something else", description: "the export job times out sometimes at night"),
            Item(id: 2, summary: "Export job times out"),
            Item(id: 3, summary: "Times of the job", description: "an export that is out"),
            Item(id: 4, summary: "Notes", comments: [("compare PAY-7 and its export", nil)]),
            Item(id: 7, summary: "Unrelated"),
        ])
        #expect(try await fixture.search("export job times out").ids.first == 2)
        #expect(try await fixture.search("PAY-7").ids == [7, 4])
        #expect(try await fixture.search("pay-7 export").ids.first == 7)
    }

    @Test("too few matches of all words are widened to any of them, and the answer says so") func widens() async throws
    {
        let fixture = try await Self.filled()
        let some = try await fixture.search("login customer zebra")
        #expect(some.matching == .some)
        #expect(Set(some.ids) == [1, 3, 4])
        #expect(some.ids.first == 1)
        let all = try await fixture.search("\"login\" customer")
        #expect(all.matching == .all)
        #expect(all.ids == [1])
        #expect(try await fixture.search("login customer project:WEB").ids == [3])
    }

    @Test("facets count all matches exactly") func counts() async throws {
        let fixture = try await Self.filled()
        let facets = try await fixture.search("login OR billing", as: SearchFixture.allowed([1])).facets
        func values(_ name: String) -> [String: Int] {
            let facet = facets.first { $0.name == name }
            return Dictionary(uniqueKeysWithValues: (facet?.values ?? []).map { ($0.value, $0.count) })
        }
        #expect(values("project") == ["PAY": 2, "WEB": 1])
        #expect(values("status") == ["Open": 1, "In Progress": 1, "Done": 1])
        #expect(values("category") == ["new": 1, "indeterminate": 1, "done": 1])
        #expect(values("type") == ["Bug": 2, "Task": 1])
        #expect(values("priority") == ["High": 1, "Low": 1, "none": 1])
        #expect(values("assignee") == ["Ann Lee": 1, "Bo Larsen": 1, "none": 1])
        #expect(values("label") == ["backend": 1, "frontend": 1])
        #expect(values("component") == ["Billing": 1, "Login page": 1])
        #expect(values("version") == ["1.0": 1, "2.0": 1])
    }

    @Test("a snippet comes from the passage that matches best, with what matched marked") func cutsSnippets()
        async throws
    {
        let fixture = try await Self.filled()
        func passage(_ query: String, as acls: [Int64] = [1, 2]) async throws -> (String, [String])? {
            guard let found = try await fixture.search(query, as: SearchFixture.allowed(acls)).hits.first?.passage
            else { return nil }
            let scalars = Array(found.snippet.unicodeScalars)
            let marked = found.highlights.map { range in String(String.UnicodeScalarView(scalars[range])) }
            return ("\(found.kind.name) \(found.id ?? "")", marked)
        }
        #expect(try await passage("connection dropped")?.1 == ["connection", "drops"])
        #expect(try await passage("customer")?.0 == "comment c0")
        #expect(try await passage("xylophone")?.1 == ["xylophone"])
        #expect(try await passage("E4017")?.1 == ["E4017"])
        #expect(try await passage("com.acme.foo")?.1 == ["com.acme.Foo"])
        #expect(try await passage("\"naive\"")?.1 == ["naïve"])
        #expect(try await passage("ログ")?.1 == ["ログ"])
        #expect(try await passage("billin*")?.1.first?.lowercased() == "billing")
        #expect(try await passage("xylophone", as: [1]) == nil)
    }

    @Test("a misspelt word offers the nearest word the reader can find") func corrects() async throws {
        let fixture = try await Self.filled()
        let results = try await fixture.search("databse migration")
        #expect(results.correction?.query == "database migration")
        #expect(results.correction?.words.first?.to == "database")
        #expect(try await fixture.search("zanzibra").correction?.query == "zanzibar")
        #expect(try await fixture.search("zanzibra", as: SearchFixture.allowed([1])).correction == nil)
        #expect(try await fixture.search("xylophnoe", as: SearchFixture.allowed([1])).correction == nil)
        #expect(try await fixture.search("login").correction == nil)
    }

    @Test("hits carry what is shown of them") func describesHits() async throws {
        let fixture = try await Self.filled()
        let hit = try #require(try await fixture.search("E4017").hits.first)
        #expect(hit.key == "PAY-1" && hit.jiraID == 10_001 && hit.source == "acme" && hit.project == "PAY")
        #expect(hit.status == "Open" && hit.statusCategory == "new" && hit.type == "Bug" && hit.assignee == "Ann Lee")
        #expect(hit.url == "https://acme.example/jira/browse/PAY-1")
        #expect(hit.score > 0)
    }
}
