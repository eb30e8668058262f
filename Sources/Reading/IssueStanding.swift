import AccessControl
import Database
import IssueModel
import Journal
public import Store

/// Whether Jira still shows an issue, for those who see it all the same.
public struct IssueStanding: Hashable, Sendable {
    /// `archived` to whoever may see the issue; `unseen` to the operator alone.
    public var state: IssueRecords.State
    /// What that means, in words.
    public var remark: String

    /// `nil` for an issue that Jira shows like any other.
    static func of(_ stored: IssueRow, in connection: Connection) throws -> IssueStanding? {
        switch stored.state {
        case .live: return nil
        case .archived: return IssueStanding(state: .archived, remark: "Archived in Jira: no search finds it.")
        case .unseen: break
        }
        let entry = try Absences.entry(of: stored.jiraID, source: stored.source, in: connection)
        let since = entry.map { " since \($0.first.rfc3339)" } ?? ""
        let why =
            switch entry?.signs {
            case nil: "It is hidden until it can be read from Jira again."
            case let signs? where signs.contains(.held):
                "It seems to be deleted, with many others; it waits for 'drawbridge source confirm-deletions'."
            default:
                "It is deleted there or hidden from that account, which cannot be told apart; unless Jira shows it again it is "
                    + "destroyed after the grace period ('drawbridge source deletions')."
            }
        return IssueStanding(
            state: .unseen,
            remark:
                "Jira has not shown it to the source's account\(since). Nobody but the operator sees it here. \(why)")
    }

    /// What became of an issue that is not stored any more, for the operator; `nil` where nothing is known of it.
    static func ofRemoved(
        _ reference: String, sources: [Source], in connection: Connection
    ) throws -> String? {
        guard let key = IssueKey(reference) else { return nil }
        for source in sources {
            guard let grave = try Graves.entry(key: key, source: source.id, in: connection) else { continue }
            return
                "\(key) was deleted in Jira and removed at \(grave.at.rfc3339). Its copy is kept until \(grave.purge.rfc3339): "
                + "'drawbridge source deletions \(source.name) --restore \(key)' puts it back."
        }
        return nil
    }
}
