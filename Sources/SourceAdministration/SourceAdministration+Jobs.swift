internal import Database
internal import SiteConnection
public import AuditTrail
internal import FastJSON
internal import IssueModel
public import Journal
public import Scheduling
public import Store
public import SyncEngine

/// A job that was asked for, and how far it is.
public struct JobReport: Sendable {
    /// Its number.
    public let id: Int64
    public let source: Source
    public let answer: Requests.Answer
    /// Who holds the source now, which need not be this job.
    public let holding: SourceLeases.Holding?

    /// `waiting`, `running`, `done`, `failed`, or another word of ``Requests``.
    public var state: String {
        if answer.ended != nil { return answer.outcome ?? "done" }
        return answer.started == nil ? "waiting" : "running"
    }

    /// What came of it; `nil` before its end.
    public var outcome: SourceAnswer? { answer.answer.flatMap { try? SourceAnswer(json: $0) } }

    /// How far it is.
    public var progress: JobProgress? {
        answer.started != nil && answer.ended == nil ? holding.flatMap { JobProgress($0.progress) } : nil
    }

    public var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("id", String(id))
            json.member("source", source.name)
            json.member("state", state)
            json.member("started", answer.started?.rfc3339)
            json.member("ended", answer.ended?.rfc3339)
            json.key("progress")
            if let progress = progress?.progress {
                json.object { json in
                    json.member("phase", progress.phase.rawValue)
                    json.member("done", progress.done)
                    json.member("total", progress.total)
                }
            } else {
                json.null()
            }
            json.key("summary")
            if let summary = outcome?.summary { summary.write(to: &json) } else { json.null() }
            json.key("failure")
            if let failure = outcome?.failure {
                json.object { json in
                    json.member("code", failure.code.rawValue)
                    json.member("what", failure.what)
                    json.member("why", failure.why)
                    json.member("fix", failure.fix)
                }
            } else {
                json.null()
            }
        }
        return json.bytes
    }
}

extension SourceAdministration {
    /// Asks whoever keeps the sources in step for a job.
    ///
    /// - Returns: The number under which ``job(_:of:)`` tells what came of it.
    /// - Throws: `StoreError` with code `folderInUse` where too many wait already.
    public func ask(_ job: SourceWork.Job, of name: String, by origin: AuditOrigin) async throws -> Int64 {
        let source = try await present(name)
        let request = job.request
        let details: JSONValue = .object([.init("job", .string(job.name))])
        return try await store.write { context in
            try AuditTrail.append(
                origin.event("source.job_requested", subject: source.name, details: details), in: context)
            return try Requests.post(
                kind: request.kind, argument: request.argument, source: source.id, at: context.now, in: context)
        }
    }

    /// How far a job is that was asked for; `nil` where there is none of this number at this source, or it ended a day ago.
    public func job(_ id: Int64, of name: String) async throws -> JobReport? {
        let source = try await source(named: name)
        return try await store.read { [now = store.now] connection in
            let owner = try connection.first("SELECT source_id FROM request WHERE id = ?", id) { $0.int64(0) }
            guard owner == source.id, let answer = try Requests.answer(id, in: connection) else { return nil }
            return JobReport(
                id: id, source: source, answer: answer,
                holding: try SourceLeases.holding(of: source.id, now: now, in: connection))
        }
    }

    /// What reads these issues: those that are known by their ids, of the others what changed in their projects.
    ///
    /// - Throws: ``AdministrationError`` for what is neither a key nor an id.
    public func extents(of issues: [String], in source: Source) async throws -> [SyncExtent] {
        var ids: [IssueID] = []
        var projects: Set<String> = []
        for text in issues {
            if let id = Int64(text), id > 0 {
                ids.append(IssueID(id))
                continue
            }
            guard let key = IssueKey(text) else {
                throw AdministrationError(
                    .invalid, "'\(text.prefix(80))' is neither a key such as PAY-12 nor an id")
            }
            let known = try await store.read { try IssueRecords.rows(key: key, source: source.id, in: $0) }
            if known.isEmpty { projects.insert(key.project) } else { ids += known.map(\.jiraID) }
        }
        return (ids.isEmpty ? [] : [.issues(ids)]) + projects.sorted().map { .project($0) }
    }

    /// Derives everything of a source again from the kept copies.
    public func reindex(_ name: String, by origin: AuditOrigin) async throws -> [ReindexSummary] {
        let source = try await present(name)
        return try await withLease(of: source, for: "reindex") {
            try await announce(origin.event("source.reindexed", subject: source.name))
            return try await service.reindex(source.name)
        }
    }
}
