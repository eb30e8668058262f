import Configuration
import Console
import FastJSON
import Foundation
import IssueModel
import Observability
import Reading
import SiteConnection
import SourceAdministration
import Store

/// What the program tells those who run it beside its answers: log lines on standard error, and metrics in a file.
enum Watchman {
    /// Counted by whatever runs in this process.
    static let metrics = Metrics()

    /// Events of the setting `log.level` and up go to standard error, as `log.format` says.
    static func log(_ environment: [String: String]) -> Log {
        let settings = SettingValues(environment: environment)
        let level = LogLevel(rawValue: settings[SettingsTable.logLevel]) ?? .error
        let format = LogFormat(rawValue: settings[SettingsTable.logFormat]) ?? .plain
        return Log(level: level) { Terminal.note(format.line($0)) }
    }

    /// Writes the metrics, as Prometheus reads them, to the file that `metrics.file` names: put in place whole,
    /// for a collector that reads it whenever it likes. A metric that cannot be written ends no command.
    static func writeMetrics(of session: Session, _ environment: [String: String]) async {
        guard let path = SettingValues(environment: environment)[SettingsTable.metricsFile] else { return }
        do {
            try Data(try await text(of: session).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            Terminal.note("warning: the metrics could not be written to \(path): \(error.localizedDescription)")
        }
    }

    /// Everything that is measured, as it is now.
    static func text(of session: Session) async throws -> String {
        for report in try await StatusReport.all(in: session.store) { measure(report) }
        return metrics.text
    }

    private static func measure(_ report: StatusReport) {
        let labels = ["source": report.source.name]
        guard report.source.state != .removed else {
            for metric in gauges.keys { metrics.remove(metric, labels) }
            return
        }
        for (metric, value) in gauges {
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
