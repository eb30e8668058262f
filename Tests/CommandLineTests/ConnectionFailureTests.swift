import Foundation
import HTTPMessages
import Testing
import WebServer

/// What a person sees who connects to something that is not quite a usable Jira.
@Suite("Connecting to the wrong thing") struct ConnectionFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: @Sendable (HTTPRequest) -> HTTPResponse
        let status: Int32
        let says: String
    }

    private static func json(_ status: Int, _ text: String, _ headers: HTTPHeaders = [:]) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "application/json"
        return HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
    }

    private static func page(_ status: Int, _ text: String, _ headers: HTTPHeaders = [:]) -> HTTPResponse {
        var headers = headers
        headers["Content-Type"] = "text/html"
        return HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
    }

    private static let serverInfo =
        #"{"baseUrl":"http://jira.example.com","version":"10.3.0","versionNumbers":[10,3,0],"deploymentType":"Server","buildNumber":1}"#

    /// A Data Center that answers `serverInfo`, and `other` to everything else.
    private static func dataCenter(_ other: @escaping @Sendable (HTTPRequest) -> HTTPResponse)
        -> @Sendable (HTTPRequest) -> HTTPResponse
    {
        { $0.url.contains("/serverInfo") ? json(200, serverInfo) : other($0) }
    }

    static let cases = [
        Case(
            testDescription: "a web site that is no Jira", answer: { _ in page(200, "<html>Welcome</html>") },
            status: 1, says: "not"),
        Case(
            testDescription: "a sign-in portal before Jira",
            answer: { _ in page(200, "<html><form id='login' action='/login'><input type='password'></form></html>") },
            status: 3, says: "ogin"),
        Case(
            testDescription: "nothing at this path", answer: { _ in page(404, "<html>nothing here</html>") }, status: 1,
            says: "not"),
        Case(
            testDescription: "an expired token",
            answer: dataCenter { _ in
                json(401, #"{"message":"Client must be authenticated to access this resource.","status-code":401}"#)
            },
            status: 3, says: "refused"),
        Case(
            testDescription: "an old server's refusal as a page",
            answer: dataCenter { _ in
                page(401, "<html>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</html>")
            },
            status: 3, says: "refused"),
        Case(
            testDescription: "a captcha",
            answer: dataCenter { _ in
                page(
                    403, "<html></html>",
                    ["X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=http://jira.example.com/login.jsp"]
                )
            }, status: 3, says: "aptcha"),
    ]

    @Test("each has its own words and exit code", arguments: cases)
    func connecting(_ example: Case) async throws {
        let server = WebServer(WebServerConfiguration(), respond: { example.answer($0) })
        try server.start()
        let url = server.url
        try await Program.withDataFolder { program in
            let secret = try program.secretFile("not-the-right-one")
            let outcome = try await program.run("source", "add", url, "--name", "x", "--pat-file", secret)
            #expect(outcome.status == example.status, "\(outcome)")
            #expect(outcome.errors.contains(example.says), "\(outcome)")
            #expect(!outcome.errors.contains("not-the-right-one") && !outcome.output.contains("not-the-right-one"))
            let list = try await program.run("source", "list", "--json")
            #expect(!list.output.contains(url), "a source that cannot be used is not kept: \(list)")
        }
        await server.stop(grace: .zero)
    }

    @Test(
        "an address where nothing listens, and a host that does not exist, end with 4",
        arguments: [
            "http://127.0.0.1:9", "http://no-such-host.invalid",
        ])
    func unreachable(_ url: String) async throws {
        try await Program.withDataFolder { program in
            let outcome = try await program.run("source", "add", url, "--name", "x", "--anonymous")
            #expect(outcome.status == 4, "\(outcome)")
        }
    }

    @Test("a data folder that cannot be written is said so") func readOnlyFolder() async throws {
        try await Program.withDataFolder { program in
            // A file where the folder should be refuses every user, the administrator too.
            try Data("in the way".utf8).write(to: program.dataFolder)
            let outcome = try await program.run("source", "list")
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.errors.contains("folder"), "\(outcome)")
        }
    }
}
