internal import Database

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The inbox' file: its tables, its limits, and what is done when it is damaged.
enum InboxFile {
    static let migrations = [
        Migration(
            "inbox", 1, "hints, marks, what was seen, counts",
            sql: """
                -- Issues to be read, one row each. A bit of causes for each kind of hint.
                CREATE TABLE hint (
                    source_id INTEGER NOT NULL, jira_id INTEGER NOT NULL, causes INTEGER NOT NULL,
                    outside INTEGER NOT NULL, since INTEGER NOT NULL, sequence INTEGER NOT NULL,
                    PRIMARY KEY (source_id, jira_id)) STRICT, WITHOUT ROWID;

                -- Readings that hints ask for beside those of issues.
                CREATE TABLE mark (
                    source_id INTEGER NOT NULL, kind TEXT NOT NULL, since INTEGER NOT NULL, sequence INTEGER NOT NULL,
                    PRIMARY KEY (source_id, kind)) STRICT, WITHOUT ROWID;

                -- Deliveries that came; the oldest have the lowest numbers.
                CREATE TABLE seen (
                    id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, at INTEGER NOT NULL) STRICT;

                CREATE TABLE tally (
                    source_id INTEGER NOT NULL PRIMARY KEY, stored INTEGER NOT NULL, duplicates INTEGER NOT NULL,
                    unknown INTEGER NOT NULL, dropped INTEGER NOT NULL) STRICT;
                """)
    ]

    static func open(
        _ path: String, _ options: WebhookInbox.Options
    ) async throws -> (database: Database, wasDamaged: Bool) {
        try makePrivate(path)
        do {
            return (try await attempt(path, options), false)
        } catch let error as DatabaseError where [.corrupt, .notADatabase, .schema].contains(error.code) {
            for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
            guard rename(path, path + ".damaged") == 0 else { throw error }
            try makePrivate(path)
            return (try await attempt(path, options), true)
        }
    }

    private static func attempt(_ path: String, _ options: WebhookInbox.Options) async throws -> Database {
        let pageSize = 4_096
        let pages = max(64, options.sizeLimit / pageSize)
        let database = try Database(
            path: path,
            options: Database.Options(
                execution: options.execution, writerCache: 8_192, readerCache: 2_048, checkpointPages: 1_000,
                pageSize: pageSize
            ) { try $0.executeScript("PRAGMA max_page_count = \(pages)") })
        do {
            try await database.migrate(migrations)
        } catch {
            await database.close()
            throw error
        }
        return database
    }

    /// Ids of issues are nobody's but the owner's, whatever the process's mask.
    private static func makePrivate(_ path: String) throws(DatabaseError) {
        let descriptor = systemOpen(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DatabaseError(
                errno == EROFS || errno == EACCES ? .readOnly : errno == ENOSPC ? .full : .cannotOpen,
                "The inbox of webhooks cannot be opened: \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }
}

/// The system's function, where a method of the same name would hide it.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
