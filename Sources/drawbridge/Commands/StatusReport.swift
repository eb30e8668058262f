import FastJSON
import IssueModel
import Reading
import Journal
import Store
import SyncEngine

/// How one source is.
struct StatusReport {
    let source: Source
    let freshness: Freshness
    let counts: IssueRecords.Counts
    let quarantined: Int
    let lastRun: SyncRuns.Run?
    let access: AccessStatus

    static func all(in store: Store) async throws -> [StatusReport] {
        let now = store.now
        return try await store.read { connection in
            try SourceRecords.all(in: connection).map { source in
                StatusReport(
                    source: source, freshness: try Freshness(of: [source], now: now, in: connection),
                    counts: try IssueRecords.counts(source: source.id, in: connection),
                    quarantined: try Quarantine.count(source: source.id, in: connection),
                    lastRun: try SyncRuns.latest(source: source.id, limit: 1, in: connection).first,
                    access: try AccessStatus(of: source, now: now, in: connection))
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
            json.key("alarms")
            json.array { json in alarms.forEach { json.string($0) } }
            json.key("access")
            access.write(to: &json)
        }
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
        lines.append("    " + access.summary(now: Session.now))
        lines += access.remarks(source: source.name).map { "    " + $0 }
        return lines.joined(separator: "\n")
    }
}
