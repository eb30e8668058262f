public import Database
public import IssueModel
public import Store

/// What other processes ask of the one that writes: "synchronise this now". Kept in a table, so nothing is lost.
public enum Requests {
    public struct Request: Hashable, Sendable {
        public var id: Int64
        public var source: Int64
        /// What is asked for, such as `sync`.
        public var kind: String
        /// Its details as JSON.
        public var argument: String
        public var requested: Timestamp
        public var started: Timestamp?
    }

    /// What came of a request.
    public struct Answer: Hashable, Sendable {
        /// When it was taken up; `nil` while it waits.
        public var started: Timestamp?
        /// `nil` until it has ended.
        public var ended: Timestamp?
        /// `done`, `failed`, or another word that the kind defines.
        public var outcome: String?
        /// What is to be told, as JSON.
        public var answer: String?
    }

    /// Ended requests are kept for so long.
    public static let kept: Duration = .seconds(86_400)
    /// Requests that may wait at once for a source.
    public static let limit = 100

    /// Adds a request.
    ///
    /// - Throws: `StoreError` with code `folderInUse` where too many wait already.
    public static func post(
        kind: String, argument: String = "{}", source: Int64, at now: Timestamp, in context: WriteContext
    ) throws -> Int64 {
        let connection = context.connection
        try connection.execute(
            "DELETE FROM request WHERE ended < ?", now.rawValue - kept.components.seconds * 1_000)
        let waiting =
            try connection.first("SELECT count(*) FROM request WHERE source_id = ? AND ended IS NULL", source) {
                $0.int(0)
            } ?? 0
        guard waiting < limit else {
            throw StoreError(.folderInUse, "\(waiting) requests wait for this source already. Wait until they are done")
        }
        try connection.execute(
            "INSERT INTO request (source_id, kind, argument, requested) VALUES (?, ?, ?, ?)", source, kind, argument,
            now.rawValue)
        return connection.lastInsertedID
    }

    /// Requests that have not ended, oldest first.
    public static func open(source: Int64? = nil, in connection: Connection) throws -> [Request] {
        try connection.rows(
            """
            SELECT id, source_id, kind, argument, requested, started FROM request
            WHERE ended IS NULL AND (?1 IS NULL OR source_id = ?1) ORDER BY id LIMIT 1000
            """, source
        ) { row in
            Request(
                id: row.int64(0), source: row.int64(1), kind: row.text(2), argument: row.text(3),
                requested: Timestamp(milliseconds: row.int64(4)),
                started: row.optionalInt64(5).map { Timestamp(milliseconds: $0) })
        }
    }

    /// Notes that a request is being worked on.
    public static func begin(_ id: Int64, at now: Timestamp, in context: WriteContext) throws {
        try context.connection.execute("UPDATE request SET started = ? WHERE id = ?", now.rawValue, id)
    }

    /// Ends a request with what came of it.
    public static func finish(
        _ id: Int64, outcome: String, answer: String = "{}", at now: Timestamp, in context: WriteContext
    ) throws {
        try context.connection.execute(
            "UPDATE request SET ended = ?, outcome = ?, answer = ? WHERE id = ? AND ended IS NULL", now.rawValue,
            outcome, answer, id)
    }

    /// What came of a request; `nil` where there is none, or it ended long ago.
    public static func answer(_ id: Int64, in connection: Connection) throws -> Answer? {
        try connection.first("SELECT started, ended, outcome, answer FROM request WHERE id = ?", id) { row in
            Answer(
                started: row.optionalInt64(0).map { Timestamp(milliseconds: $0) },
                ended: row.optionalInt64(1).map { Timestamp(milliseconds: $0) }, outcome: row.optionalText(2),
                answer: row.optionalText(3))
        }
    }
}
