public import Database
public import IssueModel
public import Store
public import Workspace

/// Members' API tokens: shown once, kept as digests, with scopes and an end.
public enum ApiTokens {
    /// What every token begins with, so that people and scanners for leaked secrets know it.
    public static let prefix = "dbt_"
    /// Days that a token may last at most.
    public static let dayLimit = 366
    /// Days that a token lasts where nothing is said.
    public static let defaultDays = 90
    /// Tokens one member may have.
    public static let limitPerMember = 100

    /// A token that was just made.
    public struct Created: Hashable, Sendable {
        public var record: Record
        /// Shown this once.
        public var token: String
    }

    /// A token as it is kept.
    public struct Record: Hashable, Sendable {
        public var id: TokenID
        public var member: MemberID
        /// What its owner calls it.
        public var name: String
        public var scopes: Set<Scope>
        public var created: Timestamp
        public var expires: Timestamp
        /// When it was last used, to the minute; `nil` for never.
        public var lastUsed: Timestamp?
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - scopes: Each includes the ones before it; see ``Scope``.
    ///   - days: From 1 to ``dayLimit``.
    /// - Throws: ``SignInError`` with `invalid` for a name, scopes or days that may not be, or scopes beyond the role's;
    ///   `conflict` where the member has ``limitPerMember`` tokens.
    public static func create(
        for member: Member, name: String, scopes: Set<Scope>, days: Int = defaultDays, in context: WriteContext
    ) throws -> Created {
        let scopes = Scope.closure(of: scopes)
        let allowed = Scope.all(for: member.role)
        guard !scopes.isEmpty, scopes.isSubset(of: allowed) else {
            let words = allowed.sorted().map(\.rawValue).joined(separator: ", ")
            throw SignInError(.invalid, "A token of this member may have the scopes \(words); name at least one.")
        }
        guard (1...dayLimit).contains(days) else {
            throw SignInError(.invalid, "A token lasts from 1 to \(dayLimit) days.")
        }
        guard !name.isEmpty, name.utf8.count <= 200 else {
            throw SignInError(.invalid, "Give the token a name of at most 200 bytes that tells what uses it.")
        }
        let connection = context.connection
        let held =
            try connection.first("SELECT count(*) FROM api_token WHERE member_id = ?", member.id.rawValue) {
                $0.int(0)
            } ?? 0
        guard held < limitPerMember else {
            throw SignInError(.conflict, "A member may have \(limitPerMember) tokens. Revoke one that is not used.")
        }
        let now = try SteadyTime.note(in: context)
        let (token, hash) = try SecretText.make(prefix: prefix)
        let length = Int64(days) * 86_400_000
        let record = Record(
            id: TokenID(0), member: member.id, name: name, scopes: scopes, created: now.wall,
            expires: Timestamp(milliseconds: now.wall.rawValue + length))
        try connection.execute(
            """
            INSERT INTO api_token (member_id, name, scopes, secret_hash, created, expires, deadline)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, member.id.rawValue, name, text(of: scopes), hash, record.created.rawValue, record.expires.rawValue,
            now.steady + length)
        var created = record
        created.id = TokenID(connection.lastInsertedID)
        return Created(record: created, token: token)
    }

    /// The tokens of a member, or all; the newest first. Expired ones stay listed until they are revoked or swept.
    public static func list(of member: MemberID? = nil, in connection: Connection) throws -> [Record] {
        try connection.rows(
            """
            SELECT \(columns) FROM api_token WHERE ?1 IS NULL OR member_id = ?1 ORDER BY id DESC
            """, member?.rawValue, as: record)
    }

    /// The token with our number; `nil` where there is none.
    public static func token(_ id: TokenID, in connection: Connection) throws -> Record? {
        try connection.first("SELECT \(columns) FROM api_token WHERE id = ?", id.rawValue, as: record)
    }

    /// Ends a token.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public static func revoke(_ id: TokenID, in context: WriteContext) throws -> Bool {
        try context.connection.execute("DELETE FROM api_token WHERE id = ?", id.rawValue)
        return context.connection.changedRows > 0
    }

    /// Ends every token of the member.
    @discardableResult
    public static func revokeAll(of member: MemberID, in context: WriteContext) throws -> Int {
        try context.connection.execute("DELETE FROM api_token WHERE member_id = ?", member.rawValue)
        return context.connection.changedRows
    }

    /// The token that was presented, as long as it is good.
    static func find(
        _ text: String, now: Timestamp, in connection: Connection
    ) throws -> (record: Record, isNoteDue: Bool)? {
        guard let hash = SecretText.hash(of: text, prefix: prefix) else { return nil }
        let moment = try SteadyTime.moment(at: now, in: connection)
        return try connection.first(
            "SELECT \(columns), used FROM api_token WHERE secret_hash = ? AND deadline > ?", hash, moment.steady
        ) { row in
            let record = try record(row)
            let isStale = record.lastUsed.map { abs(now.rawValue - $0.rawValue) >= Sessions.noteInterval } ?? true
            return (record, isStale || moment.isNoteDue)
        }
    }

    static func noteUse(_ id: TokenID, in context: WriteContext) throws {
        let now = try SteadyTime.note(in: context)
        try context.connection.execute("UPDATE api_token SET used = ? WHERE id = ?", now.wall.rawValue, id.rawValue)
    }

    private static let columns = "id, member_id, name, scopes, created, expires, used"

    private static func text(of scopes: Set<Scope>) -> String {
        scopes.sorted().map(\.rawValue).joined(separator: ",")
    }

    private static func record(_ row: Row) throws -> Record {
        let scopes = row.text(3).split(separator: ",").map { Scope(rawValue: String($0)) }
        guard !scopes.contains(nil) else {
            throw SignInError(.damaged, "Token \(row.int64(0)) has a scope this version does not know.")
        }
        return Record(
            id: TokenID(row.int64(0)), member: MemberID(row.int64(1)), name: row.text(2),
            scopes: Set(scopes.compactMap { $0 }), created: Timestamp(milliseconds: row.int64(4)),
            expires: Timestamp(milliseconds: row.int64(5)),
            lastUsed: row.optionalInt64(6).map { Timestamp(milliseconds: $0) })
    }
}
