import Database
import Foundation
import HTTPClient
import IssueModel
import JiraClient
import Scheduling
import SearchIndex
import Store
import SyncEngine
import WebServer
import Webhooks

/// From a change in Jira to the moment a search finds it, told by webhooks. Listener, keeper and store are put together as
/// `drawbridge serve` does; the simulated Cloud site, which sends real deliveries, is another process on this machine.
struct FreshBenchmark {
    let issues: Int
    let latency: Int
    let rounds: Int
    private let arguments: BenchArguments

    init(_ arguments: BenchArguments) {
        self.arguments = arguments
        issues = arguments.number("issues", default: 20_000)
        latency = arguments.number("latency", default: 50)
        rounds = arguments.number("rounds", default: 300)
    }

    func run() async throws -> BenchReport {
        let simulator = try SimulatorProcess(
            arguments, issues: issues, latency: latency, isDataCenter: false, isLive: true)
        defer { simulator.stop() }
        let bench = try await BenchSource()
        let transport = CurlTransport()
        try await bench.add(simulator, transport)
        let service = SyncService(store: bench.store, transport: transport)
        _ = try await service.synchronise(BenchSource.name)
        let inbox = try await WebhookInbox(path: bench.folder + "/inbox.sqlite")
        let receiver = WebhookReceiver(store: bench.store, inbox: inbox)
        try await receiver.start()
        let server = WebServer(WebServerConfiguration()) { await receiver.respond(to: $0) }
        try server.start()
        let client = try await simulator.client(transport)
        _ = try await WebhookRegistration(store: bench.store, client: client)
            .register(try await bench.source(), publicURL: server.url)
        let keeper = SourceKeeper(
            store: bench.store, work: .service(service, store: bench.store, receiver: receiver),
            options: .init(holder: "bench"))
        var report = BenchReport(name: "fresh: \(issues) issues, \(latency) ms a request, told by webhooks")
        let before = try await simulator.requests(transport)
        let waits = try await withThrowingTaskGroup(of: [Double]?.self) { group in
            group.addTask {
                try await keeper.run()
                return nil
            }
            group.addTask {
                for await _ in inbox.arrivals { keeper.wake() }
                return nil
            }
            group.addTask { try await measure(bench, simulator, transport) }
            defer { group.cancelAll() }
            for try await waits in group { if let waits { return waits } }
            return []
        }
        report.add("changes followed", Double(waits.count), "")
        report.add("from the change to searchable, p50", waits.percentile(50), "ms")
        report.add("  p99", waits.percentile(99), "ms", atMost: 1_000)
        report.add("  slowest", waits.max() ?? 0, "ms")
        for (route, count) in try await simulator.requests(transport).sorted(by: { $0.value > $1.value })
        where count - before[route, default: 0] > waits.count / 2 {
            let each = Double(count - before[route, default: 0]) / Double(max(1, waits.count))
            report.add("  \(route), a change", each, "")
        }
        report.add("largest memory", SyncBenchmark.peakMemory(), "MB", atMost: 400)
        await server.stop()
        await inbox.close()
        await bench.close()
        return report
    }

    /// Changes one issue after the other, at uneven times, and looks for each change until it is there.
    private func measure(
        _ bench: BenchSource, _ simulator: SimulatorProcess, _ transport: CurlTransport
    ) async throws -> [Double] {
        let ids = try await bench.ids(every: max(1, issues / rounds))
        let searcher = Searcher(bench.store.database)
        _ = try await BenchSource.finds("warm", searcher, bench.store)
        var random = SeededGenerator(seed: 5)
        var waits: [Double] = []
        // What falls due at the start of a keeper is not what is measured.
        try await Task.sleep(for: .seconds(10))
        for (round, id) in ids.prefix(rounds).enumerated() {
            let word = "zqx" + BenchSource.letters(round)
            let start = ContinuousClock.now
            try await simulator.change(["change": "setSummary", "issue": "\(id)", "text": "One \(word)"], transport)
            while try await !BenchSource.finds(word, searcher, bench.store) {
                guard .now - start < .seconds(30) else { throw BenchFailure("A change was not told in 30 seconds.") }
                try await Task.sleep(for: .milliseconds(5))
            }
            waits.append((ContinuousClock.now - start).milliseconds)
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...600, using: &random)))
        }
        return waits
    }
}
