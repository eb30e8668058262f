import AccessControl
import AccessEngine
import Database
import Foundation
import HTTPClient
import HTTPMessages
import IssueModel
import JiraClient
import SearchIndex
import SimulatedAccess
import SiteConnection
import Store
import SyncEngine
import Workspace

/// Keeping the access facts of a large company fresh: the first reading, what an idle site costs, and how soon a change of a
/// group takes effect. The simulated Jira is a process of its own on this machine.
struct RefreshBenchmark {
    private let arguments: BenchArguments
    let issues: Int
    let latency: Int
    let isDataCenter: Bool

    init(_ arguments: BenchArguments) {
        self.arguments = arguments
        issues = arguments.number("issues", default: 2_000)
        latency = arguments.number("latency", default: 0)
        isDataCenter = arguments.options["mode"] == "dc"
    }

    func run() async throws -> BenchReport {
        let scale = SimulatorProcess.company(issues)
        let simulator = try SimulatorProcess(
            arguments, issues: issues, latency: latency, isDataCenter: isDataCenter, isCompany: true)
        defer { simulator.stop() }
        let bench = try await BenchSource()
        let (store, transport) = (bench.store, CurlTransport())
        try await bench.add(simulator, transport, isDataCenter: isDataCenter, mode: .mirror)
        var report = BenchReport(
            name: "refresh \(isDataCenter ? "dc" : "cloud"): \(scale.projects) projects on "
                + "\(scale.permissionSchemes) schemes, \(scale.groups) groups, \(scale.accounts) accounts, \(latency) ms"
        )
        let service = SyncService(store: store, transport: transport)
        try await measure("all of it, first", .everything, service, &report)
        let synchronised = try await service.synchronise(BenchSource.name) { _ in }
        report.add("issues synchronised then", Double(synchronised.issues.stored), "")
        try await measure("all of it, again", .everything, service, &report)
        try await measure("idle: what is due at once", .due, service, &report)
        try await measureChange(simulator, store, transport, &report)
        try await measureHour(store, transport, &report)
        report.add("largest memory", SyncBenchmark.peakMemory(), "MB")
        await bench.close()
        return report
    }

    /// The service by a clock that is this many refreshes ahead.
    private static func service(_ store: Store, _ transport: CurlTransport, ahead turns: Int) -> SyncService {
        let system = TimeSource.system
        let ahead = Int64(turns) * 300_000
        let time = TimeSource(
            elapsed: system.elapsed, now: { Timestamp(milliseconds: system.now().rawValue + ahead) },
            sleep: system.sleep)
        return SyncService(store: store, transport: transport, time: time)
    }

    private func measure(
        _ what: String, _ extent: AccessRefresh.Extent, _ service: SyncService, _ report: inout BenchReport
    ) async throws {
        let start = ContinuousClock.now
        let summary = try await service.refreshAccess(BenchSource.name, extent)
        report.add(what, (ContinuousClock.now - start).seconds, "s")
        report.add("  requests", Double(summary.requests), "")
    }

    /// An hour of refreshes every five minutes on a site where nothing changes, with the clock moved instead of waiting.
    private func measureHour(
        _ store: Store, _ transport: CurlTransport, _ report: inout BenchReport
    ) async throws {
        var requests: [Double] = [], seconds: [Double] = []
        for turn in 1...12 {
            let later = Self.service(store, transport, ahead: turn + (isDataCenter ? 12 : 0))
            let start = ContinuousClock.now
            let summary = try await later.refreshAccess(BenchSource.name, .due)
            seconds.append((ContinuousClock.now - start).seconds)
            requests.append(Double(summary.requests))
        }
        report.add("an idle hour of twelve refreshes: requests each, mean", requests.reduce(0, +) / 12, "")
        report.add("  least", requests.min() ?? 0, "")
        report.add("  most", requests.max() ?? 0, "")
        report.add("  seconds each, mean", seconds.reduce(0, +) / 12, "s")
        report.add("  most", seconds.max() ?? 0, "s")
    }

    /// A group that plays a role loses its members in Jira; the next refresh must have it.
    private func measureChange(
        _ simulator: SimulatorProcess, _ store: Store, _ transport: CurlTransport, _ report: inout BenchReport
    ) async throws {
        let group = try await store.read { connection in
            try connection.first(
                """
                SELECT id, name FROM person_group WHERE name NOT LIKE 'jira-%'
                AND jira_id IN (SELECT actor_group FROM role_actor) AND id IN (SELECT group_id FROM membership)
                """
            ) { (id: $0.int64(0), name: $0.text(1)) }
        }
        guard let group else {
            report.add("groups that play a role and have members", 0, "", atLeast: 1)
            return
        }
        let body = #"{"change":"setMembers","group":"\#(group.name)","members":[]}"#
        let answer = try await transport.send(
            HTTPRequest(.post, simulator.url + "/__simulator/changes", body: Array(body.utf8)))
        guard answer.status == 200 else { throw URLError(.badServerResponse) }
        // Cloud's audit log names the group; elsewhere groups are read in turn, each within half a lease.
        var turns = 0
        var isDone = false
        while !isDone, turns < 12 {
            let start = ContinuousClock.now
            let summary = try await Self.service(store, transport, ahead: turns).refreshAccess(BenchSource.name, .due)
            turns += 1
            isDone = try await store.read {
                try $0.first("SELECT count(*) FROM membership WHERE group_id = ?", group.id) { $0.int(0) } == 0
            }
            guard isDone else { continue }
            report.add("a group loses its members: the refresh that has it", (ContinuousClock.now - start).seconds, "s")
            report.add("  requests", Double(summary.requests), "")
        }
        report.add("  refreshes until then", isDone ? Double(turns) : .infinity, "", atMost: isDataCenter ? 6 : 1)
    }
}
