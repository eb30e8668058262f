import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedSite
import Testing

@Suite("Faults on request") struct FaultTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let kind: Fault.Kind
        let status: Int
        var header: (String, String)?
    }

    static let answered: [Case] = [
        Case(
            testDescription: "burst limit", kind: .rateLimited(.burst, retryAfter: 2), status: 429,
            header: ("RateLimit-Reason", "jira-burst-based")),
        Case(
            testDescription: "hourly quota", kind: .rateLimited(.globalQuota, retryAfter: 1_800), status: 429,
            header: ("Retry-After", "1800")),
        Case(
            testDescription: "tenant quota", kind: .rateLimited(.tenantQuota, retryAfter: 60), status: 429,
            header: ("RateLimit-Reason", "jira-quota-tenant-based")),
        Case(
            testDescription: "gateway", kind: .rateLimited(.gateway, retryAfter: nil), status: 429,
            header: ("X-Failure-Category", "FAILURE_CLIENT_RATE_LIMITED")),
        Case(testDescription: "503", kind: .status(503, retryAfter: 5), status: 503, header: ("Retry-After", "5")),
        Case(testDescription: "garbage", kind: .garbage, status: 200),
        Case(testDescription: "truncated JSON", kind: .truncatedJSON, status: 200),
        Case(
            testDescription: "login page", kind: .loginPage, status: 200,
            header: ("Content-Type", "text/html;charset=UTF-8")),
        Case(testDescription: "empty body", kind: .emptyBody, status: 200),
        Case(testDescription: "expired credential", kind: .expiredCredential, status: 401),
        Case(
            testDescription: "CAPTCHA", kind: .captcha, status: 403,
            header: ("X-Seraph-LoginReason", "AUTHENTICATION_DENIED")),
    ]

    @Test("a fault plays once, then the site is well again", arguments: answered) func answers(fault: Case) async throws
    {
        try await Site.with { site in
            site.server.faults.add(Fault(fault.kind, path: "myself"))
            let admin = site.tour.administrator
            let broken = try await site.send(.get, "/rest/api/3/myself", as: admin)
            #expect(broken.status == fault.status)
            if let (name, value) = fault.header { #expect(broken.headers[name] == value) }
            if fault.status == 200 {
                #expect(throws: (any Error).self) { try JSONValue(parsing: broken.body) }
            }
            if case .rateLimited(.gateway, _) = fault.kind { #expect(broken.headers["Retry-After"] == nil) }
            let well = try await site.json(.get, "/rest/api/3/myself", as: admin)
            #expect(well.text("accountId") == admin.accountID)
            #expect(site.server.faults.isEmpty)
        }
    }

    @Test(
        "a connection can break, or crawl",
        arguments: [
            Case(testDescription: "reset", kind: .reset(after: nil), status: 0),
            Case(testDescription: "reset in the body", kind: .reset(after: 20), status: 0),
            Case(testDescription: "torn", kind: .torn(after: 20), status: 0),
            Case(testDescription: "slow", kind: .slow(chunk: 100, interval: .milliseconds(1)), status: 200),
            Case(testDescription: "delay", kind: .delay(.milliseconds(5)), status: 200),
        ])
    func breaks(fault: Case) async throws {
        try await Site.with { site in
            site.server.faults.add(Fault(fault.kind))
            if fault.status == 0 {
                await #expect(throws: HTTPTransportError.self) {
                    _ = try await site.send(.get, "/rest/api/3/serverInfo")
                }
            } else {
                _ = try await site.json(.get, "/rest/api/3/serverInfo")
            }
            _ = try await site.json(.get, "/rest/api/3/serverInfo")
        }
    }

    @Test("faults wait for their turn and their path") func turns() async throws {
        try await Site.with { site in
            site.server.faults.add(Fault(.status(500), path: "serverInfo", skip: 1, count: 2, every: 2))
            var statuses: [Int] = []
            for _ in 0..<6 {
                let other = try await site.send(.get, "/rest/api/3/status")
                #expect(other.status == 200)
                statuses.append(try await site.send(.get, "/rest/api/3/serverInfo").status)
            }
            #expect(statuses == [200, 500, 200, 500, 200, 200])
        }
    }

    @Test("a page can repeat, with the token it was asked with") func repeatedPage() async throws {
        try await Site.with { site in
            let admin = site.tour.administrator
            func page(_ token: JSONValue?) async throws -> JSONValue {
                var members: [JSONValue.Member] = [.init("jql", "project = PAY"), .init("maxResults", 2)]
                if let token { members.append(.init("nextPageToken", token)) }
                return try await site.json(.post, "/rest/api/3/search/jql", as: admin, body: .object(members))
            }
            let first = try await page(nil)
            site.server.faults.add(Fault(.repeatedPage, path: "search/jql"))
            let second = try await page(first["nextPageToken"])
            #expect(second["nextPageToken"] == first["nextPageToken"])
            let third = try await page(second["nextPageToken"])
            #expect(third.values("issues") == second.values("issues"))
            #expect(third["nextPageToken"] != second["nextPageToken"])
        }
    }

    @Test("an index that lags leaves out what is there") func missingFromSearch() async throws {
        try await Site.with { site in
            site.server.faults.add(Fault(.missingFromSearch([10_000]), path: "search/jql"))
            let admin = site.tour.administrator
            let path = "/rest/api/3/search/jql?jql=id=10000%20or%20project=PAY&maxResults=5000"
            let before = try await site.json(.get, path, as: admin).values("issues").count
            let after = try await site.json(.get, path, as: admin).values("issues").count
            #expect(after == before + 1)
        }
    }

    @Test("the control door sets faults, tells the truth and counts requests") func controlDoor() async throws {
        try await Site.with { site in
            let admin = site.tour.administrator
            let fault: JSONValue = .object([
                .init("kind", "rateLimited"), .init("reason", "burst"), .init("retryAfter", 3), .init("path", "status"),
            ])
            _ = try await site.json(.post, "/__simulator/faults", body: fault)
            let limited = try await site.send(.get, "/rest/api/3/status")
            #expect(limited.status == 429)
            let truth = try await site.json(.get, "/__simulator/visible?account=\(admin.name)")
            #expect(truth.values("issues").count == site.server.truth(for: .user(admin.index)).issues.count)
            let requests = try await site.json(.get, "/__simulator/requests")
            #expect(requests["count"]?.integer == 1)
            #expect(requests.values("entries").first?["status"]?.integer == 429)
        }
    }

    @Test("a real rate limit refuses what comes too fast") func realLimit() async throws {
        try await Site.with {
            $0.rateLimit = .init(perSecond: 0.001, burst: 2)
        } _: { site in
            var statuses: [Int] = []
            for _ in 0..<3 { statuses.append(try await site.send(.get, "/rest/api/3/status").status) }
            #expect(statuses == [200, 200, 429])
        }
    }
}
