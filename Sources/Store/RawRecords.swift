public import Database
internal import Packing
internal import Synchronization

/// The stored copies of what Jira returned, compressed with a dictionary of the source's own.
///
/// Packing and unpacking need no connection, so they run wherever there is time: only storing needs the writer.
public final class RawRecords: Sendable {
    private let codecs = Mutex<[Int64: Zstd]>([:])

    public init() {}

    /// Bytes of an issue that count for training.
    private static let sampleLimit = 16 << 10
    private static let kind = "issue"

    /// The packer for new copies of a source: with its newest dictionary, or without one where none was trained yet.
    ///
    /// - Parameter oldest: Dictionaries before this one are not used.
    public func packer(source: Int64, since oldest: Int64 = 0, in connection: Connection) throws -> RawPacker {
        let newest = try connection.first(
            "SELECT max(id) FROM dictionary WHERE source_id = ? AND kind = ? AND id >= ?", source, Self.kind, oldest
        ) { $0.optionalInt64(0) }
        let dictionary = newest ?? nil
        return RawPacker(dictionary: dictionary, codec: try codec(dictionary, in: connection))
    }

    /// What Jira returned for the issue with our id; `nil` where no copy is kept.
    public func parts(ofIssue id: Int64, in connection: Connection) throws -> RawParts? {
        try connection.first("SELECT dictionary_id, body FROM issue_raw WHERE issue_id = ?", id) { row in
            try parts(dictionary: row.optionalInt64(0), body: row.blob(1), in: connection)
        }
    }

    /// What a packed copy holds.
    public func parts(dictionary: Int64?, body: [UInt8], in connection: Connection) throws -> RawParts {
        let codec = try codec(dictionary, in: connection)
        return try RawParts(
            framed: try body.withUnsafeBytes { bytes in
                try StoreError.packing { () throws(PackingError) in try codec.decompress(bytes) }
            })
    }

    /// Trains a dictionary on framed copies of issues. Slow (seconds): run it where nobody waits.
    ///
    /// - Returns: `nil` when the samples are too few or too different.
    public static func train(on samples: [RawParts]) -> [UInt8]? {
        Zstd.train(on: samples.compactMap { try? $0.framed() }.map { Array($0.prefix(sampleLimit)) })
    }

    /// Stores a dictionary; copies packed from then on use it, older ones keep theirs.
    public func adopt(dictionary: [UInt8], source: Int64, in context: WriteContext) throws {
        try context.connection.execute(
            "INSERT INTO dictionary (source_id, kind, bytes) VALUES (?, ?, ?)", source, Self.kind, dictionary)
    }

    /// Packs copies that were stored without a dictionary again, with `packer`'s.
    ///
    /// - Returns: How many were packed; 0 when none is left.
    @discardableResult
    public func repack(source: Int64, with packer: RawPacker, limit: Int, in context: WriteContext) throws -> Int {
        guard packer.dictionary != nil else { return 0 }
        let ids = try context.connection.rows(
            """
            SELECT issue_id FROM issue_raw WHERE dictionary_id IS NULL
                AND issue_id IN (SELECT id FROM issue WHERE source_id = ?) LIMIT ?
            """, source, limit
        ) { $0.int64(0) }
        for id in ids {
            guard let parts = try parts(ofIssue: id, in: context.connection) else { continue }
            let packed = try packer.pack(parts)
            try context.connection.execute(
                "UPDATE issue_raw SET dictionary_id = ?, body = ? WHERE issue_id = ?", packed.dictionary, packed.bytes,
                id)
        }
        return ids.count
    }

    private func codec(_ dictionary: Int64?, in connection: Connection) throws -> Zstd {
        let key = dictionary ?? 0
        if let known = codecs.withLock({ $0[key] }) { return known }
        var codec = Zstd()
        if let dictionary {
            let bytes = try connection.first("SELECT bytes FROM dictionary WHERE id = ?", dictionary) { $0.blob(0) }
            guard let bytes else { throw StoreError(.damaged, "The dictionary \(dictionary) is missing") }
            codec = Zstd(dictionary: bytes)
        }
        // Dictionary ids are never given twice; one that was read in a transaction that is undone is read by nobody.
        if connection.isWriting { return codec }
        codecs.withLock { $0[key] = codec }
        return codec
    }
}

/// Packs copies of what Jira returned; may be used by any number of tasks at once.
public struct RawPacker: Sendable {
    let dictionary: Int64?
    private let codec: Zstd

    init(dictionary: Int64?, codec: Zstd) {
        self.dictionary = dictionary
        self.codec = codec
    }

    /// Whether copies are packed with a trained dictionary.
    public var hasDictionary: Bool { dictionary != nil }

    public func pack(_ parts: RawParts) throws(StoreError) -> PackedRaw {
        let block = try parts.framed()
        let bytes = try StoreError.packing { () throws(PackingError) in try codec.compress(block) }
        return PackedRaw(dictionary: dictionary, bytes: bytes, fingerprint: parts.fingerprint)
    }
}

/// A packed copy, ready to be stored.
public struct PackedRaw: Hashable, Sendable {
    /// Which dictionary unpacks it.
    public let dictionary: Int64?
    /// The compressed bytes.
    public let bytes: [UInt8]
    /// Tells copies with equal content.
    public let fingerprint: Int64
}
