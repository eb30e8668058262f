import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Synchronization
import Testing

@Suite("Asking again") struct RetryTests {
    private func statuses(
        _ answers: [HTTPResponse?], _ time: VirtualTime, _ options: JiraClient.Options = .init()
    ) async throws -> (CannedTransport, JiraClient) {
        let transport = CannedTransport { (_, number) throws(HTTPTransportError) in
            guard let answer = answers[min(number, answers.count - 1)] else {
                throw HTTPTransportError(.connectionLost)
            }
            return answer
        }
        return (transport, .test(.cloud, time: time, options: options, transport))
    }

    @Test("server errors and lost connections four times, waiting twice as long each time") func backoff() async throws
    {
        let time = VirtualTime()
        let bad = [nil, HTTPResponse(status: 500), HTTPResponse(status: 502), nil]
        let (transport, client) = try await statuses(bad + [.json("[]")], time)
        _ = try await client.statuses()
        #expect(transport.requests.count == 5)
        #expect(time.sleeps == [2, 4, 8, 16].map { .seconds($0) })
        #expect(client.metrics.requests == 5 && client.metrics.retries == 4 && client.metrics.failures == 4)
        #expect(client.metrics.bytesReceived == 2)
    }

    @Test("and then no more", arguments: [500, 503, 0]) func gaveUp(_ status: Int) async throws {
        let time = VirtualTime()
        let (transport, client) = try await statuses([status == 0 ? nil : HTTPResponse(status: status)], time)
        await expectError(status == 0 ? .unreachable : .serverError) { try await client.statuses() }
        #expect(transport.requests.count == 5)
    }

    @Test("jitter spreads the wait between 0.7 and 1.3 of it", arguments: [(0.0, 1.4), (0.5, 2.0), (0.999_999, 2.6)])
    func jitter(_ random: Double, _ seconds: Double) async throws {
        let time = VirtualTime()
        let transport = CannedTransport { _, number in number == 0 ? HTTPResponse(status: 500) : .json("[]") }
        var options = JiraClient.Options()
        options.random = { random }
        let client = JiraClient(.cloud, .anonymous, transport: transport, options: options, time: time.source)
        _ = try await client.statuses()
        #expect(abs(time.elapsed / .seconds(1) - seconds) < 0.001)
    }

    @Test(
        "is no use for refusals",
        arguments: [
            (400, JiraError.Code.badRequest), (401, .credentialRefused), (403, .permissionMissing), (404, .notFound),
            (410, .gone), (413, .tooLarge), (501, .serverError),
        ])
    func refused(_ status: Int, _ code: JiraError.Code) async throws {
        let time = VirtualTime()
        let (transport, client) = try await statuses([.json("{}", status: status)], time)
        await expectError(code) { try await client.statuses() }
        #expect(transport.requests.count == 1 && time.sleeps.isEmpty)
    }

    @Test("a body torn on its way is asked for again; one of another form is not") func torn() async throws {
        let time = VirtualTime()
        let (transport, client) = try await statuses(
            [.json(#"[{"id":"1","na"#), .json(#"[{"id":"1","name":"Open"}]"#)], time)
        #expect(try await client.statuses().count == 1)
        #expect(transport.requests.count == 2)
        let (other, second) = try await statuses([.json(#"{"values":[]}"#)], time)
        await expectError(.undecodable) { try await second.statuses() }
        #expect(other.requests.count == 1)
    }

    @Test("waits as long as Jira says, in its own lane") func retryAfter() async throws {
        let time = VirtualTime()
        let busy = HTTPResponse(status: 429, headers: ["Retry-After": "11", "RateLimit-Reason": "jira-burst-based"])
        let (transport, client) = try await statuses([busy, busy, .json("[]")], time)
        _ = try await client.statuses()
        #expect(transport.requests.count == 3)
        #expect(time.sleeps == [.seconds(11), .seconds(11)])
        #expect(client.metrics.rateLimited == 2)
        #expect(client.metrics.waited == .seconds(22))
    }

    @Test("an hour's quota is waited out; a wait beyond all patience is handed on") func longWaits() async throws {
        let time = VirtualTime()
        let quota = HTTPResponse(
            status: 429, headers: ["Retry-After": "3600", "RateLimit-Reason": "jira-quota-global-based"])
        let (_, client) = try await statuses([quota, .json("[]")], time)
        _ = try await client.statuses()
        #expect(time.elapsed == .seconds(3_600))
        let endless = HTTPResponse(status: 429, headers: ["Retry-After": "7200"])
        let (transport, second) = try await statuses([endless], time)
        let error = await #expect(throws: JiraError.self) { try await second.statuses() }
        #expect(error?.code == .rateLimited && error?.retryAfter == .seconds(7_200))
        #expect(transport.requests.count == 1)
    }

    @Test("an account that is allowed nothing is told so at once") func blocked() async throws {
        let time = VirtualTime()
        let (transport, client) = try await statuses(
            [HTTPResponse(status: 429, headers: ["Retry-After": "9223372036854775807"])], time)
        await expectError(.accessBlocked) { try await client.statuses() }
        #expect(transport.requests.count == 1 && time.sleeps.isEmpty)
    }

    @Test("never has more requests of an endpoint in flight than its lane allows") func concurrency() async throws {
        let gate = Gate()
        var options = JiraClient.Options()
        options.pacing.initialConcurrency = 3
        options.pacing.maximumConcurrency = 5
        let client = JiraClient(.cloud, .anonymous, transport: gate, options: options, time: VirtualTime().source)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { _ = try await client.statuses() } }
            try await group.waitForAll()
        }
        #expect(gate.most >= 3 && gate.most <= 5)
        #expect(client.metrics.requests == 200)
    }

    @Test("a cancelled task leaves the queue and the others go on") func cancellation() async throws {
        let gate = Gate()
        var options = JiraClient.Options()
        options.pacing.initialConcurrency = 1
        options.pacing.maximumConcurrency = 1
        let client = JiraClient(.cloud, .anonymous, transport: gate, options: options, time: VirtualTime().source)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try? await client.statuses() } }
            group.cancelAll()
        }
        #expect(try await client.statuses().isEmpty)
    }

    /// A transport that gives others a turn before it answers, and counts how many are with it.
    final class Gate: HTTPTransport {
        private let state = Mutex((inside: 0, most: 0))
        var most: Int { state.withLock { $0.most } }

        func send(_: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
            state.withLock {
                $0.inside += 1
                $0.most = max($0.most, $0.inside)
            }
            for _ in 0..<10 { await Task.yield() }
            state.withLock { $0.inside -= 1 }
            return .json("[]")
        }
    }
}
