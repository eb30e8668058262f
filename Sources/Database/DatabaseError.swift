internal import CSQLite

/// What went wrong in the database, why, and what to do.
///
/// `description` holds SQLite's words and our own SQL, never a bound value, so it is safe to log.
public struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened, in SQLite's words or ours.
    public var message: String
    /// SQLite's extended result code; 0 where the error is ours.
    public var extendedCode: Int32
    /// The statement that failed, without its arguments.
    public var sql: String?

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// Another process held the lock for longer than the busy timeout.
        public static let busy = Code(rawValue: "database_busy")
        /// No space is left on the disk, or the size limit of the database is reached.
        public static let full = Code(rawValue: "disk_full")
        /// The file or its folder can't be written to.
        public static let readOnly = Code(rawValue: "read_only")
        /// The file is damaged.
        public static let corrupt = Code(rawValue: "database_corrupt")
        /// The file is something else than a database.
        public static let notADatabase = Code(rawValue: "not_a_database")
        /// A uniqueness, reference or value rule of the schema refused the row.
        public static let constraint = Code(rawValue: "constraint")
        /// The disk failed to read or write.
        public static let io = Code(rawValue: "io_error")
        /// The file can't be opened or created.
        public static let cannotOpen = Code(rawValue: "cannot_open")
        /// The statement was interrupted because nobody waits for it any more.
        public static let interrupted = Code(rawValue: "interrupted")
        /// The schema is newer than this program, or a migration differs from the one that was applied.
        public static let schema = Code(rawValue: "schema_mismatch")
        /// The database was closed.
        public static let closed = Code(rawValue: "database_closed")
        /// A statement that can't work: bad SQL, a missing table, a wrong number of arguments.
        public static let statement = Code(rawValue: "bad_statement")
    }

    public init(_ code: Code, _ message: String, extendedCode: Int32 = 0, sql: String? = nil) {
        self.code = code
        self.message = message
        self.extendedCode = extendedCode
        self.sql = sql
    }

    public var description: String {
        var text = "\(message) [\(code.rawValue)"
        if extendedCode != 0 { text += ", SQLite \(extendedCode)" }
        text += "]"
        if let advice { text += ". \(advice)" }
        if let sql { text += " (in: \(sql.prefix(200)))" }
        return text
    }

    /// What a person can do about it.
    public var advice: String? {
        switch code {
        case .busy: "Another program is writing to this database; wait for it to end or stop it"
        case .full: "Free some disk space and try again; nothing that was stored is lost"
        case .readOnly: "Allow this user to write to the data folder, or choose another one"
        case .corrupt: "Restore the data folder from a backup, or remove the source and synchronise it again"
        case .notADatabase: "Choose another data folder, or move the file out of the way"
        case .io: "Check the disk; the system's log says more"
        case .cannotOpen: "Check that the folder exists and that this user may use it"
        default: nil
        }
    }

    /// The error of the last call on `handle`.
    init(handle: OpaquePointer?, result: Int32, sql: String? = nil) {
        let extended = handle.map { sqlite3_extended_errcode($0) } ?? result
        let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(result)
        let words = text.map { String(cString: $0) } ?? "unknown error"
        self.init(
            Self.code(of: result), words, extendedCode: extended & 0xFF == result & 0xFF ? extended : result, sql: sql)
    }

    private static func code(of result: Int32) -> Code {
        switch result & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .busy
        case SQLITE_FULL: .full
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .readOnly
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_NOTADB, SQLITE_FORMAT: .notADatabase
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_NOLFS: .io
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_INTERRUPT, SQLITE_ABORT: .interrupted
        default: .statement
        }
    }
}
