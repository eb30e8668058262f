public import Database
public import IssueModel
public import Store

/// How far each phase of a source is safely stored. Written in the transaction that stores what it speaks of.
public enum Checkpoints {
    /// The phase's data as JSON; `nil` before its first checkpoint.
    public static func data(_ phase: String, source: Int64, in connection: Connection) throws -> String? {
        try connection.first("SELECT data FROM checkpoint WHERE source_id = ? AND phase = ?", source, phase) {
            $0.text(0)
        }
    }

    /// When the phase's checkpoint was written.
    public static func updated(_ phase: String, source: Int64, in connection: Connection) throws -> Timestamp? {
        try connection.first("SELECT updated FROM checkpoint WHERE source_id = ? AND phase = ?", source, phase) {
            Timestamp(milliseconds: $0.int64(0))
        }
    }

    public static func advance(
        _ phase: String, to data: String, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        try context.connection.execute(
            """
            INSERT INTO checkpoint (source_id, phase, data, updated) VALUES (?, ?, ?, ?)
            ON CONFLICT (source_id, phase) DO UPDATE SET data = excluded.data, updated = excluded.updated
            """, source, phase, data, now.rawValue)
    }

    /// Forgets a phase, so that it begins anew; all phases when `nil`.
    public static func reset(_ phase: String?, source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            "DELETE FROM checkpoint WHERE source_id = ?1 AND (?2 IS NULL OR phase = ?2)", source, phase)
    }
}
