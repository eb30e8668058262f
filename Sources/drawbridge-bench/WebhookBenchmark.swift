import AccessControl
import Database
import Foundation
import HTTPClient
import HTTPMessages
import IssueModel
import Journal
import SearchIndex
import Store
import Synchronization
import WebServer
import Webhooks
import Workspace

/// How soon deliveries are answered: 50,000 over a real server, from as many connections as Jira opens, while nothing else
/// happens and while one transaction of the main database lasts all the time. Server and client share this machine.
struct WebhookBenchmark {
    let deliveries: Int
    let connections: Int
    let issues: Int

    init(_ arguments: BenchArguments) {
        deliveries = arguments.number("deliveries", default: 50_000)
        connections = arguments.number("connections", default: 30)
        issues = arguments.number("issues", default: 20_000)
    }

    func run() async throws -> BenchReport {
        var report = BenchReport(
            name: "webhooks: \(deliveries) signed deliveries of 12 kB over \(connections) connections, \(issues) issues"
        )
        let folder = NSTemporaryDirectory() + "drawbridge-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        let data = try DataFolder(path: folder, for: .writing)
        let store = try await Store(
            folder: data, options: options, migrations: Workspace.migrations + SearchIndex.migrations)
        let inbox = try await WebhookInbox(path: folder + "/inbox.sqlite")
        let receiver = WebhookReceiver(store: store, inbox: inbox)
        let (source, secrets) = try await Self.ground(store)
        try await receiver.start()
        let server = WebServer(WebServerConfiguration()) { await receiver.respond(to: $0) }
        try server.start()
        let path = "\(server.url)/webhooks/\(source)/\(secrets.token)"

        let idle = try await storm(0, path, secrets)
        add(idle, "at rest", &report)
        var start = ContinuousClock.now
        var drained = try await receiver.drain()
        report.add("issues handed over", Double(drained[source]?.issues ?? 0), "")
        report.add("handing them over", (ContinuousClock.now - start).seconds, "s")

        let held = try await whileWriting(store, source) { try await storm(deliveries, path, secrets) }
        add(held, "during a transaction", &report)
        start = .now
        drained = try await receiver.drain()
        report.add("handing over afterwards", (ContinuousClock.now - start).seconds, "s")
        report.add("answers other than 200", Double(idle.failures + held.failures), "", atMost: 0)
        report.add("largest memory", SyncBenchmark.peakMemory(), "MB", atMost: 300)
        await server.stop()
        await inbox.close()
        await store.close()
        return report
    }

    private static func ground(_ store: Store) async throws -> (Int64, WebhookSecrets) {
        let key = try store.secretKey()
        let secrets = try WebhookSecrets()
        let now = store.now
        let source = try await store.write { context in
            let source = try SourceRecords.add(
                Source(
                    name: "bench", url: "https://bench.example.com", apiURL: "https://bench.example.com",
                    product: .cloud, accessMode: .mirror, credentialKind: "api_token", created: now),
                credential: [1], key: key, in: context)
            _ = try WebhookRecords.add(
                WebhookRecords.Record(
                    source: source.id, kind: .admin, publicURL: "https://drawbridge.example.com",
                    pathHash: secrets.pathHash, sealed: try secrets.sealed(with: key, source: source.id),
                    authentication: .signature, state: .active, created: now), in: context)
            return source.id
        }
        return (source, secrets)
    }

    private struct Storm: Sendable {
        var seconds = 0.0
        var failures = 0
        /// Milliseconds of each answer, ascending.
        var times: [Double] = []

        func percentile(_ share: Double) -> Double {
            times.isEmpty ? 0 : times[min(times.count - 1, Int(Double(times.count) * share))]
        }
    }

    private func add(_ storm: Storm, _ when: String, _ report: inout BenchReport) {
        report.add("deliveries a second, \(when)", Double(storm.times.count) / storm.seconds, "/s")
        report.add("answer, p50, \(when)", storm.percentile(0.5), "ms")
        report.add("answer, p99, \(when)", storm.percentile(0.99), "ms", atMost: 100)
        report.add("answer, slowest, \(when)", storm.times.last ?? 0, "ms")
    }

    private func storm(_ offset: Int, _ url: String, _ secrets: WebhookSecrets) async throws -> Storm {
        let transport = CurlTransport()
        let start = ContinuousClock.now
        var storm = await withTaskGroup(of: Storm.self) { group in
            for first in 0..<connections {
                group.addTask {
                    var part = Storm()
                    for number in stride(from: first, to: deliveries, by: connections) {
                        let body = Self.body(issue: 10_000 + number % issues, number: offset + number)
                        var request = HTTPRequest(.post, url, body: body)
                        request.headers["X-Hub-Signature"] = WebhookSignature.value(for: body, key: secrets.signingKey)
                        request.headers["X-Atlassian-Webhook-Identifier"] = "delivery-\(offset + number)"
                        let sent = ContinuousClock.now
                        let response = try? await transport.send(request)
                        part.times.append((ContinuousClock.now - sent).seconds * 1_000)
                        if response?.status != 200 { part.failures += 1 }
                    }
                    return part
                }
            }
            return await group.reduce(into: Storm()) { all, part in
                all.times += part.times
                all.failures += part.failures
            }
        }
        storm.seconds = (ContinuousClock.now - start).seconds
        storm.times.sort()
        return storm
    }

    /// Runs `body` while one transaction writes rows without an end.
    private func whileWriting(
        _ store: Store, _ source: Int64, _ body: @Sendable () async throws -> Storm
    ) async throws -> Storm {
        let isOver = Flag()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await store.write { context in
                    var number = 0
                    while !isOver.isSet {
                        for _ in 0..<200 {
                            number += 1
                            try Checkpoints.advance(
                                "bench \(number)", to: "{}", at: context.now, source: source, in: context)
                        }
                        usleep(5_000)
                    }
                }
            }
            let storm = try await body()
            isOver.set()
            try await group.waitForAll()
            return storm
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    /// As large as recorded ones are, most of it fields that nobody reads.
    private static func body(issue: Int, number: Int) -> [UInt8] {
        let filler = String(repeating: #""customfield_10000":null,"#, count: 450)
        return Array(
            #"""
            {"timestamp":\#(1_700_000_000_000 + number),"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_updated",
            "user":{"accountId":"5b10ac8d82e05b22cc7d4ef5","displayName":"Mia Krystof","active":true},
            "issue":{"id":"\#(issue)","self":"https://bench.example.com/rest/api/2/issue/\#(issue)","key":"PAY-\#(issue)",
            "fields":{\#(filler)"summary":"A summary"}},
            "changelog":{"id":"\#(number)","items":[{"field":"summary","fromString":"A","toString":"B"}]}}
            """#.utf8)
    }
}
