import SimulatedSearch
import SimulatedSite
import Testing

/// A query Jira refuses and what its message must say.
struct RefusalCase: Sendable, CustomTestStringConvertible {
    var jql: String
    var message: String

    var testDescription: String { String(jql.prefix(40)) }

    static let all: [RefusalCase] = [
        RefusalCase(
            jql: "bogus = 1", message: "Field 'bogus' does not exist or you do not have permission to view it."),
        RefusalCase(jql: "project = NOPE", message: "The value 'NOPE' does not exist for the field 'project'."),
        RefusalCase(jql: "status = Nope", message: "The value 'Nope' does not exist for the field 'status'."),
        RefusalCase(jql: "status = 99", message: "A value with ID '99' does not exist for the field 'status'."),
        RefusalCase(jql: "project = PAY order by bogus", message: "Not able to sort using field 'bogus'."),
        RefusalCase(jql: "assignee = nobodyFunction()", message: "Unable to find JQL function 'nobodyFunction()'."),
        RefusalCase(jql: "key = PAY-99999", message: "An issue with key 'PAY-99999' does not exist for field 'key'."),
        RefusalCase(jql: "key = what", message: "The issue key 'what' for field 'key' is invalid."),
        RefusalCase(jql: "status ~ done", message: "The operator '~' is not supported by the 'status' field."),
        RefusalCase(jql: "summary = x", message: "The operator '=' is not supported by the 'summary' field."),
        RefusalCase(jql: "created > yesterday", message: "Date value 'yesterday' for field 'created' is invalid."),
        RefusalCase(
            jql: "created > \"2026-02-30\"", message: "Date value '2026-02-30' for field 'created' is invalid."),
        RefusalCase(
            jql: "project =", message: "Expecting either a value, list or function before the end of the query."),
        RefusalCase(jql: "project = PAY AND", message: "Expecting a field name at the end of the query."),
        RefusalCase(jql: "(project = PAY", message: "Expecting ')' before the end of the query."),
        RefusalCase(jql: "project = PAY status = Done", message: "Expecting either 'OR' or 'AND' but got 'status'."),
        RefusalCase(
            jql: "project = \"PAY", message: "The quoted string 'PAY' has not been completed. (line 1, character 11)"),
        RefusalCase(jql: "project = P%Y", message: "The character '%' is a reserved JQL character."),
        RefusalCase(jql: "select = 1", message: "'select' is a reserved JQL word."),
        RefusalCase(jql: "project PAY = x", message: "Expecting operator but got 'PAY'."),
        RefusalCase(jql: "status was Done", message: "The operator 'was' is not supported by the 'status' field."),
        RefusalCase(jql: "project in PAY", message: "does not support the non-list value"),
        RefusalCase(jql: "project = (PAY, WEB)", message: "does not support the list value"),
        RefusalCase(jql: "assignee in membersOf(nope)", message: "the group does not exist."),
        RefusalCase(
            jql: "project = PAY order by key, id, created, updated, due, status, priority, summary",
            message: "may not name more than 7 fields"),
        RefusalCase(jql: String(repeating: "(", count: 5_000) + "a=b", message: "nested too deeply"),
    ]
}

@Suite struct JQLParsingTests {
    @Test("what Jira refuses is refused in its words", arguments: RefusalCase.all)
    func refusals(_ test: RefusalCase) throws {
        let error = #expect(throws: JQLError.self) { try SearchSite.dataCenter.search(test.jql, as: SearchSite.admin) }
        let text = try #require(error).description
        #expect(text.contains(test.message), "\(text)")
    }

    @Test("a query without a condition is unbounded")
    func boundedness() throws {
        #expect(try !JQLQuery(parsing: "order by key", allowsBareWords: true).isBounded)
        #expect(try !JQLQuery(parsing: "  ", allowsBareWords: true).isBounded)
        #expect(try JQLQuery(parsing: "project = PAY ORDER BY key DESC", allowsBareWords: true).isBounded)
    }

    @Test("bare words search text on Cloud and are refused on Data Center")
    func bareWords() throws {
        #expect(try SearchSite.keys("this is not jql").isEmpty)
        #expect(try SearchSite.count("settlement") == 7)
        #expect(throws: JQLError.self) { try SearchSite.dataCenter.search("settlement", as: SearchSite.admin) }
    }

    @Test(
        "words of any case, symbols and quotes mean the same",
        arguments: [
            "project = PAY AND status = \"In Progress\" OR project = WEB",
            "PROJECT = pay and STATUS = 'in progress' or Project = 'Storefront'",
            "project=PAY && status=\"In Progress\" || project=WEB",
            "(project = PAY AND status = \"In Progress\") OR (project = WEB)",
            "project = PAY AND status = 10002 OR project = 10002",
        ])
    func spellings(_ jql: String) throws {
        let expected = SearchSite.count { row, _ in row.project == 0 && row.status == 2 || row.project == 2 }
        #expect(try SearchSite.count(jql) == expected)
    }
}
