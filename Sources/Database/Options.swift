extension Database {
    /// How a database is opened.
    public struct Options: Sendable {
        /// Where the blocking work of SQLite runs.
        public var execution: Execution
        /// Opens for reading only; `write` then fails with code `readOnly`.
        public var isReadOnly: Bool
        /// How long to wait for a lock of another process, in milliseconds.
        public var busyTimeout: Int
        /// Page cache of the writing connection, in KiB.
        public var writerCache: Int
        /// Page cache of each reading connection, in KiB.
        public var readerCache: Int
        /// Pages the write-ahead log may reach before it is copied into the database.
        public var checkpointPages: Int
        /// Bytes of a page. Counts only for a new file.
        public var pageSize: Int
        /// Runs on every new connection, before its first use: registers functions and tokenizers.
        public var onOpen: @Sendable (Connection) throws -> Void

        public enum Execution: Hashable, Sendable {
            /// One thread that writes and `readers` threads that read, all the database's own.
            case threads(readers: Int)
            /// The calling task itself, one piece of work at a time: for simulations that must repeat exactly.
            case inline
        }

        public init(
            execution: Execution = .threads(readers: 4), isReadOnly: Bool = false, busyTimeout: Int = 5_000,
            writerCache: Int = 65_536, readerCache: Int = 16_384, checkpointPages: Int = 4_000, pageSize: Int = 8_192,
            onOpen: @escaping @Sendable (Connection) throws -> Void = { _ in }
        ) {
            self.execution = execution
            self.isReadOnly = isReadOnly
            self.busyTimeout = busyTimeout
            self.writerCache = writerCache
            self.readerCache = readerCache
            self.checkpointPages = checkpointPages
            self.pageSize = pageSize
            self.onOpen = onOpen
        }
    }
}
