import Database
import Store

/// Packs all copies of a source again with a dictionary that knows nothing but them: one that was trained earlier holds
/// pieces of issues that are gone.
///
/// Run it while nothing else writes the source. It goes on where it stopped, as copies name their dictionary.
struct DictionaryRenewal: Sendable {
    let store: Store
    let source: Int64

    /// Copies read to train a dictionary.
    private static let samples = 400
    /// Copies of one transaction.
    private static let batch = 500

    func run() async throws {
        let (source, raw) = (source, store.raw)
        let newest = try await store.read { connection in
            try connection.first("SELECT max(id) FROM dictionary WHERE source_id = ?", source) { $0.optionalInt64(0) }
        }
        guard let newest = newest ?? nil else { return }
        let samples = try await store.read { connection in
            try connection.rows(
                "SELECT id FROM issue WHERE source_id = ? ORDER BY id DESC LIMIT ?", source, Self.samples
            ) { $0.int64(0) }.compactMap { try raw.parts(ofIssue: $0, in: connection) }
        }
        if let dictionary = RawRecords.train(on: samples) {
            try await store.write { try raw.adopt(dictionary: dictionary, source: source, in: $0) }
        }
        let packer = try await store.read { try raw.packer(source: source, since: newest + 1, in: $0) }
        for (table, key) in [("issue_raw", "issue_id"), ("grave", "jira_id")] {
            while try await repack(table, key, upTo: newest, packer) == Self.batch { try Task.checkCancellation() }
        }
        try await store.write { context in
            try context.connection.execute(
                """
                DELETE FROM dictionary WHERE source_id = ?1 AND id <= ?2
                    AND id NOT IN (SELECT dictionary_id FROM issue_raw WHERE dictionary_id IS NOT NULL)
                    AND id NOT IN (SELECT dictionary_id FROM grave WHERE dictionary_id IS NOT NULL)
                """, source, newest)
        }
    }

    /// - Returns: How many copies were packed again.
    private func repack(_ table: String, _ key: String, upTo newest: Int64, _ packer: RawPacker) async throws -> Int {
        let (source, raw) = (source, store.raw)
        let owned = table == "grave" ? "source_id = ?1" : "\(key) IN (SELECT id FROM issue WHERE source_id = ?1)"
        return try await store.write { context in
            let copies = try context.connection.rows(
                "SELECT \(key), dictionary_id, body FROM \(table) WHERE dictionary_id <= ?2 AND \(owned) LIMIT ?3",
                source, newest, Self.batch
            ) { ($0.int64(0), $0.optionalInt64(1), $0.blob(2)) }
            let one = table == "grave" ? " AND source_id = ?4" : " AND ?4 > 0"
            for (id, dictionary, body) in copies {
                let parts = try raw.parts(dictionary: dictionary, body: body, in: context.connection)
                let packed = try packer.pack(parts)
                try context.connection.execute(
                    "UPDATE \(table) SET dictionary_id = ?1, body = ?2 WHERE \(key) = ?3\(one)", packed.dictionary,
                    packed.bytes, id, source)
            }
            return copies.count
        }
    }
}
