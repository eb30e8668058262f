import Database
import IssueModel
import Journal
import SearchIndex
import Store

/// Removes issues from everything readers see: rows, search, links of others. Their copies stay for the grace period.
struct Burial {
    let source: Int64
    let now: Timestamp
    let policy: DeletionPolicy

    init(source: Int64, at now: Timestamp, policy: DeletionPolicy) {
        self.source = source
        self.now = now
        self.policy = policy
    }

    /// - Parameter reason: What went out of sight for a whole grace period, or out of scope, leaves no copy.
    func bury(_ issues: [IssueID], because reason: IssueRecords.Removal, in context: WriteContext) throws {
        guard !issues.isEmpty else { return }
        let purge = reason == .deleted ? policy.purge(ofRemovedAt: now) : nil
        try readRelativesAgain(of: issues, in: context)
        for issue in issues {
            let id = try Graves.bury(
                issue, because: reason, at: now, purge: purge, source: source, in: context)
            if let id { try SearchIndexWriter.remove(issue: id, in: context.connection) }
            try Quarantine.release(kind: "issue", ref: "\(issue)", source: source, in: context)
            // Only what was to be asked later: a hint that came while the issue was being read may say that it is back.
            try context.connection.execute(
                "DELETE FROM pending_issue WHERE source_id = ? AND jira_id = ? AND due > ?", source, issue.rawValue,
                now.rawValue)
        }
        try Absences.forget(issues, source: source, in: context)
        if purge == nil { try GraveKeeper.noteRemains(of: source, in: context) }
    }

    /// Takes the links to `issues` from others, and lets what names them – links, parents, sub-tasks – be read again:
    /// Jira dropped those mentions without a time of change.
    private func readRelativesAgain(of issues: [IssueID], in context: WriteContext) throws {
        let connection = context.connection
        var relatives: Set<IssueID> = []
        for start in stride(from: 0, to: issues.count, by: 500) {
            // Numbers of our own making, so that one pass over the tables does for all.
            let list = issues[start..<min(start + 500, issues.count)].map(\.description).joined(separator: ",")
            try connection.forEach(
                """
                SELECT i.jira_id FROM issue_link l JOIN issue i ON i.id = l.issue_id
                WHERE l.other_jira_id IN (\(list)) AND i.source_id = ?
                """, source
            ) { relatives.insert(IssueID($0.int64(0))) }
            try connection.forEach(
                """
                SELECT jira_id FROM issue WHERE source_id = ?1 AND parent_jira_id IN (\(list))
                UNION SELECT p.jira_id FROM issue i
                    JOIN issue p ON p.source_id = i.source_id AND p.jira_id = i.parent_jira_id
                    WHERE i.source_id = ?1 AND i.jira_id IN (\(list))
                """, source
            ) { relatives.insert(IssueID($0.int64(0))) }
            try connection.execute(
                """
                DELETE FROM issue_link WHERE other_jira_id IN (\(list))
                    AND issue_id IN (SELECT id FROM issue WHERE source_id = ?)
                """, source)
        }
        try PendingIssues.add(
            relatives.subtracting(issues).sorted(), cause: .census, at: now, source: source, in: context)
    }
}
