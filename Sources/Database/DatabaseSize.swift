/// How large the database is, and which part of it takes how much.
public struct DatabaseSize: Hashable, Sendable {
    /// Bytes of the file, free pages included, without the write-ahead log.
    public var total: Int64
    /// Bytes of free pages.
    public var free: Int64
    /// Bytes by table, its indexes counted apart as `name (index)`; empty where this SQLite can't tell.
    public var parts: [Part]

    public struct Part: Hashable, Sendable {
        public var name: String
        public var bytes: Int64
    }

    /// Goes through every page of the file.
    public init(in connection: Connection) throws {
        func pragma(_ name: String) throws -> Int64 { try connection.first("PRAGMA \(name)") { $0.int64(0) } ?? 0 }
        let pageSize = try pragma("page_size")
        total = try pragma("page_count") * pageSize
        free = try pragma("freelist_count") * pageSize
        let canTell = try connection.first("SELECT sqlite_compileoption_used('ENABLE_DBSTAT_VTAB')") { $0.bool(0) }
        guard canTell == true else {
            parts = []
            return
        }
        parts = try connection.rows(
            """
            SELECT s.name, m.type, m.tbl_name, s.pgsize FROM (
                SELECT name, sum(pgsize) AS pgsize FROM dbstat WHERE aggregate = 1 GROUP BY name) s
            LEFT JOIN sqlite_schema m ON m.name = s.name ORDER BY s.pgsize DESC, s.name
            """
        ) { row in
            let isIndex = row.optionalText(1) == "index"
            return Part(name: isIndex ? "\(row.text(0)) (index)" : row.text(0), bytes: row.int64(3))
        }
    }
}
