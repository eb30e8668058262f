import AccessControl
import Database
import IssueModel
import Store

/// Finding stored issues and deciding about them.
enum StoredIssue {
    /// Every issue of `sources` that has or had this key, or has this id.
    static func find(_ reference: String, sources: [Source], in connection: Connection) throws -> [IssueRow] {
        if let key = IssueKey(reference) {
            let wanted = Set(sources.map(\.id))
            let only = sources.count == 1 ? sources.first?.id : nil
            return try IssueRecords.rows(key: key, source: only, in: connection).filter { wanted.contains($0.source) }
        }
        guard reference.utf8.count <= 18, reference.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let id = Int64(reference)
        else { return [] }
        return try sources.compactMap { try IssueRecords.row(IssueID(id), source: $0.id, in: connection) }
    }
}

extension IssueRow {
    /// Whether readers may be shown the issue at all; what left Jira stays for the operator's evidence only.
    var isPresent: Bool { state != .unseen }

    func isVisible(in allowed: AllowedSet) -> Bool {
        allowed.isEverything || (isPresent && allowed.contains(acl))
    }
}
