import AccessControl
import AccessEngine
import Database
import Foundation
import HTTPClient
import IssueModel
import JiraClient
import Reconciliation
import SearchIndex
import SiteConnection
import Store
import SyncEngine
import Workspace

/// What a census of a large site costs: listing every id and comparing it with what is stored. The simulated Jira is a
/// process of its own on this machine; the stored issues are bare rows, as a census looks at nothing else of them.
struct CensusBenchmark {
    private let arguments: BenchArguments
    let issues: Int
    let latency: Int
    let isDataCenter: Bool

    init(_ arguments: BenchArguments) {
        self.arguments = arguments
        issues = arguments.number("issues", default: 1_000_000)
        latency = arguments.number("latency", default: 0)
        isDataCenter = arguments.options["mode"] == "dc"
    }

    func run() async throws -> BenchReport {
        let simulator = try SimulatorProcess(
            arguments, issues: issues, latency: latency, isDataCenter: isDataCenter, isPrerendered: false)
        defer { simulator.stop() }
        let bench = try await BenchSource()
        let (store, transport) = (bench.store, CurlTransport())
        try await bench.add(simulator, transport, isDataCenter: isDataCenter, mode: .mirror)
        let service = SyncService(store: store, transport: transport)
        _ = try await service.refreshAccess(BenchSource.name, .everything)
        let source = try await bench.source()
        var report = BenchReport(
            name: "census \(isDataCenter ? "dc" : "cloud"): \(issues) issues, \(latency) ms")
        let client = try await service.client(of: source)
        let census = Census(store: store, client: client, source: source)
        _ = try await measure("nothing is stored", census, &report)
        try await Self.adopt(store, source, client)
        let quiet = try await measure("everything is as stored", census, &report)
        report.add("ids listed", Double(quiet.listed), "")
        if !isDataCenter { report.add("requests for them", Double(quiet.requests), "", atMost: 210) }
        try await Self.addStrangers(200, store)
        let missed = try await measure("200 are gone", census, &report)
        report.add("hidden then", Double(missed.hidden), "")
        report.add("largest memory", SyncBenchmark.peakMemory(), "MB", atMost: 400)
        await bench.close()
        return report
    }

    private func measure(
        _ what: String, _ census: Census, _ report: inout BenchReport
    ) async throws -> CensusSummary {
        let start = ContinuousClock.now
        let summary = try await census.run()
        report.add(what, (ContinuousClock.now - start).seconds, "s", atMost: isDataCenter ? nil : 60)
        report.add("  requests", Double(summary.requests), "")
        return summary
    }

    /// Makes bare rows of the issues that wait to be read, each in its project.
    private static func adopt(_ store: Store, _ source: Source, _ client: JiraClient) async throws {
        for record in try await store.read({ try ProjectRecords.all(source: source.id, in: $0) }) {
            let ids = try await client.allIssueIDs(IssueQuery(jql: JQL.projects([record.project.key])))
            try await store.write { context in
                for id in ids {
                    try context.connection.execute(
                        """
                        INSERT INTO issue (source_id, jira_id, key, project_id, type_id, status_id, created, updated,
                            acl_id, summary, fetched, raw_hash)
                        VALUES (?1, ?2, 'BENCH-' || ?2, ?3, 1, 1, 0, 0, 1, 'bare', 0, 0)
                        """, source.id, id.rawValue, record.id)
                }
            }
        }
        try await store.write { try $0.connection.execute("DELETE FROM pending_issue") }
    }

    /// Stores issues that Jira does not have.
    private static func addStrangers(_ count: Int, _ store: Store) async throws {
        try await store.write { context in
            for number in 0..<count {
                try context.connection.execute(
                    """
                    INSERT INTO issue (source_id, jira_id, key, project_id, type_id, status_id, created, updated, acl_id,
                        summary, fetched, raw_hash)
                    SELECT source_id, ?, 'GONE-' || ?, project_id, 1, 1, 0, 0, 1, 'bare', 0, 0 FROM issue LIMIT 1
                    """, 900_000_000 + number, number)
            }
        }
    }
}
