import Database
import Foundation
import HTTPClient
import IssueModel
import JiraClient
import SearchIndex
import SiteConnection
import Store
import SyncEngine
import Workspace

/// A first full read of a simulated Cloud site in another process on this machine: fetched, decoded, access computed, stored
/// and searchable.
struct SyncBenchmark {
    let issues: Int
    let latency: Int
    let isDataCenter: Bool
    let keep: String?
    private let arguments: BenchArguments

    init(_ arguments: BenchArguments) {
        self.arguments = arguments
        issues = arguments.number("issues", default: 20_000)
        latency = arguments.number("latency", default: 0)
        isDataCenter = arguments.options["mode"] == "dc"
        keep = arguments.options["keep"]
    }

    func run() async throws -> BenchReport {
        let simulator = try SimulatorProcess(arguments, issues: issues, latency: latency, isDataCenter: isDataCenter)
        defer { simulator.stop() }
        let folder = keep ?? NSTemporaryDirectory() + "drawbridge-bench-\(UUID().uuidString)"
        defer { if keep == nil { try? FileManager.default.removeItem(atPath: folder) } }
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        let store = try await Store(
            folder: DataFolder(path: folder, for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations)
        let transport = CurlTransport()
        let credential: Credential =
            isDataCenter
            ? .personalAccessToken(simulator.secret) : .apiToken(email: simulator.user, token: simulator.secret)
        _ = try await SourceSetup(transport: transport).add(
            .init(name: "bench", address: simulator.url, credential: credential), to: store)
        let phases = PhaseClock()
        let service = SyncService(store: store, transport: transport)
        let before = CPUTime.own()
        let simulatorBefore = CPUTime.of(process: simulator.processID)
        let summary = try await service.synchronise("bench") { phases.note($0) }
        let spent = CPUTime.own() - before
        var report = BenchReport(name: "sync \(isDataCenter ? "dc" : "cloud") \(issues) issues, \(latency) ms")
        let seconds = phases.seconds(of: .issues)
        report.add(
            "issues a second", Double(summary.issues.stored) / seconds, "/s", atLeast: latency == 0 ? 3_000 : 2_500)
        let perIssue = 1e6 / Double(max(1, summary.issues.read))
        report.add("  processor time of this program", spent * perIssue, "µs an issue")
        report.add(
            "  of the simulator", (CPUTime.of(process: simulator.processID) - simulatorBefore) * perIssue, "µs an issue"
        )
        report.add("issues stored", Double(summary.issues.stored), "")
        report.add("whole run", summary.seconds, "s")
        for phase in SyncPhase.allCases.dropLast() {
            report.add("  of it \(phase.rawValue)", phases.seconds(of: phase), "s")
        }
        let issueRequests = try await simulator.issueRequests(transport)
        if !isDataCenter {
            report.add(
                "requests per 1,000 issues", Double(issueRequests) * 1_000 / Double(max(1, summary.issues.read)), "",
                atMost: 15)
        }
        report.add("requests in all", Double(summary.requests), "")
        report.add("JSON received per issue", Double(summary.bytes) / Double(max(1, summary.issues.read)), "bytes")
        report.add("largest memory", Self.peakMemory(), "MB", atMost: 400)
        try await addSize(of: store, to: &report)
        await store.close()
        return report
    }

    private func addSize(of store: Store, to report: inout BenchReport) async throws {
        let raw = store.raw
        let (alone, stored, parts) = try await store.read { connection in
            // A source that does not exist has no dictionary: its packer compresses each copy alone.
            let packer = try raw.packer(source: -1, in: connection)
            let ids = try connection.rows("SELECT issue_id FROM issue_raw WHERE issue_id % 10 = 0") { $0.int64(0) }
            var (alone, stored) = (0, 0)
            for id in ids {
                guard let parts = try raw.parts(ofIssue: id, in: connection) else { continue }
                alone += try packer.pack(parts).bytes.count
            }
            stored =
                try connection.first("SELECT sum(length(body)) FROM issue_raw WHERE issue_id % 10 = 0") {
                    $0.int(0)
                } ?? 0
            let parts = try connection.rows(
                "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = 1 GROUP BY name ORDER BY 2 DESC LIMIT 14"
            ) { ($0.text(0), $0.int(1)) }
            let all = try connection.first("SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1") { $0.int(0) } ?? 0
            return (alone * 10, stored * 10, [("all", all)] + parts)
        }
        let unit = Double(max(1, alone))
        report.add("database against copies alone", Double(parts[0].1) / unit, "×", atMost: 2.5)
        report.add("copies compressed alone", Double(alone) / 1e6, "MB")
        report.add("  with the dictionary", Double(stored) / unit, "×")
        for (name, bytes) in parts.dropFirst() { report.add("  \(name)", Double(bytes) / unit, "×") }
    }

    /// The most memory this process had resident, in megabytes.
    static func peakMemory() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let digits = line?.filter(\.isNumber) ?? ""
        return (Double(digits) ?? 0) / 1_024
    }
}
