internal import SiteConnection
internal import Database
public import FastJSON
internal import IssueModel
public import Journal
public import Reading
public import Secrets
public import Store
public import Webhooks

/// How one source is.
public struct StatusReport: Sendable {
    public let source: Source
    public let freshness: Freshness
    public let counts: IssueRecords.Counts
    public let quarantined: Int
    public let lastRun: SyncRuns.Run?
    public let access: AccessStatus
    /// What is being done for it now.
    public let work: SourceLeases.Holding?
    /// How Jira's pace is kept, or was at the last job.
    public let pacing: JSONValue?
    public let projects: [ProjectFreshness]
    /// What is wrong with its webhooks.
    public let webhooks: [WebhookHealth.Finding]
    /// When its credential ends, and whether to warn of that.
    public let credential: CredentialExpiry.Standing

    /// The source's own part of its freshness.
    public var detail: SourceFreshness? { freshness.sources.first }

    public static func all(in store: Store) async throws -> [StatusReport] {
        let now = store.now
        let key = try? store.secretKey()
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
                        : try WebhookHealth(source: source.id, in: connection).findings(at: now, source: source.name),
                    credential: try CredentialExpiry.standing(of: source, key: key, now: now, in: connection))
            }
        }
    }

    public func write(to json: inout JSONWriter) {
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
            json.member("credentialExpires", credential.expires?.rfc3339)
            json.member("credentialWarning", source.state == .removed ? nil : credential.warning)
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

    /// What somebody must look at now.
    public var alarms: [String] { source.state == .removed ? [] : access.alarms(source: source.name) }
}
