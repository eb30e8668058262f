internal import Database
internal import FastJSON
internal import IssueModel
internal import Journal
internal import Store

/// Every connected source as a data source, with what this API keeps of it.
enum DataSources {
    /// The sources that are not removed, in the order they were added.
    static func all(in connection: Connection) throws -> [DataSource] {
        var kept: [Int64: DataSource] = [:]
        for source in try SourceRecords.all(in: connection, includingRemoved: false) {
            kept[source.id] = DataSource(
                id: DataSource.id(of: source), source: source,
                schedule: try SyncSchedule.of(source: source.id, in: connection), created: source.created,
                updated: source.created)
        }
        try connection.forEach("SELECT id, source_id, record, owner, created, updated FROM coco_datasource") { row in
            guard var known = kept[row.int64(1)] else { return }
            known.id = row.text(0)
            known.record = try JSONValue(parsing: row.text(2))
            known.owner = row.text(3)
            known.created = Timestamp(milliseconds: row.int64(4))
            known.updated = Timestamp(milliseconds: row.int64(5))
            known.isKept = true
            kept[row.int64(1)] = known
        }
        return kept.values.sorted { $0.source.id < $1.source.id }
    }

    static func find(_ id: String, in connection: Connection) throws -> DataSource? {
        try all(in: connection).first { $0.id == id }
    }

    /// Keeps what the source itself has no place for.
    static func save(_ dataSource: DataSource, in context: WriteContext) throws {
        let connection = context.connection
        try connection.execute(
            "DELETE FROM coco_datasource WHERE source_id = ? AND id <> ?", dataSource.source.id, dataSource.id)
        try connection.execute(
            """
            INSERT INTO coco_datasource (id, source_id, record, owner, created, updated) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                source_id = excluded.source_id, record = excluded.record, updated = excluded.updated
            """, dataSource.id, dataSource.source.id, String(decoding: dataSource.record.serialized(), as: UTF8.self),
            dataSource.owner, dataSource.created.rawValue, dataSource.updated.rawValue)
    }

    static func remove(_ id: String, in context: WriteContext) throws {
        try context.connection.execute("DELETE FROM coco_datasource WHERE id = ?", id)
    }
}
