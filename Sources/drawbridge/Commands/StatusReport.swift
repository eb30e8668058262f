import Console
import FastJSON
import IssueModel
import Journal
import Reading
import Secrets
import SiteConnection
import SourceAdministration
import Store
import Webhooks

/// How one source is, for people.
extension StatusReport {
    /// What goes on, what comes next, and how Jira takes it: a line each.
    private var workLines: [String] {
        var lines: [String] = []
        if let work {
            let since = Wording.duration(seconds: Int((Session.now.rawValue - work.taken.rawValue) / 1_000))
            let progress = JobProgress(work.progress).map { ": " + SyncReport.line($0.progress) } ?? ""
            lines.append("now: \(work.job) for \(since)\(progress)")
        }
        if let detail {
            if detail.pending > 0 {
                lines.append("\(Wording.count(detail.pending, "issue")) known to have changed wait to be read")
            }
            if let next = detail.next, work == nil {
                let wait = Int((next.at.rawValue - Session.now.rawValue) / 1_000)
                let quiet = detail.isQuiet ? " (quiet hours)" : ""
                lines.append("next: \(next.job) in \(Wording.duration(seconds: wait))\(quiet)")
            }
            if let census = detail.lastCensus {
                let age = Wording.duration(seconds: Int((Session.now.rawValue - census.rawValue) / 1_000))
                lines.append("compared with all that Jira lists \(age) ago")
            }
            if let cause = detail.cause, source.problem?.message != cause.message {
                lines.append(Terminal.visible(cause.message))
            }
        }
        let partial = projects.filter { $0.state == .partial }.map(\.key)
        if !partial.isEmpty, freshness.asOf != nil {
            lines.append("not read completely yet: \(partial.prefix(10).joined(separator: ", "))")
        }
        lines += pacingLine.map { [$0] } ?? []
        if source.state != .removed, let warning = credential.warning { lines.append(Terminal.visible(warning)) }
        return lines
    }

    private var pacingLine: String? {
        guard let pacing else { return nil }
        var parts: [String] = []
        if let paused = pacing["pausedSeconds"]?.integer, paused > 0, work != nil {
            parts.append("its budget is used up; goes on in \(Wording.duration(seconds: paused))")
        }
        if let left = pacing["budget"]?["remaining"]?.integer, let limit = pacing["budget"]?["limit"]?.integer {
            parts.append("\(Wording.grouped(left)) of \(Wording.grouped(limit)) requests left")
        }
        if let refusals = pacing["refusals"]?.integer, refusals > 0 {
            parts.append("asked to slow down \(Wording.count(refusals, "time"))")
        }
        if let share = pacing["sharePercent"]?.integer, share < 100 {
            parts.append("\(share) % of its budget used at most")
        }
        return parts.isEmpty ? nil : "Jira: " + parts.joined(separator: "; ")
    }

    var text: String {
        var contents = [
            Wording.count(counts.issues, "issue"), Wording.count(counts.comments, "comment"),
            Wording.count(counts.worklogs, "worklog"), Wording.count(counts.attachments, "attachment"),
        ]
        if quarantined > 0 { contents.append("\(Wording.count(quarantined, "issue")) that could not be stored") }
        var lines = alarms.map { Terminal.bold("ALARM  \(source.name): ") + $0 }
        lines.append(SourceReport(source).line)
        lines.append("    \(contents.joined(separator: ", ")); \(freshness.words)")
        guard source.state != .removed else { return lines.joined(separator: "\n") }
        lines += workLines.map { "    " + $0 }
        lines += webhooks.map { "    " + Terminal.visible("webhook: \($0.message) \($0.remedy)") }
        lines.append("    " + access.summary(now: Session.now))
        lines += access.remarks(source: source.name).map { "    " + $0 }
        return lines.joined(separator: "\n")
    }
}
