internal import Database

/// What became of a source's deliveries since its first one.
public struct WebhookTally: Hashable, Sendable {
    public var stored = 0
    /// Came a second time.
    public var duplicates = 0
    /// Of the stored: events that this version does not know.
    public var unknown = 0
    /// Hints that found no room; the next delta finds what they were about.
    public var dropped = 0

    public init(stored: Int = 0, duplicates: Int = 0, unknown: Int = 0, dropped: Int = 0) {
        self.stored = stored
        self.duplicates = duplicates
        self.unknown = unknown
        self.dropped = dropped
    }

    func add(to source: Int64, _ connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO tally (source_id, stored, duplicates, unknown, dropped) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (source_id) DO UPDATE SET stored = stored + excluded.stored,
                duplicates = duplicates + excluded.duplicates, unknown = unknown + excluded.unknown,
                dropped = dropped + excluded.dropped
            """, source, stored, duplicates, unknown, dropped)
    }
}

extension WebhookInbox {
    /// What became of a source's deliveries.
    public func tally(of source: Int64) async throws -> WebhookTally {
        try await database.read { connection in
            try connection.first(
                "SELECT stored, duplicates, unknown, dropped FROM tally WHERE source_id = ?", source
            ) { WebhookTally(stored: $0.int(0), duplicates: $0.int(1), unknown: $0.int(2), dropped: $0.int(3)) }
                ?? WebhookTally()
        }
    }

    /// Issues that wait to be drained.
    public func waiting() async throws -> Int {
        try await database.read { try $0.first("SELECT count(*) FROM hint") { $0.int(0) } ?? 0 }
    }
}
