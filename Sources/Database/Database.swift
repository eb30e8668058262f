internal import Synchronization

/// An SQLite database in WAL mode: one connection that writes, several that read, none of them waiting for the other.
///
/// SQLite blocks, so its work runs on the database's own threads and never on those of Swift's concurrency
/// (or, with `Execution.inline`, on the calling task). Work is handed in as a closure that is lent a connection.
public final class Database: Sendable {
    /// Where the database file is.
    public let path: String
    private let runner: Runner
    private let isReadOnly: Bool

    /// Where work runs.
    private enum Runner: Sendable {
        case threads(writer: WorkQueue, readers: WorkQueue)
        case inline(InlineConnections)
    }

    /// Opens the database at `path`, creating it where it is missing.
    ///
    /// - Throws: `DatabaseError`, with a code of its own for a read-only folder, a full disk, a damaged file and a
    ///   file that is no database.
    public init(path: String, options: Options = .init()) throws(DatabaseError) {
        self.path = path
        isReadOnly = options.isReadOnly
        let opener = Opener(path: path, options: options)
        // Opened here, on the caller's thread, so that errors are the caller's.
        let first = options.isReadOnly ? try opener.reader() : try opener.writer()
        switch options.execution {
        case .inline:
            runner = .inline(InlineConnections(opener: opener, first: first, isReadOnly: options.isReadOnly))
        case .threads(let count):
            let writer = WorkQueue()
            let readers = WorkQueue()
            runner = .threads(writer: writer, readers: readers)
            let handedOver = Handover(first)
            if options.isReadOnly {
                try readers.startThread { () throws(DatabaseError) in
                    if let first = handedOver.take() { return first }
                    return try opener.reader()
                }
            } else {
                try writer.startThread { () throws(DatabaseError) in
                    if let first = handedOver.take() { return first }
                    return try opener.writer()
                }
            }
            for _ in (options.isReadOnly ? 1 : 0)..<max(1, count) {
                try readers.startThread { () throws(DatabaseError) in try opener.reader() }
            }
        }
    }

    deinit {
        if case .threads(let writer, let readers) = runner {
            readers.close()
            writer.close()
        }
    }

    /// Runs `body` on one consistent snapshot of the database. It can't write.
    ///
    /// Cancelling the task interrupts the statement that runs.
    public func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await perform(writing: false) { try $0.transaction("BEGIN", body) }
    }

    /// Runs `body` as one transaction: all of its changes are kept, or none when it throws.
    ///
    /// Returns after the commit. Cancelling the task keeps waiting work from starting; work that runs is completed.
    ///
    /// - Parameter undone: Called where `body` ran, before any other work, when its changes were not kept: for what
    ///   the caller remembers of them.
    public func write<T: Sendable>(
        undone: @escaping @Sendable () -> Void = {}, _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        guard !isReadOnly else { throw DatabaseError(.readOnly, "The database was opened for reading only") }
        return try await perform(writing: true) { connection in
            do {
                return try connection.transaction("BEGIN IMMEDIATE", body)
            } catch {
                undone()
                throw error
            }
        }
    }

    /// Runs `body` on the writing connection without a transaction: for `VACUUM`, checkpoints and settings.
    public func maintain<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        guard !isReadOnly else { throw DatabaseError(.readOnly, "The database was opened for reading only") }
        return try await perform(writing: true, body)
    }

    /// Runs `body` on a reading connection without a transaction, for statements that refuse one.
    func inspect<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await perform(writing: false, body)
    }

    /// Copies the write-ahead log into the database file and empties it.
    public func checkpoint() async throws {
        try await maintain { try $0.forEach("PRAGMA wal_checkpoint(TRUNCATE)") { _ in } }
    }

    /// Rewrites the file without its free pages, so that nothing that was deleted remains in it.
    ///
    /// Needs as much free disk space as the database is large, and blocks writing while it runs.
    public func compact() async throws {
        try await maintain { try $0.execute("VACUUM") }
        try await checkpoint()
    }

    /// Ends after all work handed in before it; later work fails with code `closed`.
    public func close() async {
        switch runner {
        case .inline(let connections):
            connections.close()
        case .threads(let writer, let readers):
            await withCheckedContinuation { continuation in readers.close { continuation.resume() } }
            // The writer ends last: the last connection to close copies the log into the database.
            await withCheckedContinuation { continuation in writer.close { continuation.resume() } }
        }
    }

    private func perform<T: Sendable>(
        writing: Bool, _ body: @escaping @Sendable (Connection) throws -> T
    ) async throws -> T {
        try Task.checkCancellation()
        let queue: WorkQueue
        switch runner {
        case .inline(let connections): return try connections.perform(writing: writing, body)
        case .threads(let writer, let readers): queue = writing ? writer : readers
        }
        let ticket = Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.submit { connection in
                    continuation.resume(with: Result { try Self.run(body, on: connection.get(), ticket) })
                }
            }
        } onCancel: {
            ticket.cancel(interrupting: !writing)
        }
    }

    private static func run<T>(
        _ body: (Connection) throws -> T, on connection: Connection, _ ticket: Ticket
    ) throws -> T {
        guard ticket.begin(connection) else { throw CancellationError() }
        defer { ticket.end() }
        do {
            return try body(connection)
        } catch let error as DatabaseError where error.code == .interrupted && ticket.isCancelled {
            throw CancellationError()
        }
    }
}

/// Carries a connection to the thread that will own it.
///
/// `@unchecked Sendable` is sound: the connection is reached once, under the lock, and the giver keeps no reference.
private final class Handover: @unchecked Sendable {
    private var connection: Connection?
    private let lock = Mutex(())

    init(_ connection: Connection) { self.connection = connection }

    func take() -> Connection? {
        lock.withLock { _ in
            defer { connection = nil }
            return connection
        }
    }
}

/// The connections of inline execution: one that writes, one that reads, one piece of work at a time.
///
/// `@unchecked Sendable` is sound: both connections are used only under `lock`.
private final class InlineConnections: @unchecked Sendable {
    private let opener: Opener
    private let lock = Mutex(())
    private var writer: Connection?
    private var reader: Connection?
    private var isClosed = false

    init(opener: Opener, first: Connection, isReadOnly: Bool) {
        self.opener = opener
        if isReadOnly { reader = first } else { writer = first }
    }

    func perform<T>(writing: Bool, _ body: (Connection) throws -> T) throws -> T {
        try lock.withLock { _ in
            guard !isClosed else { throw DatabaseError(.closed, "The database is closed") }
            return try body(writing ? try currentWriter() : try currentReader())
        }
    }

    func close() {
        lock.withLock { _ in
            isClosed = true
            reader = nil
            writer = nil
        }
    }

    private func currentWriter() throws(DatabaseError) -> Connection {
        if let writer { return writer }
        let connection = try opener.writer()
        writer = connection
        return connection
    }

    private func currentReader() throws(DatabaseError) -> Connection {
        if let reader { return reader }
        let connection = try opener.reader()
        reader = connection
        return connection
    }
}
