import FastJSON
import HTTPMessages
import Testing

@testable import JiraClient

@Suite("How the pace is shown") struct PacingStatusTests {
    @Test("tells what is left, what was refused and how long it waited; the next client goes on with it") func status()
        async throws
    {
        let time = VirtualTime()
        let transport = CannedTransport { _, number in
            guard number > 0 else {
                var refusal = HTTPResponse(status: 429)
                refusal.headers["Retry-After"] = "7"
                refusal.headers["RateLimit-Reason"] = "jira-burst-based"
                return refusal
            }
            var answer = HTTPResponse.json("[]")
            answer.headers["Beta-RateLimit-Policy"] = "\"app\";q=65000;w=3600, \"site\";q=1000;w=60"
            answer.headers["Beta-RateLimit"] = "\"app\";r=60000;t=600, \"site\";r=120;t=30"
            return answer
        }
        var options = JiraClient.Options()
        options.pacing.budgetShare = 0.5
        let client = JiraClient(.cloud, .anonymous, transport: transport, options: options, time: time.source)
        _ = try await client.statuses()
        let status = client.pacing
        #expect(status.budget == .init(limit: 1_000, remaining: 120, resets: .seconds(30)), "the scarcest counts")
        #expect(status.refusals == 1 && status.share == 0.5 && status.waited >= .seconds(7))
        #expect(status.paused == .seconds(30), "our half of the minute's budget is used up")
        #expect(status.lanes.count == 1 && status.lanes.first?.width == 1)
        var writer = JSONWriter()
        status.write(to: &writer)
        let json = try JSONValue(parsing: writer.text)
        #expect(json["sharePercent"] == 50 && json["pausedSeconds"] == 30 && json["budget"]?["remaining"] == 120)
        #expect(json["endpoints"]?[0]?["endpoint"]?.string?.contains("/status") == true)

        let next = JiraClient(.cloud, .anonymous, transport: transport, time: time.source, after: client)
        #expect(next.pacing.budget == status.budget && next.pacing.lanes == status.lanes)
        next.limit(toShareOfBudget: 1)
        #expect(client.pacing.share == 1)
    }
}
