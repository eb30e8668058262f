public import IssueModel
public import Store

/// What a site's audit log says was deleted: a hint, to be looked into.
public enum AuditDeletions {
    /// Takes deletions in, in the transaction that stores how far the log was read.
    ///
    /// - Parameters:
    ///   - keys: Issues are named by the keys they had; those that are stored are asked for by their ids.
    ///   - projects: Projects count as deleted once Jira does not list them either.
    public static func note(
        keys: [IssueKey], projects: [EntityID], at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        var issues: Set<IssueID> = []
        for key in keys {
            for row in try IssueRecords.rows(key: key, source: source, in: context.connection) {
                issues.insert(row.jiraID)
            }
        }
        try PendingIssues.add(issues.sorted(), cause: .audit, at: now, source: source, in: context)
        for project in projects {
            try AbsentProjects.noteDeleted(project, at: now, source: source, in: context)
        }
    }
}
