import Database
public import IssueModel
import Journal
import SearchIndex
public import Store

/// Destroys what its grace period left of removed issues.
public enum GraveKeeper {
    /// Destroys the copies whose time has come, so that nothing of them can be read from the disk.
    ///
    /// Where there were any, or something was removed without a copy being kept, the words of all removed issues are merged out of the search index and the file is rewritten,
    /// which needs as much free space as the database is large. Readers read on.
    ///
    /// - Returns: How many copies were destroyed.
    @discardableResult
    public static func purge(in store: Store, source: Int64? = nil, at now: Timestamp) async throws -> Int {
        let isDue = try await store.read { connection in
            if try Remains(in: connection) != nil { return true }
            return try connection.first(
                "SELECT 1 FROM grave WHERE purge <= ?1 AND (?2 IS NULL OR source_id = ?2) LIMIT 1", now.rawValue, source
            ) { _ in true } ?? false
        }
        guard isDue else { return 0 }
        let count = try await store.write { context in
            let sources = try context.connection.rows(
                "SELECT DISTINCT source_id FROM grave WHERE purge <= ?1 AND (?2 IS NULL OR source_id = ?2)",
                now.rawValue, source
            ) { $0.int64(0) }
            // Noted in the same transaction: whoever is stopped before the file is rewritten, rewrites it the next time.
            for source in sources { try noteRemains(of: source, in: context) }
            return try Graves.purge(before: now, source: source, in: context)
        }
        try await destroy(in: store, source: source)
        return count
    }

    /// Notes that something of a source was removed of which the file still holds bytes.
    static func noteRemains(of source: Int64, in context: WriteContext) throws {
        var remains = try Remains(in: context.connection) ?? Remains()
        remains.changes += 1
        remains.sources.insert(source)
        try remains.store(in: context)
    }

    /// Leaves nothing on the disk of what was deleted from the tables: pieces in the dictionaries of copies, words in the
    /// search index, freed pages, the log. What is removed meanwhile stays noted for the next time.
    ///
    /// - Parameter source: Whose dictionary is trained again; `nil` for all that need it.
    static func destroy(in store: Store, source: Int64? = nil) async throws {
        let noted = try await store.read { try Remains(in: $0) } ?? Remains()
        let renewed = noted.sources.filter { source == nil || $0 == source }
        for source in renewed.sorted() { try await DictionaryRenewal(store: store, source: source).run() }
        try await store.write { try SearchIndexWriter.settle(in: $0.connection) }
        try await store.database.compact()
        try await store.write { context in
            guard var remains = try Remains(in: context.connection), remains.changes == noted.changes else { return }
            remains.sources.subtract(renewed)
            try remains.store(in: context)
        }
    }

    /// What was removed and can still be read from the file.
    private struct Remains: Hashable, Sendable {
        /// Counts up with every removal, so that one that comes while the file is rewritten is seen.
        var changes = 0
        var sources: Set<Int64> = []

        init() {}

        /// `nil` where nothing was removed.
        init?(in connection: Connection) throws {
            guard let text = try Settings.value(Self.setting, in: connection) else { return nil }
            let parts = text.split(separator: ":")
            changes = parts.first.flatMap { Int($0) } ?? 0
            sources = Set((parts.dropFirst().first ?? "").split(separator: ",").compactMap { Int64($0) })
        }

        func store(in context: WriteContext) throws {
            let list = sources.sorted().map { "\($0)" }.joined(separator: ",")
            try Settings.set(Self.setting, sources.isEmpty ? nil : "\(changes):\(list)", in: context)
        }

        private static let setting = "removed_since_compaction"
    }
}
