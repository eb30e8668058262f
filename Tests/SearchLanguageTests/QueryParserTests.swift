import SearchLanguage
import Testing

@Suite("The plain query language") struct QueryParserTests {
    @Test(
        "a query is read as what its words and operators mean",
        arguments: [
            Reading("", "*"), Reading("   ", "*"), Reading("login", "login"), Reading("login fails", "(login fails)"),
            Reading("\"login fails\" now", "(\"login fails\" now)"), Reading("log*", "log*"),
            Reading("-login", "-login"),
            Reading("a OR b c", "(a | (b c))"), Reading("(a OR b) c", "((a | b) c)"), Reading("a | b", "(a | b)"),
            Reading("a AND b", "(a b)"), Reading("NOT a b", "(-a b)"), Reading("a or b", "(a or b)"),
            Reading("-(a OR b)", "-(a | b)"), Reading("--verbose", "verbose"), Reading("a - b", "(a b)"),
            Reading("“curly quotes”", "\"curly quotes\""), Reading("PAY-42", "PAY-42"),
            Reading("status:Done", "status:Done"), Reading("type:Bug,Task", "type:Bug,Task"),
            Reading("status:\"In Progress\" x", "(status:In Progress x)"), Reading("-status:Done", "-status:Done"),
            Reading("status:!Done", "-status:Done"), Reading("has:(attachment|comment)", "has:attachment,comment"),
            Reading("status:(To Do, Done)", "status:To,Do,Done"), Reading("assignee:none", "assignee:∅"),
            Reading("assignee:\"none\"", "assignee:none"), Reading("assignee:me,none", "(assignee:me | assignee:∅)"),
            Reading("is:open", "-category:done"), Reading("is:closed,unassigned", "(category:done | assignee:∅)"),
            Reading("Status:Done", "status:Done"), Reading("issuetype:Bug", "type:Bug"),
            Reading("http://a.example/x?y=1", "http://a.example/x?y=1"), Reading("std::move", "std::move"),
            Reading("localhost:8080", "localhost:8080"), Reading("C:\\temp", "C:\\temp"),
            Reading("Error: no space", "(Error: no space)"), Reading("foo(bar)", "foo(bar)"),
        ])
    func reads(_ reading: Reading) throws {
        #expect(text(try QueryParser.parse(reading.query, clock: wednesday).root) == reading.tree)
    }

    @Test(
        "a date filter becomes a span of time",
        arguments: [
            Reading("created:2024-05-01", "created[2024-05-01T00:00→2024-05-02T00:00)"),
            Reading("created:2024-05", "created[2024-05-01T00:00→2024-06-01T00:00)"),
            Reading("created:2023", "created[2023-01-01T00:00→2024-01-01T00:00)"),
            Reading("created:>=2024-01-01", "created[2024-01-01T00:00→)"),
            Reading("created:>2024-01-01", "created[2024-01-02T00:00→)"),
            Reading("created:<2024-01-01", "created[→2024-01-01T00:00)"),
            Reading("created:<=2024-01-01", "created[→2024-01-02T00:00)"),
            Reading("created:2024-01-01..2024-01-31", "created[2024-01-01T00:00→2024-02-01T00:00)"),
            Reading("created:..2024-01-31", "created[→2024-02-01T00:00)"), Reading("due:none", "due:∅"),
            Reading("updated:>-7d", "updated[2024-05-08T22:30→)"),
            Reading("updated:-7d", "updated[2024-05-08T22:30→2024-05-15T22:30)"),
            Reading("updated:today", "updated[2024-05-15T00:00→2024-05-16T00:00)"),
            Reading("updated:yesterday", "updated[2024-05-14T00:00→2024-05-15T00:00)"),
            Reading("due:<today", "due[→2024-05-15T00:00)"), Reading("due:<7d", "due[→2024-05-22T22:30)"),
            Reading("created:\"2024-05-01 08:15\"", "created[2024-05-01T08:15→2024-05-01T08:16)"),
        ])
    func readsDates(_ reading: Reading) throws {
        #expect(text(try QueryParser.parse(reading.query, clock: wednesday).root) == reading.tree)
    }

    @Test("days begin at midnight on the reader's clock") func respectsTheClock() throws {
        let east = DateExpression.Clock(now: wednesday.now, minutesEastOfUTC: 120)
        let query = try QueryParser.parse("updated:today", clock: east)
        #expect(text(query.root) == "updated[2024-05-15T22:00→2024-05-16T22:00)")
    }

    struct Mistake: CustomStringConvertible, Sendable {
        var query: String
        var code: QueryError.Code
        var start: Int
        var suggestion: String?
        var description: String { query }
    }

    @Test(
        "a mistake names its place and what was probably meant",
        arguments: [
            Mistake(query: "foo statsu:open", code: .unknownFilter, start: 4, suggestion: "status:"),
            Mistake(query: "asignee:me", code: .unknownFilter, start: 0, suggestion: "assignee:"),
            Mistake(query: "wibble:x", code: .unknownFilter, start: 0),
            Mistake(query: "is:opne", code: .unknownValue, start: 3, suggestion: "is:open"),
            Mistake(query: "x created:yesterdy", code: .badValue, start: 10),
            Mistake(query: "created:2024-02-31", code: .badValue, start: 8),
            Mistake(query: "status:", code: .badValue, start: 0),
            Mistake(query: "status:>Done", code: .badValue, start: 0),
            Mistake(query: "sort:colour", code: .unknownValue, start: 0),
            Mistake(query: String(repeating: "x", count: 20_000), code: .queryTooLong, start: -1),
            Mistake(query: String(repeating: "(", count: 100) + "x", code: .queryTooDeep, start: 40),
        ])
    func explains(_ mistake: Mistake) throws {
        let error = try #require(throws: QueryError.self) { try QueryParser.parse(mistake.query, clock: wednesday) }
        #expect(error.code == mistake.code)
        #expect(error.range?.lowerBound ?? -1 == mistake.start)
        if let suggestion = mistake.suggestion { #expect(error.suggestions.first == suggestion) }
    }

    @Test("only plain words are widened") func knowsPlainWords() throws {
        func isPlain(_ query: String) throws -> Bool { try QueryParser.parse(query, clock: wednesday).isPlainWords }
        #expect(try isPlain("login fails project:PAY"))
        for query in ["login -fails", "\"login fails\"", "login OR fails", "log* fails", "project:PAY", ""] {
            #expect(try !isPlain(query), "\(query)")
        }
    }

    @Test("words past the limit are counted, not looked up") func boundsTheWords() throws {
        let query = try QueryParser.parse((0..<100).map { "w\($0)" }.joined(separator: " "), clock: wednesday)
        #expect(query.root.description(of: \.count) == 48)
        #expect(query.ignoredWords == 52)
    }

    @Test("whatever is typed is read or refused, never a crash", arguments: 0..<60)
    func survives(_ seed: Int) {
        var random = Seeded(seed: UInt64(seed))
        let pieces = [
            "\"", "'", "(", ")", "-", "*", "OR", "AND", "NOT", ":", "status:", "created:>", "..", "NEAR(", "{", "}",
            "^",
            "\u{0}", "\u{1}", "\u{1E}", "é", "日本", "🙂", "\\", ",", "|", "jql:", " ", "\n", "a", "=", "!", "~", "<",
            ">=",
        ]
        for _ in 0..<40 {
            let query = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined(separator: Bool.random(using: &random) ? " " : "")
            _ = try? QueryParser.parse(query, clock: wednesday)
            _ = try? JQLParser.parse(query, clock: wednesday)
        }
    }
}

extension QueryNode {
    fileprivate func description(of measure: ([QueryNode]) -> Int) -> Int {
        if case .and(let parts) = self { measure(parts) } else { 1 }
    }
}

struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
