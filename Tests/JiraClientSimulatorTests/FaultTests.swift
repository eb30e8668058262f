import HTTPClient
import IssueDecoding
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import Testing

@Suite("Against a simulated Jira that fails") struct FaultTests {
    struct Passing: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: Fault.Kind
        var flavours: [SiteFlavour] = [.cloud, .dataCenter]
    }

    static let passing = [
        Passing(testDescription: "burst", kind: .rateLimited(.burst, retryAfter: 3)),
        Passing(testDescription: "burst without Retry-After", kind: .rateLimited(.burst, retryAfter: nil)),
        Passing(testDescription: "quota", kind: .rateLimited(.globalQuota, retryAfter: 100)),
        Passing(testDescription: "tenant quota", kind: .rateLimited(.tenantQuota, retryAfter: nil)),
        Passing(testDescription: "the gateway's 429", kind: .rateLimited(.gateway, retryAfter: nil)),
        Passing(testDescription: "Data Center's 429", kind: .rateLimited(.dataCenter, retryAfter: 1)),
        Passing(testDescription: "500", kind: .status(500)), Passing(testDescription: "502", kind: .status(502)),
        Passing(testDescription: "503 with a wait", kind: .status(503, retryAfter: 2)),
        Passing(testDescription: "reset at once", kind: .reset(after: nil)),
        Passing(testDescription: "reset in the body", kind: .reset(after: 300)),
        Passing(testDescription: "torn", kind: .torn(after: 200)),
        Passing(testDescription: "garbage", kind: .garbage),
        Passing(testDescription: "half a document", kind: .truncatedJSON),
        Passing(testDescription: "no bytes", kind: .emptyBody),
        Passing(testDescription: "slow", kind: .slow(chunk: 20_000, interval: .milliseconds(1))),
    ]

    @Test("a passing fault costs nothing but time", arguments: passing, [SiteFlavour.cloud, .dataCenter])
    func passes(_ fault: Passing, _ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour, issues: 40) { jira in
            let (client, caller) = try await jira.administrator()
            for path in ["/search", "/issue/bulkfetch", "/field"] {
                jira.server.faults.add(Fault(fault.kind, path: path, count: 2))
            }
            let issues = try await client.everyIssue().issues.map { Int($0.issue.id.rawValue) }
            #expect(issues.sorted() == jira.server.truth(for: caller).issues.sorted())
        }
    }

    struct Lasting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: Fault.Kind
        let code: JiraError.Code
    }

    @Test(
        "a lasting fault has its own code",
        arguments: [
            Lasting(testDescription: "expired", kind: .expiredCredential, code: .credentialRefused),
            Lasting(testDescription: "captcha", kind: .captcha, code: .captchaRequired),
            Lasting(testDescription: "login page", kind: .loginPage, code: .loginPage),
            Lasting(testDescription: "gone", kind: .status(410), code: .gone),
            Lasting(testDescription: "forbidden", kind: .status(403), code: .permissionMissing),
            Lasting(testDescription: "down", kind: .status(500), code: .serverError),
            Lasting(testDescription: "always busy", kind: .rateLimited(.burst, retryAfter: 1), code: .rateLimited),
            Lasting(
                testDescription: "blocked", kind: .rateLimited(.burst, retryAfter: 1_000_000_000), code: .accessBlocked),
            Lasting(testDescription: "garbage", kind: .garbage, code: .undecodable),
        ])
    func lasts(_ fault: Lasting) async throws {
        try await SimulatedJira.with(.cloud, issues: 10) { jira in
            let client = try await jira.administrator().client
            jira.server.faults.add(Fault(fault.kind, count: nil))
            let error = await #expect(throws: JiraError.self) { try await client.issueIDs(IssueQuery(), after: nil) }
            #expect(error?.code == fault.code)
        }
    }

    @Test("a repeated page ends the listing with an error") func repeatedPage() async throws {
        try await SimulatedJira.with(.cloud, issues: 30, { $0.issuePageLimit = 10 }) { jira in
            let client = try await jira.administrator().client
            let decoder = IssueDecoder(fields: FieldCatalogue([]), flavour: .cloud)
            let first = try await client.issues(IssueQuery(), after: nil, decoder: decoder)
            jira.server.faults.add(Fault(.repeatedPage, path: "/search/jql", count: 5))
            let error = await #expect(throws: JiraError.self) {
                var cursor = first.next
                while cursor != nil {
                    cursor = try await client.issues(IssueQuery(), after: cursor, decoder: decoder).next
                }
            }
            #expect(error?.code == .pagingLoop)
        }
    }

    @Test(
        "wrong credentials are refused, in either way a site does it", arguments: [false, true],
        [SiteFlavour.cloud, .dataCenter])
    func wrong(_ asAnonymous: Bool, _ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour, issues: 5, { $0.wrongCredentialsAreAnonymous = asAnonymous }) { jira in
            let credential: Credential =
                flavour == .cloud ? .apiToken(email: "no@example.com", token: "no") : .personalAccessToken("no")
            let error = await #expect(throws: JiraError.self) { try await jira.identify(credential) }
            #expect(error?.concernsAccess == true)
        }
    }

    @Test("a token that expires under way is an error, not an empty site") func expiry() async throws {
        try await SimulatedJira.with(.cloud, issues: 10, { $0.wrongCredentialsAreAnonymous = true }) { jira in
            let administrator = try #require(jira.server.credentials.administrator)
            let client = try await jira.client(jira.credential(administrator))
            guard case .apiToken(_, let token) = jira.credential(administrator) else { return }
            jira.server.revoke(token)
            let query = IssueQuery(jql: "key = NOSUCH-1")
            let error = await #expect(throws: JiraError.self) { try await client.issueIDs(query, after: nil) }
            #expect(error?.concernsAccess == true || error?.code == .badQuery)
        }
    }

    @Test("a query Jira does not understand says what Jira said", arguments: [SiteFlavour.cloud, .dataCenter])
    func badQuery(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour, issues: 5) { jira in
            let client = try await jira.administrator().client
            for (jql, code) in [("flavor = sweet", JiraError.Code.badQuery), ("project = NOSUCH", .projectMissing)] {
                let error = await #expect(throws: JiraError.self) {
                    try await client.issueIDs(IssueQuery(jql: jql), after: nil)
                }
                #expect(error?.code == code)
                #expect(error?.messages.isEmpty == false)
                #expect(error?.description.contains("NOSUCH") == false)
            }
        }
    }
}
