import HTTPMessages
import IssueModel
import Pacing
import Testing

@testable import JiraClient

@Suite("The pace, on paper") struct PacingStateTests {
    let search = Endpoint(method: "POST", path: "/rest/api/3/search/jql")
    let bulk = Endpoint(method: "POST", path: "/rest/api/3/issue/bulkfetch")
    let fine = RateSignal(verdict: .fine)

    private func state(_ initial: Int = 4, _ most: Int = 32) -> PacingState<Endpoint> {
        var options = PacingOptions()
        (options.initialConcurrency, options.maximumConcurrency) = (initial, most)
        return PacingState<Endpoint>(options.limits)
    }

    /// Starts as many requests as may start.
    private func fill(_ state: inout PacingState<Endpoint>, _ endpoint: Endpoint, at now: Duration) -> Int {
        var count = 0
        while state.admit(endpoint, now: now) == .start { count += 1 }
        return count
    }

    private func finish(
        _ state: inout PacingState<Endpoint>, _ endpoint: Endpoint, _ verdict: RateSignal.Verdict, at now: Duration
    ) {
        state.finish(
            endpoint, startedAt: now, signal: RateSignal(verdict: verdict), backoff: .seconds(2), now: now)
    }

    @Test("grows by one for a round of good answers, up to the most") func grows() {
        var state = state(4, 6)
        var counts: [Int] = []
        for round in 0..<6 {
            let now = Duration.seconds(round)
            counts.append(fill(&state, search, at: now))
            for _ in 0..<(counts.last ?? 0) { finish(&state, search, .fine, at: now) }
        }
        // A quarter each for four answers, of which the later ones count a little less as the lane widens.
        #expect(counts == [4, 4, 5, 6, 6, 6])
        #expect(state.width(search) == 6)
    }

    @Test("does not grow for requests that never fill the lane") func idle() {
        var state = state()
        for round in 0..<50 {
            #expect(state.admit(search, now: .seconds(round)) == .start)
            finish(&state, search, .fine, at: .seconds(round))
        }
        #expect(state.width(search) == 4)
    }

    @Test("halves once for a burst, however many requests it hit, and slows that endpoint alone") func burst() {
        var state = state(16)
        #expect(fill(&state, search, at: .seconds(1)) == 16)
        for _ in 0..<16 {
            state.finish(
                search, startedAt: .seconds(1), signal: RateSignal(verdict: .burst(wait: .seconds(7))),
                backoff: .seconds(2), now: .seconds(2))
        }
        #expect(state.width(search) == 8)
        #expect(state.admit(search, now: .seconds(3)) == .wait(until: .seconds(9)))
        #expect(state.admit(bulk, now: .seconds(3)) == .start)
        #expect(fill(&state, search, at: .seconds(9)) == 8)
    }

    @Test("waits the back-off for a burst without Retry-After") func burstWithoutWait() {
        var state = state()
        #expect(state.admit(search, now: .zero) == .start)
        finish(&state, search, .burst(wait: nil), at: .seconds(1))
        #expect(state.admit(search, now: .seconds(1)) == .wait(until: .seconds(3)))
    }

    @Test("an exhausted quota stops every endpoint until it is renewed") func quota() {
        var state = state()
        #expect(state.admit(search, now: .zero) == .start)
        finish(&state, search, .quota(wait: .seconds(600)), at: .zero)
        #expect(state.admit(search, now: .seconds(1)) == .wait(until: .seconds(600)))
        #expect(state.admit(bulk, now: .seconds(1)) == .wait(until: .seconds(600)))
        #expect(state.admit(bulk, now: .seconds(600)) == .start)
        #expect(state.width(search) == 4, "the pace itself was not wrong")
    }

    @Test("never falls below one at a time") func least() {
        var state = state()
        for second in 1..<10 {
            let now = Duration.seconds(second * 100)
            #expect(state.admit(search, now: now) == .start)
            finish(&state, search, .overloaded(wait: nil), at: now)
        }
        #expect(state.width(search) == 1)
        #expect(fill(&state, search, at: .seconds(5_000)) == 1)
    }

    @Test("a nearly empty token bucket spaces the starts of all endpoints") func spacing() {
        var state = state()
        #expect(state.admit(search, now: .zero) == .start)
        state.finish(
            search, startedAt: .zero, signal: RateSignal(verdict: .fine, spacing: .milliseconds(200)), backoff: .zero,
            now: .zero)
        #expect(state.admit(search, now: .seconds(1)) == .start)
        #expect(state.admit(bulk, now: .seconds(1)) == .wait(until: .seconds(1) + .milliseconds(200)))
        #expect(state.admit(bulk, now: .seconds(2)) == .start)
        state.finish(bulk, startedAt: .zero, signal: fine, backoff: .zero, now: .seconds(2))
        #expect(state.admit(bulk, now: .seconds(2)) == .start, "the bucket is full again")
    }

    @Test("a connection that failed says nothing of the pace") func noSignal() {
        var state = state()
        #expect(state.admit(search, now: .zero) == .start)
        state.finish(search, startedAt: .zero, signal: nil, backoff: .seconds(2), now: .zero)
        #expect(state.width(search) == 4 && state.room(search) == 4)
    }
}

@Suite("What an answer's headers say about the pace") struct RateSignalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let headers: HTTPHeaders
        let verdict: RateSignal.Verdict

        init(_ name: String, _ status: Int, _ headers: HTTPHeaders, _ verdict: RateSignal.Verdict) {
            (testDescription, self.status, self.headers, self.verdict) = (name, status, headers, verdict)
        }
    }

    @Test(
        "is told apart",
        arguments: [
            Case("nothing", 200, [:], .fine),
            Case("near the limit", 200, ["X-RateLimit-NearLimit": "true"], .nearLimit),
            Case(
                "structured headers of the beta are no throttling", 200, ["Beta-RateLimit": "\"a\";r=10;t=600"], .fine),
            Case(
                "burst", 429, ["RateLimit-Reason": "jira-burst-based", "Retry-After": "5"], .burst(wait: .seconds(5))),
            Case("burst without a wait", 429, ["RateLimit-Reason": "jira-burst-based"], .burst(wait: nil)),
            Case("the gateway's own", 429, ["X-Failure-Category": "FAILURE_CLIENT_RATE_LIMITED"], .burst(wait: nil)),
            Case("threads", 429, ["RateLimit-Reason": "jira-max-concurrent-threads-x"], .burst(wait: nil)),
            Case(
                "global quota", 429, ["RateLimit-Reason": "jira-quota-global-based", "Retry-After": "1200"],
                .quota(wait: .seconds(1_200))),
            Case(
                "quota that names its end without seconds", 429,
                ["RateLimit-Reason": "jira-quota-tenant-based", "X-RateLimit-Reset": "2026-03-26T16:10Z"],
                .quota(wait: .seconds(660))),
            Case(
                "quota that names nothing ends with the hour", 429, ["RateLimit-Reason": "jira-quota-tenant-based"],
                .quota(wait: .seconds(60))),
            Case(
                "the server's clock counts", 429,
                [
                    "RateLimit-Reason": "jira-quota-tenant-based", "X-RateLimit-Reset": "2026-03-26T16:10Z",
                    "Date": "Thu, 26 Mar 2026 16:09:00 GMT",
                ], .quota(wait: .seconds(60))),
            Case("blocked: limit 0", 429, ["X-RateLimit-Limit": "0"], .blocked),
            Case("blocked: an absurd wait", 429, ["Retry-After": "9223372036854775807"], .blocked),
            Case("blocked: a number beyond numbers", 429, ["Retry-After": "99999999999999999999999"], .blocked),
            Case(
                "a date to wait for", 429,
                ["Retry-After": "Thu, 26 Mar 2026 16:00:00 GMT", "Date": "Thu, 26 Mar 2026 15:59:30 GMT"],
                .burst(wait: .seconds(30))),
            Case("nonsense to wait for", 429, ["Retry-After": "soon"], .burst(wait: nil)),
            Case("a negative wait", 429, ["Retry-After": "-5"], .burst(wait: nil)),
            Case("overloaded with a wait", 503, ["Retry-After": "20"], .overloaded(wait: .seconds(20))),
            Case("overloaded", 502, [:], .overloaded(wait: nil)),
            Case("Data Center's retry-after of nothing", 200, ["retry-after": "0"], .fine),
        ])
    func verdict(_ given: Case) throws {
        let now = try #require(Timestamp("2026-03-26T15:59:00Z"))
        let signal = RateSignal(
            HTTPResponse(status: given.status, headers: given.headers), now: now, blockedAfter: .seconds(86_400))
        #expect(signal.verdict == given.verdict)
    }

    @Test(
        "Data Center's bucket gives a spacing only when it runs low",
        arguments: [("50", nil), ("7", Duration.milliseconds(200))])
    func bucket(_ remaining: String, _ spacing: Duration?) {
        let headers: HTTPHeaders = [
            "X-RateLimit-Limit": "70", "X-RateLimit-Remaining": remaining, "X-RateLimit-FillRate": "5",
            "X-RateLimit-Interval-Seconds": "1",
        ]
        let signal = RateSignal(
            HTTPResponse(status: 200, headers: headers), now: Timestamp(milliseconds: 0), blockedAfter: .seconds(1))
        #expect(signal.spacing == spacing)
    }
}

extension RateSignal {
    init(verdict: Verdict, spacing: Duration? = nil) {
        self.init(HTTPResponse(status: 200), now: Timestamp(milliseconds: 0), blockedAfter: .seconds(1))
        self.verdict = verdict
        self.spacing = spacing
    }
}
