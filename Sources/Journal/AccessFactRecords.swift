public import Database
public import IssueModel
public import Store

/// When each kind of access fact was last verified against the site, and what kept it from being so.
///
/// What a reader sees depends on projects' and listings' leases alone; these say what the next reading has to ask.
public enum AccessFactRecords {
    /// A kind of fact that is read by itself.
    public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        public static let schemes = Kind(rawValue: "schemes")
        public static let levels = Kind(rawValue: "levels")
        public static let licences = Kind(rawValue: "licences")
        public static let accounts = Kind(rawValue: "accounts")
        /// The list of groups.
        public static let groups = Kind(rawValue: "groups")
        /// The members of one group; `ref` is its identity.
        public static let group = Kind(rawValue: "group")
        /// Schemes and roles of one project; `ref` is its identity.
        public static let project = Kind(rawValue: "project")
        /// The audit log of the site; `data` is how far it was read.
        public static let auditLog = Kind(rawValue: "audit_log")
    }

    /// Kept as ``Record/data`` of a list that the site may not give in full.
    public static let incomplete = "incomplete"

    public struct Record: Hashable, Sendable {
        public var kind: Kind
        /// Which one of its kind; empty where there is only one.
        public var ref: String
        /// `nil` where it never was.
        public var verified: Timestamp?
        /// What kept the last attempt from verifying it.
        public var problem: String?
        /// What the reader of the fact keeps for itself: a cursor, a fingerprint.
        public var data: String?
    }

    /// Notes an attempt to verify a fact.
    ///
    /// - Parameters:
    ///   - verified: `nil` where it failed: the time of the last success stays.
    ///   - problem: Replaces what was noted; `nil` where all is well.
    ///   - data: `nil` leaves it as it is.
    public static func note(
        _ kind: Kind, ref: String = "", verified: Timestamp?, problem: String? = nil, data: String? = nil,
        source: Int64, in context: WriteContext
    ) throws {
        try context.connection.execute(
            """
            INSERT INTO access_fact (source_id, kind, ref, verified, problem, data) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, kind, ref) DO UPDATE SET verified = coalesce(excluded.verified, verified),
                problem = excluded.problem, data = coalesce(excluded.data, data)
            """, source, kind.rawValue, ref, verified?.rawValue, problem, data)
    }

    /// Forgets a fact that is no more.
    public static func remove(
        _ kind: Kind, ref: String = "", source: Int64, in context: WriteContext
    ) throws {
        try context.connection.execute(
            "DELETE FROM access_fact WHERE source_id = ? AND kind = ? AND ref = ?", source, kind.rawValue, ref)
    }

    public static func record(
        _ kind: Kind, ref: String = "", source: Int64, in connection: Connection
    ) throws -> Record? {
        try connection.first(
            "SELECT kind, ref, verified, problem, data FROM access_fact WHERE source_id = ? AND kind = ? AND ref = ?",
            source, kind.rawValue, ref, as: record)
    }

    /// Everything noted of a source, by kind and reference.
    public static func all(source: Int64, in connection: Connection) throws -> [Record] {
        try connection.rows(
            """
            SELECT kind, ref, verified, problem, data FROM access_fact WHERE source_id = ? ORDER BY kind, ref
            """, source, as: record)
    }

    private static func record(_ row: Row) -> Record {
        Record(
            kind: Kind(rawValue: row.text(0)), ref: row.text(1),
            verified: row.optionalInt64(2).map { Timestamp(milliseconds: $0) }, problem: row.optionalText(3),
            data: row.optionalText(4))
    }
}
