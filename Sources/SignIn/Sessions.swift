public import Database
public import IssueModel
public import Store
public import Workspace

/// Members' sessions in browsers: opaque secrets, kept as digests, with an idle and an absolute limit.
///
/// A session belongs to the role its member had when it began: with another role it is over, as it is for a suspended
/// member.
public enum Sessions {
    /// How long sessions last.
    public struct Limits: Hashable, Sendable {
        /// Without any request. Defaults to 7 days.
        public var idle: Duration = .seconds(7 * 86_400)
        /// In all. Defaults to 30 days.
        public var absolute: Duration = .seconds(30 * 86_400)

        public init() {}
    }

    /// A session that just began, or got a new secret.
    public struct Started: Hashable, Sendable {
        public var id: SessionID
        /// For the cookie; shown this once.
        public var secret: String
    }

    /// A session as it is kept.
    public struct Record: Hashable, Sendable {
        public var id: SessionID
        public var member: MemberID
        /// How the member signed in: `password`, `single sign-on`, `setup`, `invitation`, `reset`.
        public var method: String
        public var started: Timestamp
        /// When it was last used, to the minute.
        public var seen: Timestamp
        public var remote: String
        /// What the browser said it is.
        public var agent: String
    }

    /// Sessions one member may have; a further one ends the one that was unused the longest.
    public static let limitPerMember = 50
    /// Seconds between two notes of a session's use.
    static let noteInterval: Int64 = 60_000

    /// Begins a session.
    ///
    /// - Parameter agent: What the browser says it is; at most 200 bytes are kept.
    public static func start(
        _ member: Member, method: String, remote: String, agent: String, in context: WriteContext
    ) throws -> Started {
        let now = try SteadyTime.note(in: context)
        let (secret, hash) = try SecretText.make()
        let connection = context.connection
        try connection.execute(
            """
            INSERT INTO session (member_id, secret_hash, role, method, started, seen, born, touched, remote, agent)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?6, ?7, ?8)
            """, member.id.rawValue, hash, member.role.rawValue, method, now.wall.rawValue, now.steady, remote,
            String(decoding: agent.utf8.prefix(200), as: UTF8.self))
        let id = SessionID(connection.lastInsertedID)
        try connection.execute(
            """
            DELETE FROM session WHERE member_id = ?1 AND id IN (
                SELECT id FROM session WHERE member_id = ?1 ORDER BY touched DESC, id DESC LIMIT -1 OFFSET ?2)
            """, member.id.rawValue, limitPerMember)
        return Started(id: id, secret: secret)
    }

    /// Gives a session a new secret; the old one is worth nothing from then on.
    public static func rotate(_ id: SessionID, in context: WriteContext) throws -> Started {
        let (secret, hash) = try SecretText.make()
        try context.connection.execute("UPDATE session SET secret_hash = ? WHERE id = ?", hash, id.rawValue)
        guard context.connection.changedRows == 1 else { throw SignInError.notSignedIn }
        return Started(id: id, secret: secret)
    }

    /// The sessions of a member that are not over, the last used first.
    public static func list(
        of member: MemberID, limits: Limits = Limits(), now: Timestamp, in connection: Connection
    ) throws -> [Record] {
        let moment = try SteadyTime.moment(at: now, in: connection)
        return try connection.rows(
            """
            SELECT s.id, s.member_id, s.method, s.started, s.seen, s.remote, s.agent FROM session s
            JOIN member m ON m.id = s.member_id AND m.role = s.role AND m.state = 'active'
            WHERE s.member_id = ? AND s.touched > ? AND s.born > ? ORDER BY s.touched DESC, s.id DESC
            """, member.rawValue, moment.steady - limits.idle.milliseconds,
            moment.steady - limits.absolute.milliseconds
        ) {
            Record(
                id: SessionID($0.int64(0)), member: MemberID($0.int64(1)), method: $0.text(2),
                started: Timestamp(milliseconds: $0.int64(3)), seen: Timestamp(milliseconds: $0.int64(4)),
                remote: $0.text(5), agent: $0.text(6))
        }
    }

    /// Ends a session of the member.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public static func revoke(_ id: SessionID, of member: MemberID, in context: WriteContext) throws -> Bool {
        try context.connection.execute(
            "DELETE FROM session WHERE id = ? AND member_id = ?", id.rawValue, member.rawValue)
        return context.connection.changedRows > 0
    }

    /// Ends every session of the member.
    ///
    /// - Parameter kept: One that goes on.
    /// - Returns: How many ended.
    @discardableResult
    public static func revokeAll(
        of member: MemberID, except kept: SessionID? = nil, in context: WriteContext
    ) throws -> Int {
        try context.connection.execute(
            "DELETE FROM session WHERE member_id = ? AND id IS NOT ?", member.rawValue, kept?.rawValue)
        return context.connection.changedRows
    }

    /// What a presented secret is.
    enum Finding: Sendable {
        case good(SessionID, MemberID, isNoteDue: Bool)
        case over(SessionID)
        case unknown
    }

    static func find(_ secret: String, limits: Limits, now: Timestamp, in connection: Connection) throws -> Finding {
        guard let hash = SecretText.hash(of: secret) else { return .unknown }
        let moment = try SteadyTime.moment(at: now, in: connection)
        let found = try connection.first(
            """
            SELECT s.id, s.member_id, s.born, s.touched, m.role = s.role FROM session s
            JOIN member m ON m.id = s.member_id WHERE s.secret_hash = ?
            """, hash
        ) { row -> Finding in
            let id = SessionID(row.int64(0))
            let idle = moment.steady - row.int64(3)
            guard row.bool(4), idle < limits.idle.milliseconds,
                moment.steady - row.int64(2) < limits.absolute.milliseconds
            else { return .over(id) }
            return .good(id, MemberID(row.int64(1)), isNoteDue: idle >= noteInterval || moment.isNoteDue)
        }
        return found ?? .unknown
    }

    /// Notes that a session is used now.
    static func noteUse(_ id: SessionID, in context: WriteContext) throws {
        let now = try SteadyTime.note(in: context)
        try context.connection.execute(
            "UPDATE session SET seen = ?, touched = ? WHERE id = ?", now.wall.rawValue, now.steady, id.rawValue)
    }

    static func end(_ id: SessionID, in context: WriteContext) throws {
        try SteadyTime.note(in: context)
        try context.connection.execute("DELETE FROM session WHERE id = ?", id.rawValue)
    }
}
