public import Cryptography
internal import Database
public import Store

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

private func systemWrite(_ descriptor: Int32, _ bytes: [UInt8]) -> Int { write(descriptor, bytes, bytes.count) }

/// Another key in the place of the one that seals: every secret is sealed anew in one transaction.
///
/// Nothing else may use the data folder meanwhile: it needs the folder's lock for writing.
public struct KeyRotation: Sendable {
    private let store: Store
    private let folder: String
    private let columns: [SealedColumn]

    /// - Parameters:
    ///   - folder: The data folder.
    ///   - columns: Every sealed column of the installation.
    public init(store: Store, folder: String, columns: [SealedColumn]) {
        self.store = store
        self.folder = folder
        self.columns = columns
    }

    /// What was done.
    public struct Report: Hashable, Sendable {
        /// Secrets sealed anew, by table.
        public var counts: [String: Int] = [:]
        /// See ``Secrets/mark(of:)``.
        public var mark: String
        public var total: Int { counts.values.reduce(0, +) }
    }

    /// Makes a new key in the data folder's file and seals everything with it.
    ///
    /// The new key is on the disk beside the old one before anything is sealed with it. Killed at any moment, the next start
    /// finds by the stored mark which of the two is the key: ``settle(folder:store:)``.
    ///
    /// - Parameter also: Writes in the same transaction, such as a line of the audit trail.
    /// - Throws: ``SecretsError``; everything is then as it was.
    public func renewFile(
        also: @escaping @Sendable (Report, WriteContext) throws -> Void = { _, _ in }
    ) async throws -> Report {
        let (old, new) = (try store.secretKey(), try SecretKey())
        try Self.write(new, to: folder + "/" + Self.nextName)
        let report: Report
        do {
            report = try await reseal(from: old, to: new, also)
        } catch {
            // Whether it was undone, the stored mark tells, and not the error: a key that seals anything must not go.
            _ = try? await Self.settle(folder: folder, store: store)
            throw error
        }
        try Self.takePlace(folder)
        return report
    }

    /// Seals everything with a key that is kept elsewhere, to be given to the program from then on.
    public func move(
        to new: SecretKey, also: @escaping @Sendable (Report, WriteContext) throws -> Void = { _, _ in }
    ) async throws -> Report {
        try await reseal(from: try store.secretKey(), to: new, also)
    }

    /// Finishes or forgets a renewal of the key file that was broken off. Call it after opening for writing, before any secret is
    /// opened.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    public static func settle(folder: String, store: Store) async throws -> Bool {
        let next = folder + "/" + nextName
        guard access(next, F_OK) == 0 else { return false }
        let stored = try await store.read { try Secrets.storedMark(in: $0) }
        // Half written, it was never used: nothing is sealed before it is on the disk.
        guard let key = try? KeySource.read(next), stored == Secrets.mark(of: key) else {
            unlink(next)
            return true
        }
        try takePlace(folder)
        return true
    }

    private static let nextName = "secret.key.next"

    private func reseal(
        from old: SecretKey, to new: SecretKey, _ also: @escaping @Sendable (Report, WriteContext) throws -> Void
    ) async throws -> Report {
        let columns = columns
        return try await store.write { context in
            var report = Report(mark: Secrets.mark(of: new))
            for column in columns {
                let count = try Self.reseal(column, from: old, to: new, in: context.connection)
                report.counts[column.table, default: 0] += count
            }
            try Secrets.note(report.mark, at: context.now, in: context.connection)
            try also(report, context)
            return report
        }
    }

    private static func reseal(
        _ column: SealedColumn, from old: SecretKey, to new: SecretKey, in connection: Connection
    ) throws -> Int {
        let identity = column.identity.map { "CAST(\($0) AS TEXT)" }.joined(separator: ", ")
        let rows = try connection.rows(
            "SELECT \(identity), \(column.column) FROM \(column.table) WHERE length(\(column.column)) > 0"
        ) { row in
            (identity: column.identity.indices.map { row.text($0) }, sealed: row.blob(column.identity.count))
        }
        let change =
            "UPDATE \(column.table) SET \(column.column) = ? WHERE "
            + column.identity.map { "\($0) = ?" }.joined(separator: " AND ")
        for row in rows {
            let context = column.context(row.identity)
            guard let secret = try? old.open(row.sealed, context: context) else {
                throw SecretsError(
                    .secretDamaged,
                    "A secret of \(column.table) does not open with the present key, so nothing was changed. Restore the key file that belongs to this folder, or remove what the secret belongs to."
                )
            }
            let sealed = try new.seal(secret, context: context)
            // Compared with a column of numbers, SQLite takes the text for one.
            switch row.identity.count {
            case 1: try connection.execute(change, sealed, row.identity[0])
            case 2: try connection.execute(change, sealed, row.identity[0], row.identity[1])
            case 3: try connection.execute(change, sealed, row.identity[0], row.identity[1], row.identity[2])
            default: throw SecretsError(.secretDamaged, "The table \(column.table) has no identity that is known here.")
            }
        }
        return rows.count
    }

    // MARK: Files

    private static func write(_ key: SecretKey, to path: String) throws(SecretsError) {
        func failure(_ what: String) -> SecretsError {
            SecretsError(
                .keyNotWritten,
                "The new key cannot be \(what): \(String(cString: strerror(errno))). Nothing was changed.")
        }
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("created") }
        let isWritten = key.withBytes { systemWrite(descriptor, $0) } == SecretKey.byteCount && fsync(descriptor) == 0
        let error = isWritten ? nil : failure("written")
        close(descriptor)
        if let error {
            unlink(path)
            throw error
        }
        synchronise(path)
    }

    private static func takePlace(_ folder: String) throws(SecretsError) {
        guard rename(folder + "/" + nextName, folder + "/secret.key") == 0 else {
            throw SecretsError(
                .keyNotWritten,
                "Everything is sealed with the new key, which could not take the old one's place: \(String(cString: strerror(errno))). It is \(nextName) in the data folder; the next start tries again."
            )
        }
        synchronise(folder + "/secret.key")
    }

    /// Makes a name in a folder survive a loss of power.
    private static func synchronise(_ path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
