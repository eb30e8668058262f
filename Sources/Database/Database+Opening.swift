internal import CSQLite

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Makes connections with the settings every connection has.
struct Opener: Sendable {
    let path: String
    let options: Database.Options

    /// The one connection that writes; creates the file where it is missing.
    func writer() throws(DatabaseError) -> Connection {
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        try connection.executeScript("PRAGMA page_size = \(options.pageSize)")
        try settings(connection, cache: options.writerCache)
        try writeAheadLog(connection)
        try connection.executeScript(
            """
            PRAGMA synchronous = NORMAL;
            PRAGMA wal_autocheckpoint = \(options.checkpointPages);
            PRAGMA journal_size_limit = 67108864;
            PRAGMA secure_delete = FAST;
            """)
        try prepare(connection)
        return connection
    }

    func reader() throws(DatabaseError) -> Connection {
        do {
            return try reader(path: path, flags: SQLITE_OPEN_READONLY)
        } catch {
            // A folder that can't be written to has no place for the log's index. Without a log the file alone
            // is the database, and nobody can change it.
            guard options.isReadOnly, [.cannotOpen, .readOnly, .io].contains(error.code), !hasLog else { throw error }
            return try reader(path: immutableURI, flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
        }
    }

    private func reader(path: String, flags: Int32) throws(DatabaseError) -> Connection {
        let connection = try Connection(path: path, flags: flags)
        try settings(connection, cache: options.readerCache)
        // Opening is lazy: touch the file, so that what is wrong with it is said here.
        try connection.executeScript("SELECT count(*) FROM sqlite_schema")
        try prepare(connection)
        return connection
    }

    private func settings(_ connection: Connection, cache: Int) throws(DatabaseError) {
        sqlite3_busy_timeout(connection.handle, Int32(clamping: options.busyTimeout))
        try connection.executeScript(
            """
            PRAGMA foreign_keys = ON;
            PRAGMA cache_size = -\(cache);
            PRAGMA temp_store = MEMORY;
            PRAGMA trusted_schema = OFF;
            """)
    }

    private func writeAheadLog(_ connection: Connection) throws(DatabaseError) {
        let statement = try connection.statement("PRAGMA journal_mode = WAL")
        defer { statement.reset() }
        guard try statement.step(), statement.row.text(0) == "wal" else {
            throw DatabaseError(.readOnly, "The database can't keep a write-ahead log in its folder")
        }
    }

    private func prepare(_ connection: Connection) throws(DatabaseError) {
        do {
            try options.onOpen(connection)
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw DatabaseError(.cannotOpen, "Preparing the connection failed: \(error)")
        }
    }

    private var hasLog: Bool {
        var status = stat()
        return stat(path + "-wal", &status) == 0 && status.st_size > 0
    }

    /// The path as a URI, special characters escaped, that promises SQLite the file does not change.
    private var immutableURI: String {
        var uri = "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"): uri += "%25"
            case UInt8(ascii: "?"): uri += "%3f"
            case UInt8(ascii: "#"): uri += "%23"
            default: uri.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return uri + "?immutable=1"
    }
}
