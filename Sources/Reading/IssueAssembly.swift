import AccessControl
import Database
import IssueDecoding
import IssueModel
import Journal
import Store

/// Makes the view of a stored issue for one reader: decodes the stored copy and leaves out what the reader may not see.
struct IssueAssembly {
    let store: Store
    let source: Source
    let decoder: IssueDecoder

    init(store: Store, source: Source, in connection: Connection) throws {
        self.store = store
        self.source = source
        let fields = try CatalogueRecords.fields(source: source.id, in: connection)
        decoder = IssueDecoder(fields: FieldCatalogue(fields), flavour: source.product == .cloud ? .cloud : .dataCenter)
    }

    /// - Throws: ``ReadingError`` when the stored copy is missing or cannot be decoded.
    func view(of stored: IssueRow, allowed: AllowedSet, in connection: Connection) throws -> IssueView {
        guard let raw = try storedCopy(of: stored, in: connection) else { throw damaged(stored, "is missing") }
        var issue: Issue
        do {
            issue = try decoder.decode(raw)
        } catch {
            throw damaged(stored, "cannot be decoded: \(error.reason) at \(error.field)")
        }
        try CurrentNames(source: source.id, in: connection).apply(to: &issue, key: stored.key)
        if !allowed.isEverything {
            // A part without a row is not shown: nothing says who may see it.
            let acls = try IssueRecords.partAcls(of: stored.id, in: connection)
            issue.comments.removeAll { !acls.comments[$0.id].permits(allowed) }
            issue.worklogs.removeAll { !acls.worklogs[$0.id].permits(allowed) }
            issue.attachments.removeAll { !acls.attachments[$0.id].permits(allowed) }
        }
        issue.parent = try issue.parent.flatMap { try visible($0, allowed, connection) }
        let subtasks = issue.subtasks.count
        issue.subtasks = try issue.subtasks.compactMap { try visible($0, allowed, connection) }
        if issue.subtasks.count < subtasks { Self.leaveOutSums(of: &issue) }
        issue.links = try issue.links.compactMap { link in
            guard let other = try visible(link.other, allowed, connection) else { return nil }
            var link = link
            link.other = other
            return link
        }
        var view = IssueView(
            issue: issue, formerKeys: try IssueRecords.formerKeys(of: stored.id, in: connection), source: source.name,
            url: "\(source.url)\(source.url.hasSuffix("/") ? "" : "/")browse/\(issue.key)")
        view.standing = try IssueStanding.of(stored, in: connection)
        return view
    }

    /// Jira adds up only the sub-tasks that a reader may see; what is kept was added up for the source's account.
    private static func leaveOutSums(of issue: inout Issue) {
        issue.aggregateProgress = nil
        issue.otherFields.removeAll { $0.id.rawValue.hasPrefix("aggregatetime") }
    }

    private func storedCopy(of stored: IssueRow, in connection: Connection) throws -> RawIssue? {
        do {
            guard let parts = try store.raw.parts(ofIssue: stored.id, in: connection) else { return nil }
            return RawIssue { parts[$0] }
        } catch let error as StoreError where error.code == .damaged {
            throw damaged(stored, "cannot be unpacked")
        }
    }

    /// Another issue under its key of today; `nil` where the reader may not see it. An issue outside what is
    /// synchronised is shown to the operator only, as nothing tells whether others may see it.
    private func visible(
        _ other: Relative, _ allowed: AllowedSet, _ connection: Connection
    ) throws -> Relative? {
        guard let stored = try IssueRecords.row(other.id, source: source.id, in: connection) else {
            // Of what was removed because Jira deleted it, others keep no trace.
            let removal = try Graves.removal(of: other.id, source: source.id, in: connection)
            return allowed.isEverything && removal == nil ? other : nil
        }
        guard stored.isVisible(in: allowed) else { return nil }
        return Relative(id: other.id, key: IssueKey(stored.key) ?? other.key)
    }

    private func damaged(_ stored: IssueRow, _ what: String) -> ReadingError {
        ReadingError(
            .damaged,
            "The stored copy of issue \(stored.jiraID) of source \(source.name) \(what). "
                + "`drawbridge sync \(source.name) --full` reads it again.")
    }
}

extension Int64? {
    /// Whether this acl is known and allowed.
    fileprivate func permits(_ allowed: AllowedSet) -> Bool {
        map { allowed.contains($0) } ?? false
    }
}
