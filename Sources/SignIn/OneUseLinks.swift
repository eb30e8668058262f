public import Database
public import IssueModel
internal import Store
public import Workspace

/// Links that let somebody in once: an invitation, a new password, the first owner of an installation.
///
/// Only the digest of a link's secret is kept. A new link of the same kind for the same member takes the place of the
/// old one.
public enum OneUseLinks {
    /// What a link is for.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case invitation, reset, setup

        /// How long it is good.
        public var life: Duration {
            switch self {
            case .invitation: .seconds(7 * 86_400)
            case .reset, .setup: .seconds(86_400)
            }
        }

        /// The path of the page that takes it, below the server's address; the secret stands behind `#`, where no server
        /// and no log sees it.
        public func path(_ secret: String) -> String {
            switch self {
            case .invitation: "/welcome#\(secret)"
            case .reset: "/new-password#\(secret)"
            case .setup: "/setup#\(secret)"
            }
        }
    }

    /// A link that was just made.
    public struct Created: Hashable, Sendable {
        public var kind: Kind
        /// Shown this once.
        public var secret: String
        public var expires: Timestamp

        /// The path to hand out; see ``Kind/path(_:)``.
        public var path: String { kind.path(secret) }
    }

    /// A link that is good.
    public struct Record: Hashable, Sendable {
        public var kind: Kind
        /// `nil` for the setup link.
        public var member: MemberID?
        public var expires: Timestamp
        let id: Int64
    }

    /// What every link's secret begins with.
    public static let prefix = "dbl_"

    static func create(_ kind: Kind, for member: MemberID?, in context: WriteContext) throws -> Created {
        let now = try SteadyTime.note(in: context)
        let (secret, hash) = try SecretText.make(prefix: prefix)
        let life = kind.life.milliseconds
        let expires = Timestamp(milliseconds: now.wall.rawValue + life)
        try context.connection.execute(
            "DELETE FROM one_use_link WHERE kind = ? AND member_id IS ?", kind.rawValue, member?.rawValue)
        try context.connection.execute(
            """
            INSERT INTO one_use_link (kind, secret_hash, member_id, created, expires, deadline)
            VALUES (?, ?, ?, ?, ?, ?)
            """, kind.rawValue, hash, member?.rawValue, now.wall.rawValue, expires.rawValue, now.steady + life)
        return Created(kind: kind, secret: secret, expires: expires)
    }

    /// The link with this secret, as long as it is good.
    ///
    /// - Throws: ``SignInError`` with `linkInvalid`, in the same words for one that was used, has expired or never was.
    public static func find(_ secret: String, now: Timestamp, in connection: Connection) throws -> Record {
        let moment = try SteadyTime.moment(at: now, in: connection)
        guard let hash = SecretText.hash(of: secret, prefix: prefix),
            let record = try connection.first(
                "SELECT id, kind, member_id, expires FROM one_use_link WHERE secret_hash = ? AND deadline > ?", hash,
                moment.steady, as: record)
        else { throw invalid }
        return record
    }

    /// Uses a link up.
    static func use(_ secret: String, in context: WriteContext) throws -> Record {
        let record = try find(secret, now: context.now, in: context.connection)
        try context.connection.execute("DELETE FROM one_use_link WHERE id = ?", record.id)
        return record
    }

    /// Withdraws every link of a member.
    static func withdrawAll(of member: MemberID, in context: WriteContext) throws {
        try context.connection.execute("DELETE FROM one_use_link WHERE member_id = ?", member.rawValue)
    }

    /// Until when a member's link is good; `nil` where there is none.
    public static func expiry(
        _ kind: Kind, of member: MemberID, now: Timestamp, in connection: Connection
    ) throws -> Timestamp? {
        let moment = try SteadyTime.moment(at: now, in: connection)
        return try connection.first(
            "SELECT expires FROM one_use_link WHERE kind = ? AND member_id = ? AND deadline > ?", kind.rawValue,
            member.rawValue, moment.steady
        ) { Timestamp(milliseconds: $0.int64(0)) }
    }

    static let invalid = SignInError(
        .linkInvalid, "This link was used already or has expired. Ask an administrator for a new one.")

    private static func record(_ row: Row) throws -> Record {
        guard let kind = Kind(rawValue: row.text(1)) else {
            throw SignInError(.damaged, "Link \(row.int64(0)) is of a kind this version does not know.")
        }
        return Record(
            kind: kind, member: row.optionalInt64(2).map { MemberID($0) },
            expires: Timestamp(milliseconds: row.int64(3)), id: row.int64(0))
    }
}
