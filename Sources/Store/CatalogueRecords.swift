public import Database
internal import FastJSON
public import IssueModel

/// Statuses, types, versions, labels and the other things issues refer to, each stored once.
public enum CatalogueRecords {
    /// One thing as it is stored.
    public struct Record: Hashable, Sendable {
        /// `catalogue.id`.
        public var id: Int64
        public var kind: CatalogueKind
        public var jiraID: EntityID
        public var name: String
        /// JSON, as `CatalogueKind` tells.
        public var data: String?
    }

    /// Everything of one kind in a source, by name.
    public static func all(_ kind: CatalogueKind, source: Int64, in connection: Connection) throws -> [Record] {
        try connection.rows(
            "SELECT id, kind, jira_id, name, data FROM catalogue WHERE source_id = ? AND kind = ? ORDER BY name, id",
            source, kind.rawValue, as: record
        ).compactMap { $0 }
    }

    /// The thing with our id.
    public static func record(_ id: Int64, in connection: Connection) throws -> Record? {
        try connection.first("SELECT id, kind, jira_id, name, data FROM catalogue WHERE id = ?", id, as: record) ?? nil
    }

    /// The fields of a source, as the decoder of issues needs them.
    public static func fields(source: Int64, in connection: Connection) throws -> [Field] {
        try all(.field, source: source, in: connection).map { record in
            let data = try record.data.map { try JSONValue(parsing: $0) }
            return Field(
                id: record.jiraID, name: record.name, type: data?["type"]?.string ?? "any",
                items: data?["items"]?.string, customType: data?["custom"]?.string)
        }
    }

    @discardableResult
    public static func store(_ status: Status, source: Int64, in context: WriteContext) throws -> Int64 {
        try intern(.status, status.id.rawValue, status.name, status.hashValue, source, context) {
            $0.member("category", status.category.rawValue)
        }
    }

    @discardableResult
    public static func store(_ type: IssueType, source: Int64, in context: WriteContext) throws -> Int64 {
        try intern(.type, type.id.rawValue, type.name, type.hashValue, source, context) {
            $0.member("subtask", type.isSubtask)
            $0.member("level", type.hierarchyLevel)
        }
    }

    @discardableResult
    public static func store(_ version: Version, source: Int64, in context: WriteContext) throws -> Int64 {
        try intern(.version, version.id.rawValue, version.name, version.hashValue, source, context) {
            $0.member("released", version.isReleased)
            $0.member("archived", version.isArchived)
            $0.member("release", version.releaseDate?.description)
        }
    }

    @discardableResult
    public static func store(_ sprint: Sprint, source: Int64, in context: WriteContext) throws -> Int64 {
        try intern(.sprint, sprint.id.rawValue, sprint.name, sprint.hashValue, source, context) {
            $0.member("state", sprint.state)
            $0.member("board", sprint.boardID?.rawValue)
            $0.member("goal", sprint.goal)
            $0.member("start", sprint.start.map { Int($0.rawValue) })
            $0.member("end", sprint.end.map { Int($0.rawValue) })
            $0.member("completed", sprint.completed.map { Int($0.rawValue) })
        }
    }

    @discardableResult
    public static func store(_ board: Board, source: Int64, in context: WriteContext) throws -> Int64 {
        try intern(.board, board.id.rawValue, board.name, board.hashValue, source, context) {
            $0.member("type", board.type)
            $0.member("project", board.projectKey)
        }
    }

    @discardableResult
    public static func store(_ field: Field, source: Int64, in context: WriteContext) throws -> Int64 {
        try intern(.field, field.id.rawValue, field.name, field.hashValue, source, context) {
            $0.member("type", field.type)
            $0.member("items", field.items)
            $0.member("custom", field.customType)
        }
    }

    /// A thing that is an identity and a name: priority, resolution, component, role.
    @discardableResult
    public static func store(
        _ kind: CatalogueKind, _ entity: Entity, source: Int64, in context: WriteContext
    ) throws -> Int64 {
        try intern(kind, entity.id.rawValue, entity.name, entity.hashValue, source, context, data: nil)
    }

    /// A thing that is its name: a label, a type of links.
    @discardableResult
    public static func store(
        _ kind: CatalogueKind, named name: String, source: Int64, in context: WriteContext
    ) throws -> Int64 {
        try intern(kind, name, name, 0, source, context, data: nil)
    }

    /// Removes things of one kind that a complete list no longer has and no issue names.
    public static func retire(
        _ kind: CatalogueKind, notIn listed: Set<EntityID>, source: Int64, in context: WriteContext
    ) throws {
        for record in try all(kind, source: source, in: context.connection) where !listed.contains(record.jiraID) {
            try context.connection.execute(
                """
                DELETE FROM catalogue WHERE id = ?1
                    AND NOT EXISTS (SELECT 1 FROM issue_value WHERE catalogue_id = ?1)
                    AND NOT EXISTS (SELECT 1 FROM issue_link WHERE linktype_id = ?1)
                    AND NOT EXISTS (SELECT 1 FROM issue WHERE status_id = ?1 OR type_id = ?1 OR priority_id = ?1
                        OR resolution_id = ?1)
                """, record.id)
        }
        context.interned.catalogue.removeAll()
    }

    /// Our id of a thing. What an issue or a list says of it anew changes its row; `version` tells equal from changed
    /// within this process, so that `data` is written only when something may have changed.
    private static func intern(
        _ kind: CatalogueKind, _ jiraID: String, _ name: String, _ version: Int, _ source: Int64,
        _ context: WriteContext, data: ((inout JSONWriter) -> Void)?
    ) throws -> Int64 {
        let key = InternedIDs.CatalogueKey(source: source, kind: kind, value: jiraID)
        if let known = context.interned.catalogue[key], known.version == version { return known.id }
        var text: String?
        if let data {
            var writer = JSONWriter()
            writer.object { data(&$0) }
            text = writer.text
        }
        let id = try context.connection.first(
            """
            INSERT INTO catalogue (source_id, kind, jira_id, name, data) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (source_id, kind, jira_id) DO UPDATE SET name = excluded.name,
                data = coalesce(excluded.data, data)
            RETURNING id
            """, source, kind.rawValue, jiraID, name, text
        ) { $0.int64(0) }
        guard let id else { throw StoreError(.damaged, "A catalogue entry has no row") }
        context.interned.catalogue.remember(.init(id: id, version: version), for: key)
        return id
    }

    private static func record(_ row: Row) -> Record? {
        guard let kind = CatalogueKind(rawValue: row.text(1)) else { return nil }
        return Record(
            id: row.int64(0), kind: kind, jiraID: EntityID(row.text(2)), name: row.text(3), data: row.optionalText(4))
    }
}
