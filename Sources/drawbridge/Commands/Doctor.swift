import AccessControl
import Console
import Foundation
import Reading
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import Webhooks

/// Looks at the machine and the data folder, and says what is missing.
struct Doctor {
    let dataFolder: String
    let environment: [String: String]

    func checks() async -> [SourceCheck] {
        [
            folder(), space(), program("pdftotext", "text of PDF attachments", "poppler-utils"),
            program("bwrap", "the sandbox around attachment parsers", "bubblewrap"),
        ] + (await data())
    }

    private func folder() -> SourceCheck {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: dataFolder, isDirectory: &isFolder) else {
            return SourceCheck(
                "data_folder", .ok, "The data folder \(dataFolder) does not exist yet; 'source add' makes it.")
        }
        guard isFolder.boolValue else {
            return SourceCheck("data_folder", .fail, "\(dataFolder) is a file.", fix: "Name a folder with --data.")
        }
        guard FileManager.default.isWritableFile(atPath: dataFolder) else {
            return SourceCheck(
                "data_folder", .fail, "The data folder \(dataFolder) cannot be written.",
                fix: "Allow this user to write to it.")
        }
        let mode = (try? FileManager.default.attributesOfItem(atPath: dataFolder)[.posixPermissions]) as? Int ?? 0
        guard mode & 0o077 == 0 else {
            return SourceCheck(
                "data_folder", .warn, "Other users of this machine may enter the data folder.",
                fix: "Run 'chmod 700 \(dataFolder)'.")
        }
        return SourceCheck("data_folder", .ok, "The data folder \(dataFolder) is writable and private.")
    }

    private func space() -> SourceCheck {
        var path = dataFolder
        while !FileManager.default.fileExists(atPath: path), path.contains("/") {
            path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path.isEmpty ? "." : path)
        guard let free = attributes?[.systemFreeSize] as? Int64 else {
            return SourceCheck("disk_space", .warn, "The free disk space cannot be told.")
        }
        let megabytes = Int(free >> 20)
        let words = "\(Wording.size(bytes: Int(free))) of disk space are free."
        return megabytes < 1_024
            ? SourceCheck("disk_space", .warn, words, fix: "A site of 100,000 issues takes about 0.5 GB.")
            : SourceCheck("disk_space", .ok, words)
    }

    private func program(_ name: String, _ purpose: String, _ package: String) -> SourceCheck {
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        let found = folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        return found
            ? SourceCheck("program_\(name)", .ok, "\(name) is installed, for \(purpose).")
            : SourceCheck(
                "program_\(name)", .warn, "\(name) is not installed; it is for \(purpose).",
                fix: "Install the package \(package).")
    }

    private func data() async -> [SourceCheck] {
        guard FileManager.default.fileExists(atPath: dataFolder + "/drawbridge.sqlite") else { return [] }
        do {
            let reports = try await Session.with(folder: dataFolder, for: .reading) {
                try await StatusReport.all(in: $0.store)
            }
            return reports.filter { $0.source.state != .removed }.flatMap { report in
                [freshness(of: report), access(of: report)] + webhooks(of: report)
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
