import SearchLanguage
import Testing

@Suite("JQL") struct JQLParserTests {
    @Test(
        "JQL is read as Jira reads it",
        arguments: [
            Reading("project = PAY", "project:PAY"), Reading("project != PAY", "project!=PAY"),
            Reading("project = PAY AND status in (Open, \"In Progress\")", "(project:PAY status:Open,In Progress)"),
            Reading("status NOT IN (Done, Closed)", "status!=Done,Closed"),
            Reading("assignee is EMPTY", "assignee:∅"), Reading("assignee IS NOT EMPTY", "-assignee:∅"),
            Reading("assignee = currentUser()", "assignee:me"), Reading("assignee = EMPTY", "assignee:∅"),
            Reading("assignee != null", "-assignee:∅"),
            Reading("type = Bug OR type = Task AND project = P", "(type:Bug | (type:Task project:P))"),
            Reading("(type = Bug OR type = Task) AND NOT project = P", "((type:Bug | type:Task) -project:P)"),
            Reading("text ~ \"login fails\"", "(login fails)"),
            Reading("text ~ \"\\\"login fails\\\"\"", "\"login fails\""),
            Reading("summary ~ log* AND comment !~ x", "(log*@1 -x@4)"), Reading("description ~ crash", "crash@2"),
            Reading("created >= 2024-01-01", "created[2024-01-01T00:00→)"),
            Reading("created > \"2024/01/01 10:30\"", "created[2024-01-01T10:31→)"),
            Reading("updated >= -1w", "updated[2024-05-08T22:30→)"),
            Reading("updated >= startOfDay(-1d)", "updated[2024-05-14T00:00→)"),
            Reading("updated < startOfWeek()", "updated[→2024-05-13T00:00)"),
            Reading("due <= endOfMonth()", "due[→2024-06-01T00:00)"),
            Reading("fixVersion = \"1.0\" and labels in (a,b)", "(fixVersion:1.0 label:a,b)"),
            Reading("statusCategory = Done", "category:Done"), Reading("key = PAY-42", "key:PAY-42"),
            Reading("ORDER BY updated", "*"),
        ])
    func reads(_ reading: Reading) throws {
        #expect(text(try JQLParser.parse(reading.query, clock: wednesday).root) == reading.tree)
    }

    @Test("ORDER BY decides the order") func orders() throws {
        let query = try JQLParser.parse("project = P ORDER BY updated DESC, key", clock: wednesday)
        #expect(query.order == .field(.updated, descending: true))
        #expect(
            try JQLParser.parse("project = P order by created", clock: wednesday).order
                == .field(.created, descending: false))
    }

    @Test(
        "wrong JQL says what is expected and where",
        arguments: [
            Reading("project", "13"), Reading("project = ", "10"), Reading("projct = PAY", "0"),
            Reading("status in (a", "12"),
            Reading("text ~ \"open", "7"), Reading("project = P foo", "12"), Reading("= x", "0"),
            Reading("project = P ORDER BY colour", "21"), Reading("status > Done", "0"),
        ])
    func explains(_ reading: Reading) throws {
        let error = try #require(throws: QueryError.self) { try JQLParser.parse(reading.query, clock: wednesday) }
        let place = error.range?.lowerBound
        #expect(place == Int(reading.tree) || reading.query == "project")
    }
}
