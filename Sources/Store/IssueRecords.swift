public import Database
public import IssueModel

/// Issues and what hangs on them: comments, worklogs, attachments, links, values, keys and the packed copies.
///
/// The packed copy is the record; the other rows are what searching, filtering and access need of it.
public enum IssueRecords {
    /// The acls of an issue and its parts; the lists run beside those of the issue.
    public struct Acls: Hashable, Sendable {
        public var issue: Int64
        public var comments: [Int64]
        public var worklogs: [Int64]
        public var attachments: [Int64]

        public init(issue: Int64, comments: [Int64], worklogs: [Int64], attachments: [Int64]) {
            self.issue = issue
            self.comments = comments
            self.worklogs = worklogs
            self.attachments = attachments
        }

        /// One acl for an issue and everything on it.
        init(repeating acl: Int64, on issue: Issue) {
            self.issue = acl
            comments = issue.comments.map { _ in acl }
            worklogs = issue.worklogs.map { _ in acl }
            attachments = issue.attachments.map { _ in acl }
        }
    }

    /// What `replace` did.
    public enum Outcome: Hashable, Sendable { case inserted, updated, unchanged }

    /// Stores an issue with everything on it, in place of what was stored of it.
    ///
    /// An issue whose time of change, copy and acl are those stored costs two short statements and changes nothing but
    /// `fetched`.
    ///
    /// - Parameters:
    ///   - raw: What Jira returned, packed.
    ///   - fetched: When it was read, by our clock.
    ///   - force: Writes it even if nothing changed: after the decoder or a rule changed.
    ///   - began: Leaves a copy alone that changed later in Jira and was stored at or after this moment: two requests of
    ///     one run may be stored in another order than they were answered.
    /// - Returns: Our id of the issue, stable as long as the issue is stored.
    public static func replace(
        _ issue: Issue, raw: PackedRaw, acls: Acls, fetched: Timestamp, force: Bool = false,
        began: Timestamp? = nil, source: Int64, in context: WriteContext
    ) throws -> (id: Int64, outcome: Outcome) {
        guard acls.comments.count == issue.comments.count, acls.worklogs.count == issue.worklogs.count,
            acls.attachments.count == issue.attachments.count
        else { throw StoreError(.damaged, "Issue \(issue.id) has parts without an acl") }
        var acls = acls
        if try Withheld.contains(issue.id, source: source, in: context.connection) {
            acls = Acls(repeating: try Withheld.acl(source: source, in: context), on: issue)
        }
        let known = try stamp(of: issue.id, source: source, in: context.connection)
        if let known, let began, known.updated > issue.updated, known.fetched >= began { return (known.id, .unchanged) }
        if let known, !force, known.updated == issue.updated, known.fingerprint == raw.fingerprint,
            known.acl == acls.issue, known.state == State.live.rawValue
        {
            try touch(known.id, fetched: fetched, in: context)
            return (known.id, .unchanged)
        }
        var writer = IssueWriter(context: context, source: source)
        if let known { try writer.retireKey(of: known.id, replacedBy: issue.key) }
        let id = try writer.writeIssue(issue, raw: raw, acl: acls.issue, fetched: fetched, known: known?.id)
        if known != nil { try writer.clearParts(of: id) }
        try writer.writeKeys(of: issue, id: id)
        try writer.writeValues(of: issue, id: id)
        try writer.writeParts(of: issue, id: id, acls: acls)
        if let known {
            try writer.dropAttachments(of: id, notIn: issue.attachments)
            if known.state != State.live.rawValue { try writer.dropTombstone(of: issue.id) }
        } else {
            try writer.dropTombstone(of: issue.id)
        }
        context.noteContentChange()
        return (id, known == nil ? .inserted : .updated)
    }

    /// Notes that an issue was read again and had not changed.
    public static func touch(_ id: Int64, fetched: Timestamp, in context: WriteContext) throws {
        let statement = try context.connection.statement("UPDATE issue SET fetched = ? WHERE id = ?")
        statement.bind(1, fetched.rawValue)
        statement.bind(2, id)
        try statement.run()
    }

    /// What tells whether an issue needs to be read or written again.
    public struct Stamp: Hashable, Sendable {
        public var id: Int64
        public var updated: Timestamp
        public var fetched: Timestamp
        public var fingerprint: Int64
        public var acl: Int64
        public var state: String
    }

    /// The stamps of those issues that are stored.
    public static func stamps(
        of issues: [IssueID], source: Int64, in connection: Connection
    ) throws -> [IssueID: Stamp] {
        var result: [IssueID: Stamp] = [:]
        result.reserveCapacity(issues.count)
        for issue in issues { result[issue] = try stamp(of: issue, source: source, in: connection) }
        return result
    }

    static func stamp(of issue: IssueID, source: Int64, in connection: Connection) throws -> Stamp? {
        let statement = try connection.statement(
            "SELECT id, updated, fetched, raw_hash, acl_id, state FROM issue WHERE source_id = ? AND jira_id = ?")
        statement.bind(1, source)
        statement.bind(2, issue.rawValue)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        let row = statement.row
        return Stamp(
            id: row.int64(0), updated: Timestamp(milliseconds: row.int64(1)),
            fetched: Timestamp(milliseconds: row.int64(2)), fingerprint: row.int64(3), acl: row.int64(4),
            state: row.text(5))
    }

    /// Whether the site still shows an issue.
    public enum State: String, Hashable, Sendable {
        case live
        /// Archived in Jira: kept, and told apart.
        case archived
        /// Jira no longer shows it to us; whether it is deleted is not known.
        case unseen
    }

    /// Says whether the site still shows an issue. Its rows stay, but those of one that is unseen are closed to everybody
    /// but the operator, whatever its state says later, until it is written again.
    ///
    /// - Returns: Our id of it, so that its search rows follow in the same transaction; `nil` where it is not stored.
    @discardableResult
    public static func setState(
        _ state: State, of issue: IssueID, source: Int64, in context: WriteContext
    ) throws -> Int64? {
        guard let id = try stamp(of: issue, source: source, in: context.connection)?.id else { return nil }
        try context.connection.execute("UPDATE issue SET state = ? WHERE id = ?", state.rawValue, id)
        if state == .unseen { try Withheld.close(id, source: source, in: context) }
        context.noteContentChange()
        return id
    }

    /// Gives a stored issue and everything on it other acls, because its keys were derived again from the kept copy.
    ///
    /// Those of an issue that is withheld or unseen stay closed. Parts that are not stored are left out.
    ///
    /// - Parameter issue: As it was decoded from the kept copy; the lists of `acls` run beside its own.
    /// - Returns: Our id of the issue, so that its search rows follow in the same transaction; `nil` where nothing
    ///   changed.
    @discardableResult
    public static func setAcls(
        _ acls: Acls, of issue: Issue, source: Int64, in context: WriteContext
    ) throws -> Int64? {
        guard acls.comments.count == issue.comments.count, acls.worklogs.count == issue.worklogs.count,
            acls.attachments.count == issue.attachments.count
        else { throw StoreError(.damaged, "Issue \(issue.id) has parts without an acl") }
        let connection = context.connection
        guard let stored = try stamp(of: issue.id, source: source, in: connection) else { return nil }
        let isClosed =
            try stored.state == State.unseen.rawValue || Withheld.contains(issue.id, source: source, in: connection)
        let acls = isClosed ? Acls(repeating: try Withheld.acl(source: source, in: context), on: issue) : acls
        var changed = 0
        func set(_ acl: Int64, _ table: String, _ part: String) throws {
            try connection.execute(
                "UPDATE \(table) SET acl_id = ?1 WHERE issue_id = ?2 AND jira_id = ?3 AND acl_id <> ?1", acl, stored.id,
                part)
            changed += connection.changedRows
        }
        try connection.execute("UPDATE issue SET acl_id = ?1 WHERE id = ?2 AND acl_id <> ?1", acls.issue, stored.id)
        changed += connection.changedRows
        for (comment, acl) in zip(issue.comments, acls.comments) { try set(acl, "comment", comment.id.rawValue) }
        for (worklog, acl) in zip(issue.worklogs, acls.worklogs) { try set(acl, "worklog", worklog.id.rawValue) }
        for (file, acl) in zip(issue.attachments, acls.attachments) { try set(acl, "attachment", file.id.rawValue) }
        guard changed > 0 else { return nil }
        context.noteContentChange()
        return stored.id
    }

    /// Why an issue was removed.
    public enum Removal: String, Hashable, Sendable { case deleted, moved, outOfScope, lostSight }

    /// Removes an issue with everything on it and leaves a tombstone that holds its number only.
    ///
    /// - Returns: Our id it had, so that the search index can forget it in the same transaction; `nil` when it was not
    ///   stored.
    @discardableResult
    public static func remove(
        _ issue: IssueID, because reason: Removal, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws -> Int64? {
        let connection = context.connection
        try connection.execute(
            """
            INSERT INTO tombstone (source_id, jira_id, reason, at) VALUES (?, ?, ?, ?)
            ON CONFLICT (source_id, jira_id) DO UPDATE SET reason = excluded.reason, at = excluded.at
            """, source, issue.rawValue, reason.rawValue, now.rawValue)
        guard let id = try stamp(of: issue, source: source, in: connection)?.id else { return nil }
        for table in SourceRecords.issueTables {
            // Only former keys have an index by issue; the others go by the key itself.
            if table == "issue_key" {
                try connection.execute("DELETE FROM issue_key WHERE issue_id = ? AND former = 1", id)
                try connection.execute(
                    """
                    DELETE FROM issue_key WHERE source_id = ?1 AND issue_id = ?2
                        AND key = (SELECT key FROM issue WHERE id = ?2)
                    """, source, id)
            } else {
                try connection.execute("DELETE FROM \(table) WHERE issue_id = ?", id)
            }
        }
        try connection.execute("DELETE FROM issue WHERE id = ?", id)
        context.noteContentChange()
        return id
    }
}
