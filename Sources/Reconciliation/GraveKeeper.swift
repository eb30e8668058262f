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
        let sources = try await store.read { connection in
            try connection.rows(
                "SELECT DISTINCT source_id FROM grave WHERE purge <= ?1 AND (?2 IS NULL OR source_id = ?2)",
                now.rawValue, source
            ) { $0.int64(0) }
        }
        let hasRemains = try await store.read { try Settings.value(remains, in: $0) != nil }
        guard hasRemains || !sources.isEmpty else { return 0 }
        let count = try await store.write { try Graves.purge(before: now, source: source, in: $0) }
        for source in sources { try await DictionaryRenewal(store: store, source: source).run() }
        try await destroy(in: store)
        return count
    }

    private static let remains = "removed_since_compaction"

    /// Notes that something was removed without a grave, of which the file still holds bytes.
    static func noteRemains(in context: WriteContext) throws { try Settings.set(remains, "1", in: context) }

    /// Leaves nothing on the disk of what was deleted from the tables: words in the search index, freed pages, the log.
    static func destroy(in store: Store) async throws {
        try await store.write { try SearchIndexWriter.settle(in: $0.connection) }
        try await store.database.compact()
        try await store.write { try Settings.set(remains, nil, in: $0) }
    }
}
