import AccessControl
import Console
import Diagnosis
import Foundation
import HTTPClient
import IssueModel
import Reading
import Secrets
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import Webhooks

/// Looks at the machine and the data folder, and says what is missing.
struct Doctor {
    private let dataFolder: String
    private let installation: InstallationChecks

    init(_ invocation: Invocation) {
        dataFolder = invocation.dataFolder
        installation = InstallationChecks(
            dataFolder: dataFolder, environment: invocation.environment, settings: invocation.settings,
            transport: CurlTransport(), now: { Session.now.rawValue })
    }

    func checks() async -> [SourceCheck] {
        installation.ofMachine() + (await data())
    }

    private func data() async -> [SourceCheck] {
        guard FileManager.default.fileExists(atPath: dataFolder + "/drawbridge.sqlite") else { return [] }
        do {
            let (reports, checks) = try await Session.with(folder: dataFolder, for: .reading) {
                (try await StatusReport.all(in: $0.store), await installation.ofData($0.store))
            }
            return checks
                + reports.filter { $0.source.state != .removed }.flatMap { report in
                    [freshness(of: report), access(of: report)] + webhooks(of: report) + credential(of: report)
                }
        } catch {
            return [SourceCheck("data", .fail, FailureReport(error).message)]
        }
    }

    private func webhooks(of report: StatusReport) -> [SourceCheck] {
        report.webhooks.map { finding in
            SourceCheck(
                "\(finding.code)_\(report.source.name)", .warn,
                "Webhooks of '\(report.source.name)': \(finding.message)", fix: finding.remedy)
        }
    }

    private func credential(of report: StatusReport) -> [SourceCheck] {
        report.credential.warning.map {
            [SourceCheck("credential_\(report.source.name)", report.credential.stage == 0 ? .fail : .warn, $0)]
        } ?? []
    }

    private func freshness(of report: StatusReport) -> SourceCheck {
        let outcome: SourceCheck.Outcome =
            report.freshness.state == .stopped ? .fail : report.freshness.state < .behind ? .ok : .warn
        return SourceCheck(
            "source_\(report.source.name)", outcome, "Source '\(report.source.name)': \(report.freshness.words).",
            why: outcome == .ok ? "" : report.source.problem?.message ?? report.freshness.remark ?? "",
            fix: outcome == .ok ? "" : "Run 'drawbridge sync \(report.source.name)'.")
    }

    /// Who may see the source: an alarm fails, what is hidden or shared warns.
    private func access(of report: StatusReport) -> SourceCheck {
        let (name, code) = (report.source.name, "access_\(report.source.name)")
        let remarks = report.access.remarks(source: name)
        if let alarm = report.alarms.first {
            return SourceCheck(
                code, .fail, "ALARM: what '\(name)' shows differed from Jira.", why: alarm,
                fix: "Run 'drawbridge access audit \(name)'.")
        }
        if report.source.accessMode == .shared {
            return SourceCheck(
                code, .warn, "Source '\(name)': \(SourceCheck.shared.what)", why: SourceCheck.shared.why,
                fix: SourceCheck.shared.fix)
        }
        guard let first = remarks.first else {
            return SourceCheck(
                code, .ok, "Source '\(name)' is shown by its rules: \(report.access.summary(now: Session.now)).")
        }
        let isHidden = !report.access.missingProjects.isEmpty
        return SourceCheck(
            code, .warn, "Source '\(name)': \(first)", why: remarks.dropFirst().joined(separator: " "),
            fix: isHidden
                ? "Run 'drawbridge source test \(name)', which names the right that is missing, then 'drawbridge sync \(name)'."
                : "'drawbridge status' says more.")
    }
}
