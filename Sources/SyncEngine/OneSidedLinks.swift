import Database
import IssueModel
import Journal
import Store

/// Issues whose copies lack a link, or their parent, that the copy of the other side names.
///
/// Jira leaves out what the source's account may not see. An issue that this account comes to see – it moved, its level was
/// taken away – is read then; the issues on the other side of its links do not count as updated, and their copies were
/// made without it.
enum OneSidedLinks {
    /// Puts the stored issues that do not name `issue`, though `issue` names them, among those to be read.
    ///
    /// Those read since `began` are left: there the link is newer than what was read, and marks its issues as updated.
    static func note(
        _ issue: Issue, began: Timestamp, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        let connection = context.connection
        var lacking: [IssueID] = []
        for other in Set(issue.links.map(\.other.id)) {
            let names = try connection.first(
                """
                SELECT EXISTS (SELECT 1 FROM issue_link l WHERE l.issue_id = i.id AND l.other_jira_id = ?3)
                FROM issue i WHERE i.source_id = ?1 AND i.jira_id = ?2 AND i.state = 'live' AND i.fetched < ?4
                """, source, other.rawValue, issue.id.rawValue, began.rawValue
            ) { $0.bool(0) }
            if names == false { lacking.append(other) }
        }
        for child in Set(issue.subtasks.map(\.id)) {
            let names = try connection.first(
                """
                SELECT parent_jira_id IS NOT NULL FROM issue
                WHERE source_id = ?1 AND jira_id = ?2 AND state = 'live' AND fetched < ?3
                """, source, child.rawValue, began.rawValue
            ) { $0.bool(0) }
            if names == false { lacking.append(child) }
        }
        guard !lacking.isEmpty else { return }
        try PendingIssues.add(lacking.sorted(), cause: .link, at: now, source: source, in: context)
    }
}
