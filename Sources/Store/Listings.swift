public import AccessControl
public import Database
internal import FastJSON
public import IssueModel
internal import Packing

/// What Jira itself lists to one account, read with that account's own credential.
public struct Listing: Hashable, Sendable {
    public var account: AccountID
    public var scope: Scope
    /// Ascending, each once.
    public var issues: [IssueID]
    /// Restrictions of comments and worklogs, by project, of which Jira showed the account an example.
    public var restrictions: Set<Shown>
    public var verified: Timestamp

    /// Which issues were asked for.
    public enum Scope: String, Hashable, Sendable {
        case all
        /// Only issues with a security level, where the rest is mirrored.
        case levelled
    }

    /// A restriction of one project's parts.
    public struct Shown: Hashable, Sendable {
        public var project: EntityID
        public var restriction: Restriction

        public init(project: EntityID, _ restriction: Restriction) {
            self.project = project
            self.restriction = restriction
        }

        var principal: Principal { .shown(restriction, of: project) }
    }

    /// - Parameter issues: In any order; sorted here.
    public init(
        account: AccountID, scope: Scope, issues: [IssueID], restrictions: Set<Shown> = [], verified: Timestamp
    ) {
        self.account = account
        self.scope = scope
        self.issues = issues.sorted()
        self.restrictions = restrictions
        self.verified = verified
    }
}

/// The stored listings. Every change that may let their account see more or less moves the access version.
public enum Listings {
    /// A listing without its issues.
    public struct Record: Hashable, Sendable {
        public var id: Int64
        public var account: AccountID
        public var scope: Listing.Scope
        public var issueCount: Int
        /// `nil` where the listing counts as none: the credential was refused.
        public var verified: Timestamp?
        /// What kept the last attempt from verifying it.
        public var problem: String?
        var restrictions: [String]
    }

    /// The most issues one listing may name.
    public static let issueLimit = 20_000_000

    /// Stores an account's listing in place of the one before.
    ///
    /// - Throws: `StoreError` with code `tooLarge` past ``issueLimit``.
    public static func put(_ listing: Listing, source: Int64, in context: WriteContext) throws {
        guard listing.issues.count <= issueLimit else {
            throw StoreError(.tooLarge, "A listing may name at most \(issueLimit) issues")
        }
        let connection = context.connection
        let restrictions = json(listing.restrictions.map(\.principal.value).sorted())
        let issues = AscendingNumbers(listing.issues.lazy.map(\.rawValue)).bytes
        let before = try connection.first(
            "SELECT scope, restrictions, issues FROM listing WHERE source_id = ? AND account = ?", source,
            listing.account.rawValue
        ) { $0.text(0) == listing.scope.rawValue && $0.text(1) == restrictions && $0.blob(2) == issues }
        if before == true { return try touch(listing.account, verified: listing.verified, source: source, in: context) }
        try connection.execute(
            """
            INSERT INTO listing (source_id, account, scope, verified, issue_count, restrictions, issues)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, account) DO UPDATE SET scope = excluded.scope, verified = excluded.verified,
                problem = NULL, issue_count = excluded.issue_count, restrictions = excluded.restrictions,
                issues = excluded.issues
            """, source, listing.account.rawValue, listing.scope.rawValue, listing.verified.rawValue,
            listing.issues.count, restrictions, issues)
        context.noteAccessChange()
    }

    /// Notes that a listing was read again and had not changed.
    public static func touch(
        _ account: AccountID, verified: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        guard let before = try record(account, source: source, in: context.connection) else {
            throw StoreError(.notFound, "There is no listing of account \(account)")
        }
        try context.connection.execute(
            "UPDATE listing SET verified = ?, problem = NULL WHERE id = ?", verified.rawValue, before.id)
        if try !isShown(before, source: source, context) { context.noteAccessChange() }
    }

    /// Notes that a listing could not be read again.
    ///
    /// - Parameter refused: The credential no longer works: the listing counts as none from now on. Otherwise it holds
    ///   until its lease ends.
    public static func fail(
        _ account: AccountID, problem: String, refused: Bool = false, source: Int64, in context: WriteContext
    ) throws {
        guard let before = try record(account, source: source, in: context.connection) else { return }
        try context.connection.execute(
            "UPDATE listing SET problem = ?, verified = ? WHERE id = ?", problem,
            refused ? nil : before.verified?.rawValue, before.id)
        if refused, before.verified != nil { context.noteAccessChange() }
    }

    /// Forgets an account's listing, with its credential.
    public static func remove(_ account: AccountID, source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            "DELETE FROM listing WHERE source_id = ? AND account = ?", source, account.rawValue)
        if context.connection.changedRows > 0 { context.noteAccessChange() }
    }

    /// Every listing of a source, by account, without its issues.
    public static func all(source: Int64, in connection: Connection) throws -> [Record] {
        try connection.rows(
            "SELECT \(columns) FROM listing WHERE source_id = ? ORDER BY account", source, as: record)
    }

    /// An account's listing without its issues.
    public static func record(_ account: AccountID, source: Int64, in connection: Connection) throws -> Record? {
        try connection.first(
            "SELECT \(columns) FROM listing WHERE source_id = ? AND account = ?", source, account.rawValue, as: record)
    }

    /// The issues of a listing, ascending.
    public static func issues(
        of account: AccountID, source: Int64, in connection: Connection
    ) throws -> [IssueID] {
        try connection.first(
            "SELECT issues FROM listing WHERE source_id = ? AND account = ?", source, account.rawValue
        ) { row in
            var issues: [IssueID] = []
            try AscendingNumbers(bytes: row.blob(0)).forEach { issues.append(IssueID($0)) }
            return issues
        } ?? []
    }

    private static func isShown(_ record: Record, source: Int64, _ context: WriteContext) throws -> Bool {
        guard let options = try SourceRecords.source(source, in: context.connection)?.accessOptions else {
            return false
        }
        return end(of: record, options, at: context.now, context.endedLeases) != nil
    }

    /// When a listing's lease ends; `nil` where it counts as none at `now`.
    static func end(
        of record: Record, _ options: AccessOptions, at now: Timestamp, _ ended: EndedLeases
    ) -> Timestamp? {
        guard let verified = record.verified, !ended.hasEnded(.listing(record.id), verified: verified) else {
            return nil
        }
        let end = Lease.end(verified, options)
        if Lease.holds(verified, until: end, at: now) { return end }
        ended.note(.listing(record.id), verified: verified)
        return nil
    }

    private static func json(_ texts: [String]) -> String {
        var writer = JSONWriter()
        writer.array { list in
            for text in texts { list.string(text) }
        }
        return writer.text
    }

    private static let columns = "id, account, scope, issue_count, verified, problem, restrictions"

    private static func record(_ row: Row) throws -> Record {
        guard let scope = Listing.Scope(rawValue: row.text(2)) else {
            throw StoreError(.damaged, "Listing \(row.int64(0)) has a scope this version does not know")
        }
        return Record(
            id: row.int64(0), account: AccountID(row.text(1)), scope: scope, issueCount: row.int(3),
            verified: row.optionalInt64(4).map { Timestamp(milliseconds: $0) }, problem: row.optionalText(5),
            restrictions: (try JSONValue(parsing: row.text(6)).array ?? []).compactMap(\.string))
    }
}
