import HTTPClient
import HTTPMessages
import IssueModel
import Journal
import Store
import Testing
import WebServer
import Webhooks

@Suite("Storm") struct StormTests {
    /// 50,000 deliveries of 5,000 issues: a fifth is lost, a fifth comes twice, the order is chance's.
    @Test("fifty thousand deliveries, some lost, some twice, in any order, are counted right and bounded")
    func storm() async throws {
        var random = Seeded(state: 20_260_321)
        let deliveries = 50_000
        var sent: [Int] = []
        var lost = 0
        for number in 0..<deliveries {
            let chance = Int.random(in: 0..<10, using: &random)
            if chance < 2 {
                lost += 1
            } else {
                sent += Array(repeating: number, count: chance < 4 ? 2 : 1)
            }
        }
        sent.shuffle(using: &random)
        let unique = deliveries - lost
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        var configuration = WebServerConfiguration()
        // What else runs on the machine must not decide how many deliveries come through.
        configuration.idleLimit = Self.patience
        let server = WebServer(configuration) { await ground.receiver.respond(to: $0) }
        try server.start()
        let statuses = await Self.deliver(sent, to: server.url, ground, secrets)
        await server.stop()

        #expect(statuses == [200: sent.count])
        let tally = try await ground.inbox.tally(of: ground.source.id)
        #expect(tally == WebhookTally(stored: unique, duplicates: sent.count - unique))
        let issues = Set(sent.map { $0 % 5_000 })
        #expect(try await ground.inbox.waiting() == issues.count)
        let drained = try await ground.receiver.drain()
        #expect(drained == [ground.source.id: .init(issues: issues.count)])
        #expect(Set(try await ground.pending().map { Int($0.issue.rawValue) }) == issues)
        #expect(try await ground.records().map(\.deliveries) == [sent.count])
    }

    private static let patience: Duration = .seconds(600)

    /// From thirty connections, as many as Jira Cloud opens to one host.
    private static func deliver(
        _ numbers: [Int], to url: String, _ ground: Ground, _ secrets: WebhookSecrets
    ) async -> [Int: Int] {
        let transport = CurlTransport()
        let connections = 30
        return await withTaskGroup(of: [Int: Int].self) { group in
            for first in 0..<connections {
                group.addTask {
                    var statuses: [Int: Int] = [:]
                    for index in stride(from: first, to: numbers.count, by: connections) {
                        let number = numbers[index]
                        var request = ground.delivery(
                            Body.updated(number % 5_000, at: 1_700_000_000_000 + number), secrets,
                            identifier: "delivery \(number)")
                        request.url = url + request.url
                        request.timeout = patience
                        let response = try? await transport.send(request)
                        statuses[response?.status ?? 0, default: 0] += 1
                    }
                    return statuses
                }
            }
            return await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood, 2014): the same storm every time.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
