import Configuration
import Console
import FastJSON
import Foundation
import Monitoring
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
        try await CopyMetrics(metrics: metrics, version: Drawbridge.version).measure(session.store)
        return metrics.text
    }
}
