public import Database
public import IssueModel
import Journal
public import Store

/// Stops removing where so much is missing at once that it looks like a mistake of somebody's: a permission scheme that was
/// swapped, a proxy that answers for Jira, an import gone wrong.
///
/// What is missing is hidden all the same; an administrator confirms that it is deleted, or says that it is not.
public enum CircuitBreaker {
    /// Whether `condemned` further issues may be removed now.
    ///
    /// Counted too are those that will be removed when they are asked for once more, and what was removed in the last hour.
    static func admits(
        _ condemned: Set<IssueID>, at now: Timestamp, policy: DeletionPolicy, source: Int64, in connection: Connection
    ) throws -> Bool {
        guard !condemned.isEmpty else { return true }
        let stored =
            try connection.first("SELECT count(*) FROM issue WHERE source_id = ?", source) { $0.int(0) } ?? 0
        let hour = Timestamp(milliseconds: now.rawValue - 3_600_000)
        let recent = try Graves.buried(since: hour, source: source, in: connection)
        let open = try Absences.entries(having: .condemned, source: source, in: connection)
            .filter { !$0.signs.contains(.rejected) }.map(\.issue)
        return Set(open).union(condemned).count + recent <= policy.limit(ofStored: stored + recent)
    }

    /// Issues that wait for an administrator, of a source.
    public static func held(source: Int64, in connection: Connection) throws -> Int {
        try Absences.count(having: .held, source: source, in: connection)
    }

    /// The code of the problem that a source has while deletions wait for an administrator.
    public static let problemCode = "deletions_await_confirmation"

    /// What to show of the source while deletions wait for an administrator; `nil` where none does.
    public static func problem(of source: Source, at now: Timestamp, in connection: Connection) throws
        -> Source.Problem?
    {
        let issues = try held(source: source.id, in: connection)
        let projects = try AbsentProjects.having(.held, source: source.id, in: connection).count
        guard issues + projects > 0 else { return nil }
        let what = [
            issues == 0 ? nil : issues == 1 ? "1 issue" : "\(issues) issues",
            projects == 0 ? nil : projects == 1 ? "1 whole project" : "\(projects) whole projects",
        ].compactMap(\.self).joined(separator: " and ")
        return Source.Problem(
            code: problemCode,
            message:
                "\(what) seem to be deleted in Jira, more at once than is removed without asking. They are hidden, and kept. "
                + "Look at them with: drawbridge source confirm-deletions \(source.name)",
            at: now)
    }
}
