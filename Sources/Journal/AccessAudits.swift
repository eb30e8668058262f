public import Database
public import IssueModel
public import Store

/// The checks of what is shown against Jira itself: their runs, and where the two differ.
public enum AccessAudits {
    /// What a run did.
    public struct Totals: Hashable, Sendable {
        /// Account and issue, asked together.
        public var pairs = 0
        public var accounts = 0
        public var issues = 0
        public var requests = 0
        /// Pairs that we would show and Jira would not.
        public var tooMuch = 0
        /// Pairs that Jira would show and we would not.
        public var tooLittle = 0

        public init() {}
    }

    public struct Run: Hashable, Sendable {
        public var id: Int64
        public var started: Timestamp
        /// `nil` while it runs, and for one that was killed.
        public var ended: Timestamp?
        public var totals: Totals
        /// What stopped it.
        public var problem: String?
    }

    public enum Kind: String, Hashable, Sendable {
        case tooMuch = "too_much"
        case tooLittle = "too_little"
    }

    /// A pair of account and issue that Jira answers otherwise than we do.
    public struct Finding: Hashable, Sendable {
        public var account: AccountID
        public var issue: IssueID
        public var kind: Kind
        /// What decided on our side, for an administrator.
        public var explanation: String
        /// When it was first seen.
        public var found: Timestamp
        public var lastSeen: Timestamp
        /// When both agreed again; `nil` while they differ.
        public var resolved: Timestamp?

        /// One that is seen now.
        public init(account: AccountID, issue: IssueID, kind: Kind, explanation: String, at now: Timestamp) {
            (self.account, self.issue, self.kind, self.explanation) = (account, issue, kind, explanation)
            (found, lastSeen) = (now, now)
        }
    }

    /// Runs kept for each source, and findings that are resolved.
    public static let kept = 1_000

    /// Notes the start of a run.
    public static func begin(at now: Timestamp, source: Int64, in context: WriteContext) throws -> Int64 {
        try context.connection.execute(
            "INSERT INTO access_audit (source_id, started) VALUES (?, ?)", source, now.rawValue)
        let id = context.connection.lastInsertedID
        try context.connection.execute(
            """
            DELETE FROM access_audit WHERE source_id = ?1 AND id <= (
                SELECT id FROM access_audit WHERE source_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, source, kept)
        return id
    }

    /// Stores how far a run is, or how it ended.
    public static func update(
        _ run: Int64, _ totals: Totals, problem: String? = nil, ended: Timestamp? = nil, in context: WriteContext
    ) throws {
        try context.connection.execute(
            """
            UPDATE access_audit SET pairs = ?, accounts = ?, issues = ?, requests = ?, too_much = ?, too_little = ?,
                problem = ?, ended = ? WHERE id = ?
            """, totals.pairs, totals.accounts, totals.issues, totals.requests, totals.tooMuch, totals.tooLittle,
            problem, ended?.rawValue, run)
    }

    /// The latest runs, newest first.
    public static func latest(source: Int64, limit: Int = 20, in connection: Connection) throws -> [Run] {
        try connection.rows(
            """
            SELECT id, started, ended, pairs, accounts, issues, requests, too_much, too_little, problem
            FROM access_audit WHERE source_id = ? ORDER BY id DESC LIMIT ?
            """, source, limit
        ) { row in
            var totals = Totals()
            (totals.pairs, totals.accounts, totals.issues) = (row.int(3), row.int(4), row.int(5))
            (totals.requests, totals.tooMuch, totals.tooLittle) = (row.int(6), row.int(7), row.int(8))
            return Run(
                id: row.int64(0), started: Timestamp(milliseconds: row.int64(1)),
                ended: row.optionalInt64(2).map { Timestamp(milliseconds: $0) }, totals: totals,
                problem: row.optionalText(9))
        }
    }

    /// Notes a finding. One that was seen before keeps when that first was, and is open again.
    public static func note(_ finding: Finding, source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            """
            INSERT INTO access_finding (source_id, account, issue, kind, explanation, found, last_seen)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, account, issue, kind) DO UPDATE SET explanation = excluded.explanation,
                last_seen = excluded.last_seen, resolved = NULL
            """, source, finding.account.rawValue, finding.issue.rawValue, finding.kind.rawValue, finding.explanation,
            finding.found.rawValue, finding.lastSeen.rawValue)
    }

    /// Notes that we and Jira agree on a pair, whatever they differed in before.
    ///
    /// - Returns: Whether they had differed.
    @discardableResult
    public static func resolve(
        _ account: AccountID, _ issue: IssueID, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws -> Bool {
        try context.connection.execute(
            """
            UPDATE access_finding SET resolved = ?
            WHERE source_id = ? AND account = ? AND issue = ? AND resolved IS NULL
            """, now.rawValue, source, account.rawValue, issue.rawValue)
        let differed = context.connection.changedRows > 0
        try context.connection.execute(
            """
            DELETE FROM access_finding WHERE source_id = ?1 AND resolved IS NOT NULL AND id <= (
                SELECT id FROM access_finding WHERE source_id = ?1 AND resolved IS NOT NULL
                ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, source, kept)
        return differed
    }

    /// Why a pair differed when it was last explained; `nil` where it never differed so.
    public static func explanation(
        _ account: AccountID, _ issue: IssueID, _ kind: Kind, source: Int64, in connection: Connection
    ) throws -> String? {
        try connection.first(
            "SELECT explanation FROM access_finding WHERE source_id = ? AND account = ? AND issue = ? AND kind = ?",
            source, account.rawValue, issue.rawValue, kind.rawValue
        ) { $0.text(0) }
    }

    /// What was found, latest first.
    ///
    /// - Parameter open: Only what still differs.
    public static func findings(
        open: Bool = true, source: Int64, limit: Int = 1_000, in connection: Connection
    ) throws -> [Finding] {
        try connection.rows(
            """
            SELECT account, issue, kind, explanation, found, last_seen, resolved FROM access_finding
            WHERE source_id = ?1 AND (resolved IS NULL OR NOT ?2) ORDER BY last_seen DESC, id DESC LIMIT ?3
            """, source, open, limit
        ) { row in
            guard let kind = Kind(rawValue: row.text(2)) else {
                throw StoreError(.damaged, "A finding is of a kind this version does not know")
            }
            var finding = Finding(
                account: AccountID(row.text(0)), issue: IssueID(row.int64(1)), kind: kind, explanation: row.text(3),
                at: Timestamp(milliseconds: row.int64(4)))
            finding.lastSeen = Timestamp(milliseconds: row.int64(5))
            finding.resolved = row.optionalInt64(6).map { Timestamp(milliseconds: $0) }
            return finding
        }
    }
}
