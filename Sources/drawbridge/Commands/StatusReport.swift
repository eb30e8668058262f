import Console
import FastJSON
import IssueModel
import Journal
import Reading
import SiteConnection
import Store
import SyncEngine
import Webhooks

/// How one source is.
struct StatusReport {
    let source: Source
    let freshness: Freshness
    let counts: IssueRecords.Counts
    let quarantined: Int
    let lastRun: SyncRuns.Run?
    let access: AccessStatus
    /// What is being done for it now.
    let work: SourceLeases.Holding?
    /// How Jira's pace is kept, or was at the last job.
    let pacing: JSONValue?
    let projects: [ProjectFreshness]
    /// What is wrong with its webhooks.
    let webhooks: [WebhookHealth.Finding]

    /// The source's own part of its freshness.
    var detail: SourceFreshness? { freshness.sources.first }

    static func all(in store: Store) async throws -> [StatusReport] {
        let now = store.now
        return try await store.read { connection in
            try SourceRecords.all(in: connection).map { source in
                let freshness = try Freshness(of: [source], now: now, in: connection)
                let lease = try SourceLeases.latest(of: source.id, in: connection)
                return StatusReport(
                    source: source, freshness: freshness,
                    counts: try IssueRecords.counts(source: source.id, in: connection),
                    quarantined: try Quarantine.count(source: source.id, in: connection),
                    lastRun: try SyncRuns.latest(source: source.id, limit: 1, in: connection).first,
                    access: try AccessStatus(of: source, now: now, in: connection),
                    work: lease.flatMap { $0.until > now ? $0 : nil },
                    pacing: lease.flatMap { JobProgress.pacing($0.progress) },
                    projects: try freshness.sources.first.map {
                        try ProjectFreshness.all(of: source, $0, in: connection)
                    } ?? [],
                    webhooks: source.state != .active
                        ? []
                        : try WebhookHealth(source: source.id, in: connection).findings(at: now, source: source.name))
            }
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("source")
            SourceReport(source).write(to: &json)
            json.member("state", freshness.state.rawValue)
            json.member("lagSeconds", Int(freshness.lagSeconds))
            json.member("asOf", freshness.asOf?.rfc3339)
            detail?.writeDetails(to: &json)
            writeWork(to: &json)
            json.member("issues", counts.issues)
            json.member("comments", counts.comments)
            json.member("worklogs", counts.worklogs)
            json.member("attachments", counts.attachments)
            json.member("quarantined", quarantined)
            json.key("lastRun")
            if let run = lastRun {
                json.object { json in
                    json.member("kind", run.kind)
                    json.member("outcome", run.outcome.rawValue)
                    json.member("started", run.started.rfc3339)
                    json.member("ended", run.ended?.rfc3339)
                    json.key("summary")
                    json.raw(run.summary)
                }
            } else {
                json.null()
            }
            json.key("webhookFindings")
            json.array { json in webhooks.forEach { $0.write(to: &json) } }
            json.key("alarms")
            json.array { json in alarms.forEach { json.string($0) } }
            json.key("access")
            access.write(to: &json)
        }
    }

    private func writeWork(to json: inout JSONWriter) {
        json.key("now")
        if let work {
            json.object { json in
                json.member("job", work.job)
                json.member("since", work.taken.rfc3339)
                guard let progress = JobProgress(work.progress)?.progress else { return }
                json.member("phase", progress.phase.rawValue)
                json.member("done", progress.done)
                json.member("total", progress.total)
                json.member("perSecond", Int(progress.rate))
            }
        } else {
            json.null()
        }
        json.key("pacing")
        json.value(pacing ?? .null)
        json.key("projects")
        json.array { json in
            for project in projects {
                json.object { json in
                    json.member("key", project.key)
                    json.member("state", project.state.rawValue)
                    json.member("lagSeconds", Int(project.lagSeconds))
                }
            }
        }
    }

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

    /// What somebody must look at now.
    var alarms: [String] { source.state == .removed ? [] : access.alarms(source: source.name) }

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
