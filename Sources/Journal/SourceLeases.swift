public import Database
public import IssueModel
public import Store

/// Who synchronises a source at present, so that nobody does it twice. A lease ends by itself when its holder dies.
public enum SourceLeases {
    /// What is going on at a source.
    public struct Holding: Hashable, Sendable {
        /// Names one keeper in one process.
        public var holder: String
        /// What is being done, such as `changes`.
        public var job: String
        public var taken: Timestamp
        public var until: Timestamp
        /// How far it is, as JSON.
        public var progress: String
    }

    /// Takes the lease unless somebody else has it; takes over one that ended, and one's own.
    public static func acquire(
        source: Int64, holder: String, job: String, now: Timestamp, for duration: Duration, in context: WriteContext
    ) throws -> Bool {
        try context.connection.execute(
            """
            INSERT INTO source_lease (source_id, holder, job, taken, until) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (source_id) DO UPDATE SET holder = excluded.holder, job = excluded.job, taken = excluded.taken,
                until = excluded.until, progress = '{}'
            WHERE source_lease.until <= ?4 OR source_lease.holder = ?2 OR source_lease.taken > ?4
            """, source, holder, job, now.rawValue, end(now, duration))
        return context.connection.changedRows == 1
    }

    /// Lengthens the lease and notes how far the job is.
    ///
    /// - Returns: `false` where the lease is another's by now; the job must end then.
    public static func renew(
        source: Int64, holder: String, now: Timestamp, for duration: Duration, progress: String? = nil,
        in context: WriteContext
    ) throws -> Bool {
        try context.connection.execute(
            """
            UPDATE source_lease SET until = ?3, progress = coalesce(?4, progress) WHERE source_id = ?1 AND holder = ?2
                AND until > 0
            """, source, holder, end(now, duration), progress)
        return context.connection.changedRows == 1
    }

    /// Gives the lease back.
    public static func release(source: Int64, holder: String, in context: WriteContext) throws {
        try context.connection.execute(
            "UPDATE source_lease SET until = 0 WHERE source_id = ? AND holder = ?", source, holder)
    }

    /// Who holds the source now; `nil` where nobody does.
    public static func holding(of source: Int64, now: Timestamp, in connection: Connection) throws -> Holding? {
        try latest(of: source, in: connection).flatMap { $0.until > now ? $0 : nil }
    }

    /// Who held the source last, also where the lease ended.
    public static func latest(of source: Int64, in connection: Connection) throws -> Holding? {
        try connection.first(
            "SELECT holder, job, taken, until, progress FROM source_lease WHERE source_id = ?", source
        ) { row in
            Holding(
                holder: row.text(0), job: row.text(1), taken: Timestamp(milliseconds: row.int64(2)),
                until: Timestamp(milliseconds: row.int64(3)), progress: row.text(4))
        }
    }

    private static func end(_ now: Timestamp, _ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return now.rawValue + seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
