import JiraClient
import Testing

@Suite("An address as people give it") struct SiteAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let given: String
        let url: String
        let mends: [String]
        var testDescription: String { given }

        init(_ given: String, _ url: String, _ mends: [String] = []) {
            (self.given, self.url, self.mends) = (given, url, mends)
        }
    }

    @Test(
        "is put right, and each change is named",
        arguments: [
            Case("https://acme.atlassian.net", "https://acme.atlassian.net"),
            Case("https://acme.atlassian.net/", "https://acme.atlassian.net", ["slash_removed"]),
            Case("acme.atlassian.net", "https://acme.atlassian.net", ["scheme_added"]),
            Case("  <https://acme.atlassian.net>\n", "https://acme.atlassian.net"),
            Case("HTTPS://Acme.Atlassian.NET", "https://acme.atlassian.net"),
            Case("http://acme.atlassian.net", "https://acme.atlassian.net", ["https_used"]),
            Case("https://acme.atlassian.net/browse/PAY-1", "https://acme.atlassian.net", ["page_removed"]),
            Case(
                "https://acme.atlassian.net/jira/software/c/projects/P/boards/1", "https://acme.atlassian.net",
                ["page_removed"]),
            Case("https://acme.atlassian.net/wiki/spaces/X", "https://acme.atlassian.net", ["page_removed"]),
            Case(
                "https://acme.atlassian.net/issues/?jql=project%3DPAY", "https://acme.atlassian.net",
                ["query_removed", "page_removed"]),
            Case("https://jira.example.com:8443", "https://jira.example.com:8443"),
            Case("https://jira.example.com/secure/Dashboard.jspa", "https://jira.example.com", ["page_removed"]),
            Case("https://example.com/jira", "https://example.com/jira"),
            Case("https://example.com/jira/", "https://example.com/jira", ["slash_removed"]),
            Case("https://example.com/jira/browse/PAY-1", "https://example.com/jira", ["page_removed"]),
            Case("https://example.com/jira/projects/PAY/issues", "https://example.com/jira", ["page_removed"]),
            Case("https://example.com/jira/software/projects/PAY", "https://example.com", ["page_removed"]),
            Case("https://example.com/rest/api/2/serverInfo", "https://example.com", ["page_removed"]),
            Case("https://example.com/tools/jira/login.jsp", "https://example.com/tools/jira", ["page_removed"]),
            Case("https://mia:secret@example.com/jira", "https://example.com/jira", ["credential_removed"]),
            Case("127.0.0.1:8080/jira", "http://127.0.0.1:8080/jira", ["scheme_added"]),
            Case("localhost:2990/jira", "http://localhost:2990/jira", ["scheme_added"]),
            Case("http://[::1]:2990", "http://[::1]:2990"),
            Case("jira", "https://jira", ["scheme_added"]),
        ])
    func mended(_ given: Case) throws {
        let address = try SiteAddress(given.given)
        #expect(address.url == given.url)
        #expect(address.mends.map(\.code) == given.mends)
        #expect(!address.mends.contains { $0.description.contains("secret") })
    }

    @Test(
        "is refused when it can be none",
        arguments: [
            "", "   ", "ftp://example.com", "https://", "https://exa mple.com", "https://example.com:99999", "://x",
        ])
    func refused(_ text: String) {
        #expect(throws: JiraError(.invalidAddress)) { try SiteAddress(text) }
    }

    @Test(
        "is tried below shorter paths and below /jira",
        arguments: [
            ("https://example.com", ["https://example.com", "https://example.com/jira"]),
            (
                "https://example.com/a/b",
                ["https://example.com/a/b", "https://example.com/a", "https://example.com", "https://example.com/jira"]
            ),
            ("https://example.com/jira", ["https://example.com/jira", "https://example.com"]),
            ("https://acme.atlassian.net", ["https://acme.atlassian.net"]),
        ])
    func candidates(_ given: String, _ candidates: [String]) throws {
        #expect(try SiteAddress(given).candidates == candidates)
    }
}
