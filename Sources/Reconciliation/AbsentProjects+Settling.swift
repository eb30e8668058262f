import Database
public import IssueModel
public import Journal
public import Observability
public import Store

extension AbsentProjects {
    /// Issues of one transaction.
    private static let batch = 200

    /// Does what follows from projects that Jira no longer lists, or lists as archived: their issues are hidden or put away;
    /// those of a project that is known to be deleted, or was gone for the whole grace period, are removed. What was put
    /// away with a project that is archived no longer is read again.
    ///
    /// Call it after the list of projects was stored. What is done already costs one small query.
    @discardableResult
    public static func settle(
        in store: Store, source: Source, at now: Timestamp, log: Log = .silent
    ) async throws -> AbsenceOutcome {
        var outcome = AbsenceOutcome()
        for (record, plan) in try await plans(in: store, source: source, at: now) {
            switch plan {
            case .nothing: break
            case .forget: try await store.write { try forget(record.project.id, source: source.id, in: $0) }
            case .bringBack: try await bringBack(record, in: store, source, at: now)
            case .hide:
                outcome.hidden += try await each(of: record, notIn: .unseen, in: store, source) { issues, context in
                    for issue in issues { try Absences.close(issue, source: source.id, in: context) }
                }
            case .putAway:
                try await store.write { try note(.archived, record.project.id, at: now, source: source.id, in: $0) }
                outcome.archived += try await each(of: record, notIn: .archived, in: store, source) { issues, context in
                    for issue in issues { try Absences.archive(issue, source: source.id, in: context) }
                }
            case .hold(let count):
                outcome.held += count
                outcome.hidden += try await each(of: record, notIn: .unseen, in: store, source) { issues, context in
                    for issue in issues { try Absences.close(issue, source: source.id, in: context) }
                    try note(.held, record.project.id, at: now, source: source.id, in: context)
                }
                try await store.write { try note(.held, record.project.id, at: now, source: source.id, in: $0) }
            case .remove(let reason):
                outcome.deleted += try await each(of: record, notIn: nil, in: store, source) { issues, context in
                    let policy = try DeletionPolicy.of(source: source.id, in: context.connection)
                    try Burial(source: source.id, at: now, policy: policy).bury(issues, because: reason, in: context)
                }
                try await store.write { try forget(record.project.id, source: source.id, in: $0) }
            }
        }
        if outcome.held > 0 {
            log.warning(
                "census.held", "Too many issues are gone at once to be removed without asking.",
                ["source": .string(source.name), "issues": .int(outcome.held)])
        }
        return outcome
    }

    private enum Plan: Sendable {
        case nothing, forget, bringBack, hide, putAway
        case hold(Int)
        case remove(IssueRecords.Removal)
    }

    private static func plans(
        in store: Store, source: Source, at now: Timestamp
    ) async throws -> [(ProjectRecords.Record, Plan)] {
        try await store.read { connection in
            let id = source.id
            let policy = try DeletionPolicy.of(source: id, in: connection)
            let deleted = try having(.deleted, source: id, in: connection)
            let confirmed = try having(.confirmed, source: id, in: connection)
            let rejected = try having(.rejected, source: id, in: connection)
            let noted = try deleted.union(having(.held, source: id, in: connection)).union(confirmed).union(rejected)
            let archived = try having(.archived, source: id, in: connection)
            let stored =
                try connection.first("SELECT count(*) FROM issue WHERE source_id = ?", id) { $0.int(0) } ?? 0
            let hour = Timestamp(milliseconds: now.rawValue - 3_600_000)
            var recent = try Graves.buried(since: hour, source: id, in: connection)
            let limit = policy.limit(ofStored: stored + recent)
            return try ProjectRecords.all(source: id, in: connection).map { record in
                let project = record.project.id
                if record.accessState != .gone {
                    if record.project.isArchived { return (record, .putAway) }
                    if archived.contains(project) { return (record, .bringBack) }
                    return (record, noted.contains(project) ? .forget : .nothing)
                }
                let since = record.accessChanged?.rawValue ?? now.rawValue
                let isExpired = now.rawValue - since >= policy.grace
                let isDeleted = deleted.contains(project) || confirmed.contains(project)
                guard isDeleted || isExpired, !rejected.contains(project) else { return (record, .hide) }
                let count =
                    try connection.first("SELECT count(*) FROM issue WHERE project_id = ?", record.id) { $0.int(0) }
                    ?? 0
                if count == 0 { return (record, noted.contains(project) ? .forget : .nothing) }
                guard confirmed.contains(project) || count + recent <= limit else { return (record, .hold(count)) }
                if !confirmed.contains(project) { recent += count }
                return (record, .remove(isDeleted ? .deleted : .lostSight))
            }
        }
    }

    /// Has the archived issues of a project that is live again read by their ids: nobody changed them, so that no delta
    /// names them. One that is archived by itself is found to be so again.
    private static func bringBack(
        _ record: ProjectRecords.Record, in store: Store, _ source: Source, at now: Timestamp
    ) async throws {
        try await store.write { context in
            let issues = try context.connection.rows(
                "SELECT jira_id FROM issue WHERE source_id = ? AND project_id = ? AND state = ?", source.id, record.id,
                IssueRecords.State.archived.rawValue
            ) { IssueID($0.int64(0)) }
            try PendingIssues.add(issues, cause: .moved, at: now, source: source.id, in: context)
            try forget(record.project.id, source: source.id, in: context)
        }
    }

    /// Goes through a project's issues that are not in a state yet, in transactions of a few.
    private static func each(
        of record: ProjectRecords.Record, notIn state: IssueRecords.State?, in store: Store, _ source: Source,
        _ body: @escaping @Sendable ([IssueID], WriteContext) throws -> Void
    ) async throws -> Int {
        var done = 0
        while true {
            let count = try await store.write { context in
                let issues = try context.connection.rows(
                    """
                    SELECT jira_id FROM issue WHERE source_id = ?1 AND project_id = ?2 AND (?3 IS NULL OR state <> ?3)
                    LIMIT ?4
                    """, source.id, record.id, state?.rawValue, batch
                ) { IssueID($0.int64(0)) }
                if !issues.isEmpty { try body(issues, context) }
                return issues.count
            }
            done += count
            if count < batch { return done }
            try Task.checkCancellation()
        }
    }
}
