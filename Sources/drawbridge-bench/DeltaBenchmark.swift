import Database
import Foundation
import HTTPClient
import IssueModel
import JiraClient
import SearchIndex
import SiteConnection
import Store
import SyncEngine

/// Following a site by polling: what an idle poll costs, one change, and one issue in a hundred changed at once. The
/// simulated Cloud site is another process on this machine and answers after 50 ms unless told otherwise.
struct DeltaBenchmark {
    let issues: Int
    let latency: Int
    let rounds: Int
    private let arguments: BenchArguments

    init(_ arguments: BenchArguments) {
        self.arguments = arguments
        issues = arguments.number("issues", default: 200_000)
        latency = arguments.number("latency", default: 50)
        rounds = arguments.number("rounds", default: 100)
    }

    func run() async throws -> BenchReport {
        let simulator = try SimulatorProcess(
            arguments, issues: issues, latency: latency, isDataCenter: false, isLive: true)
        defer { simulator.stop() }
        let source = try await BenchSource()
        let transport = CurlTransport()
        try await source.add(simulator, transport)
        let service = SyncService(store: source.store, transport: transport)
        let first = try await service.synchronise(BenchSource.name)
        var report = BenchReport(name: "delta: \(issues) issues, \(latency) ms a request")
        report.add("issues stored at first", Double(first.issues.stored), "", atLeast: Double(issues) * 0.8)
        try await measureIdle(service, &report)
        try await measureOne(source, simulator, transport, service, &report)
        try await measureHundredth(source, simulator, transport, service, &report)
        report.add("largest memory", SyncBenchmark.peakMemory(), "MB", atMost: 400)
        await source.close()
        return report
    }

    private func measureIdle(_ service: SyncService, _ report: inout BenchReport) async throws {
        var requests: [Double] = [], seconds: [Double] = []
        for _ in 0..<10 {
            let summary = try await service.synchronise(BenchSource.name, .changes)
            requests.append(Double(summary.requests))
            seconds.append(summary.seconds)
        }
        // The first may read once more what the first full read overlapped.
        report.add("an idle poll, requests, most of ten", requests.dropFirst().max() ?? 0, "", atMost: 4)
        report.add("  seconds, p50", seconds.percentile(50), "s")
    }

    /// Changes an issue and polls at once, as the last poll before would have been too early.
    private func measureOne(
        _ source: BenchSource, _ simulator: SimulatorProcess, _ transport: CurlTransport, _ service: SyncService,
        _ report: inout BenchReport
    ) async throws {
        let ids = try await source.ids(every: max(1, issues / rounds))
        let searcher = Searcher(source.store.database)
        _ = try await BenchSource.finds("warm", searcher, source.store)
        var waits: [Double] = [], requests: [Double] = []
        for (round, id) in ids.prefix(rounds).enumerated() {
            let word = "zqx" + BenchSource.letters(round)
            try await simulator.change(["change": "setSummary", "issue": "\(id)", "text": "One \(word)"], transport)
            let start = ContinuousClock.now
            var isFound = false
            var read: [Int] = []
            for _ in 0..<5 where !isFound {
                let summary = try await service.synchronise(BenchSource.name, .changes)
                requests.append(Double(summary.requests))
                read.append(summary.issues.read)
                isFound = try await BenchSource.finds(word, searcher, source.store)
            }
            guard isFound else {
                throw BenchFailure("Five polls, which read \(read), did not bring change \(round), of \(id).")
            }
            waits.append((ContinuousClock.now - start).seconds)
        }
        report.add("from the poll's beginning to searchable, p50", waits.percentile(50), "s")
        report.add("  p99", waits.percentile(99), "s")
        report.add("  requests, p50", requests.percentile(50), "")
        // A poll begins up to an interval and its jitter after the change.
        report.add("from the change, polled each 60 ± 6 s, p50", 30 + waits.percentile(50), "s")
        report.add("  p99", 66 + waits.percentile(99), "s")
    }

    private func measureHundredth(
        _ source: BenchSource, _ simulator: SimulatorProcess, _ transport: CurlTransport, _ service: SyncService,
        _ report: inout BenchReport
    ) async throws {
        let ids = try await source.ids(every: 100)
        for (number, id) in ids.enumerated() {
            let text = "Changed with many others \(number)"
            try await simulator.change(["change": "setSummary", "issue": "\(id)", "text": text], transport)
        }
        let asked = try await simulator.requests(transport)
        let before = CPUTime.own()
        let summary = try await service.synchronise(BenchSource.name, .changes)
        report.add("1 % changed: issues written", Double(summary.issues.stored), "", atLeast: Double(ids.count))
        report.add("  seconds", summary.seconds, "s", atMost: 3)
        report.add("  processor time", CPUTime.own() - before, "s")
        report.add("  requests", Double(summary.requests), "")
        for (route, count) in try await simulator.requests(transport).sorted(by: { $0.key < $1.key }) {
            let more = count - asked[route, default: 0]
            if more > 0 { report.add("    \(route)", Double(more), "") }
        }
        report.add("  issues read", Double(summary.issues.read), "")
    }
}
