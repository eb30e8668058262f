internal import Database
internal import FastJSON
internal import IssueModel
public import Observability
internal import Reading
internal import SourceAdministration
public import Store

/// What is measured of the copy and the process whenever somebody asks: gauges that are read, not counted.
public struct CopyMetrics: Sendable {
    private let metrics: Metrics
    private let version: String

    /// - Parameter version: The program's.
    public init(metrics: Metrics, version: String) {
        self.metrics = metrics
        self.version = version
    }

    /// Sets every gauge to what it is now.
    public func measure(_ store: Store) async throws {
        for report in try await StatusReport.all(in: store) { measure(report) }
        metrics.set(Self.build, to: 1, ["version": version])
        let size = try await store.read { connection in
            try connection.first("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") { $0.int(0) }
        }
        metrics.set(Self.databaseSize, to: Double(size ?? 0))
        let open = try await store.read { connection in
            try connection.first("SELECT count(*) FROM request WHERE ended IS NULL") { $0.int(0) }
        }
        metrics.set(Self.openRequests, to: Double(open ?? 0))
        ProcessMetrics.measure(metrics)
    }

    private static let build = Metric.gauge("drawbridge_build_info", "1; the label is the program's version.")
    private static let databaseSize = Metric.gauge("drawbridge_database_bytes", "Size of the main database.")
    private static let openRequests = Metric.gauge(
        "drawbridge_open_requests", "Jobs that commands asked of the server and that are not done.")

    private func measure(_ report: StatusReport) {
        let labels = ["source": report.source.name]
        guard report.source.state != .removed else {
            for metric in Self.gauges.keys { metrics.remove(metric, labels) }
            return
        }
        for (metric, value) in Self.gauges {
            if let value = value(report) {
                metrics.set(metric, to: value, labels)
            } else {
                metrics.remove(metric, labels)
            }
        }
    }

    private static let gauges: [Metric: @Sendable (StatusReport) -> Double?] = [
        .gauge("drawbridge_issues", "Issues in the copy."): { Double($0.counts.issues) },
        .gauge("drawbridge_copy_timestamp_seconds", "When the copy was last in step with Jira, as seconds since 1970."):
            {
                $0.freshness.asOf.map(seconds)
            },
        .gauge(
            "drawbridge_freshness_lag_seconds", "How far the copy is behind Jira; absent before the first full read."):
            {
                $0.freshness.asOf == nil ? nil : Double($0.freshness.lagSeconds)
            },
        .gauge("drawbridge_stopped", "1 while a source is not kept in step until somebody acts."): {
            $0.freshness.state == .stopped ? 1 : 0
        },
        .gauge("drawbridge_pending_issues", "Issues that are known to have changed and wait to be read."): {
            Double($0.detail?.pending ?? 0)
        },
        .gauge("drawbridge_census_timestamp_seconds", "When a complete listing last ended, as seconds since 1970."): {
            $0.detail?.lastCensus.map(seconds)
        },
        .gauge("drawbridge_budget_remaining", "What Jira said last that is left of its budget of requests."): {
            $0.pacing?["budget"]?["remaining"]?.double
        },
        .gauge("drawbridge_pacing_refusals", "Answers of Jira's that asked the present client to slow down."): {
            $0.pacing?["refusals"]?.double
        },
        .gauge("drawbridge_pacing_waited_seconds", "Time requests of the present client were held back, summed."): {
            $0.pacing?["waitedSeconds"]?.double
        },
        .gauge("drawbridge_pacing_paused_seconds", "Until requests go on, where Jira's budget is used up."): {
            $0.pacing?["pausedSeconds"]?.double
        },
        .gauge("drawbridge_access_oldest_fact_timestamp_seconds", "When the oldest rule that counts was verified."): {
            $0.access.oldestFact.map(seconds)
        },
        .gauge("drawbridge_access_lease_seconds", "How long a rule holds."): { Double($0.access.options.lease) },
        .gauge("drawbridge_access_shown_projects", "Projects whose rules are known."): {
            Double($0.access.shownProjects)
        },
        .gauge("drawbridge_access_hidden_projects", "Projects hidden from everybody that are not archived in Jira."): {
            Double($0.access.missingProjects.count)
        },
        .gauge("drawbridge_access_too_much", "Open findings: would be shown, and Jira does not show it. An alarm."): {
            Double($0.access.tooMuch.count)
        },
        .gauge("drawbridge_access_too_little", "Open findings: Jira shows it, and it is not shown."): {
            Double($0.access.tooLittle.count)
        },
        .gauge("drawbridge_access_withheld_issues", "Issues hidden because of a mismatch with Jira."): {
            Double($0.access.withheld)
        },
        .gauge("drawbridge_access_ended_listings", "Members' own listings that no longer count."): {
            Double($0.access.listings.filter { !$0.isCurrent }.count)
        },
    ]

    private static func seconds(_ moment: Timestamp) -> Double { Double(moment.rawValue) / 1_000 }
}
