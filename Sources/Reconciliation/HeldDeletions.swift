public import Database
public import IssueModel
import Journal
public import Store

/// Deletions that wait for an administrator, as that person is shown them.
public struct HeldDeletions: Hashable, Sendable {
    /// By project, the largest share first.
    public var projects: [Share] = []
    public var total: Int { projects.reduce(0) { $0 + $1.count } }

    /// What of one project is to be removed.
    public struct Share: Hashable, Sendable {
        public var id: EntityID
        public var key: String
        public var name: String
        public var count: Int
        /// How many issues are stored of it.
        public var stored: Int
        /// Whether Jira does not list the project itself any more.
        public var isWhole: Bool
        public var examples: [Example]
    }

    public struct Example: Hashable, Sendable {
        public var key: String
        public var summary: String
    }

    /// Examples for each project.
    public static let mostExamples = 5

    public init(source: Int64, in connection: Connection) throws {
        let whole = try AbsentProjects.having(.held, source: source, in: connection)
        for record in try ProjectRecords.all(source: source, in: connection) {
            let isWhole = whole.contains(record.project.id)
            let stored = try connection.first("SELECT count(*) FROM issue WHERE project_id = ?", record.id) {
                $0.int(0)
            }
            let held =
                try connection.first(
                    """
                    SELECT count(*) FROM absence a JOIN issue i ON i.source_id = a.source_id AND i.jira_id = a.jira_id
                    WHERE a.source_id = ?1 AND a.evidence & ?2 <> 0 AND i.project_id = ?3
                    """, source, Absences.Signs.held.rawValue, record.id
                ) { $0.int(0) } ?? 0
            let count = isWhole ? stored ?? 0 : held
            guard count > 0 else { continue }
            let examples = try connection.rows(
                """
                SELECT i.key, i.summary FROM issue i LEFT JOIN absence a
                    ON a.source_id = i.source_id AND a.jira_id = i.jira_id AND a.evidence & ?1 <> 0
                WHERE i.project_id = ?2 AND (?3 OR a.jira_id IS NOT NULL) ORDER BY i.updated DESC, i.id DESC LIMIT ?4
                """, Absences.Signs.held.rawValue, record.id, isWhole, Self.mostExamples
            ) { Example(key: $0.text(0), summary: $0.text(1)) }
            projects.append(
                Share(
                    id: record.project.id, key: record.project.key, name: record.project.name, count: count,
                    stored: stored ?? 0, isWhole: isWhole, examples: examples))
        }
        projects.sort { ($1.count, $0.key) < ($0.count, $1.key) }
    }

    /// Removes what waits, because an administrator says that it is deleted. Copies stay for the grace period.
    ///
    /// - Returns: How many issues were removed.
    @discardableResult
    public static func confirm(in store: Store, source: Source, at now: Timestamp) async throws -> Int {
        let id = source.id
        var removed = 0
        while true {
            let count = try await store.write { context in
                let policy = try DeletionPolicy.of(source: id, in: context.connection)
                let issues = try Absences.entries(having: .held, source: id, limit: 200, in: context.connection)
                    .map(\.issue)
                try Burial(source: id, at: now, policy: policy).bury(issues, because: .deleted, in: context)
                return issues.count
            }
            removed += count
            if count == 0 { break }
        }
        try await store.write { context in
            for project in try AbsentProjects.having(.held, source: id, in: context.connection) {
                try AbsentProjects.note(.confirmed, project, at: now, source: id, in: context)
            }
        }
        removed += try await AbsentProjects.settle(in: store, source: source, at: now).deleted
        try await clearProblem(in: store, source)
        return removed
    }

    /// Forgets what waits, because an administrator says that it is not deleted: it stays, hidden, until Jira shows it again,
    /// and is asked for at once.
    ///
    /// - Returns: How many issues and whole projects are kept.
    @discardableResult
    public static func reject(in store: Store, source: Source, at now: Timestamp) async throws -> Int {
        let id = source.id
        let kept = try await store.write { context in
            let entries = try Absences.entries(having: .held, source: id, in: context.connection)
            for var entry in entries {
                entry.signs.subtract([.held, .condemned])
                entry.signs.insert(.rejected)
                try Absences.put(entry, source: id, in: context)
            }
            try PendingIssues.add(entries.map(\.issue), cause: .manual, at: now, source: id, in: context)
            let projects = try AbsentProjects.having(.held, source: id, in: context.connection)
            for project in projects {
                try AbsentProjects.forget(project, source: id, in: context)
                try AbsentProjects.note(.rejected, project, at: now, source: id, in: context)
            }
            return entries.count + projects.count
        }
        try await clearProblem(in: store, source)
        return kept
    }

    private static func clearProblem(in store: Store, _ source: Source) async throws {
        try await store.write { context in
            guard let now = try SourceRecords.source(source.id, in: context.connection),
                now.problem?.code == CircuitBreaker.problemCode
            else { return }
            try SourceRecords.setProblem(nil, of: source.id, in: context)
        }
    }
}
