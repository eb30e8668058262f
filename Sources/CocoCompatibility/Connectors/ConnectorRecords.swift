internal import Database
internal import FastJSON
internal import IssueModel
internal import Store
internal import WebFrame

/// A kind of data source, as Coco registers them. Only those whose processor is `jira` synchronise here.
struct Connector {
    static let jiraID = "jira"
    /// Records there may be, and bytes of one.
    static let limit = 1_000
    static let byteLimit = 65_536

    var id: String
    /// What clients gave, without secrets.
    var record: JSONValue
    var created: Timestamp
    var updated: Timestamp

    var isBuiltin: Bool { id == Self.jiraID }
    var synchronisesJira: Bool { record["processor"]?["name"]?.string == "jira" }
    var isEnabled: Bool { record["processor"]?["enabled"]?.bool ?? true }

    /// Registered on every server, so that data sources can name it at once.
    static let builtin = Connector(
        id: jiraID,
        record: [
            "name": "Jira", "description": "Issues of a Jira project, shown to whom Jira shows them",
            "category": "project_management", "icon": "default",
            "tags": ["project", "issue_tracking", "atlassian"],
            "processor": ["enabled": true, "name": "jira"],
        ], created: Timestamp(milliseconds: 0), updated: Timestamp(milliseconds: 0))

    /// The record as it is answered.
    var json: JSONValue {
        JSONValue.record(
            ("id", .string(id)), ("created", .string(created.rfc3339)), ("updated", .string(updated.rfc3339))
        ).merged(with: record).with("builtin", .bool(isBuiltin))
    }

    /// What of a body is kept. Ids, times and whether it is built in are ours to say.
    static func record(of body: JSONValue) throws(Problem) -> JSONValue {
        for name in ["name", "description", "category", "icon", "url"] { _ = try body.text(name) }
        let processor = try body.part("processor")
        _ = try processor?.text("name")
        _ = try processor?.flag("enabled")
        guard body.serialized().count <= byteLimit else {
            throw .invalid("A connector may have at most \(byteLimit) bytes.")
        }
        let own = ["id", "created", "updated", "_system", "builtin"]
        return Secrets.masked(own.reduce(body) { $0.with($1, nil) })
    }
}

/// The registered connectors.
enum ConnectorRecords {
    static func find(_ id: String, in connection: Connection) throws -> Connector? {
        try connection.first("SELECT id, record, created, updated FROM coco_connector WHERE id = ?", id, as: connector)
            ?? (id == Connector.jiraID ? .builtin : nil)
    }

    /// The built-in one first, then by age.
    static func all(in connection: Connection) throws -> [Connector] {
        let stored = try connection.rows(
            "SELECT id, record, created, updated FROM coco_connector ORDER BY created, id", as: connector)
        let builtin = stored.first { $0.isBuiltin } ?? .builtin
        return [builtin] + stored.filter { !$0.isBuiltin }
    }

    static func save(_ connector: Connector, in context: WriteContext) throws {
        let connection = context.connection
        let count = try connection.first("SELECT count(*) FROM coco_connector") { $0.int(0) } ?? 0
        guard count < Connector.limit else { throw Problem.conflict("too_many", "There are \(count) connectors.") }
        try connection.execute(
            """
            INSERT INTO coco_connector (id, record, created, updated) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET record = excluded.record, updated = excluded.updated
            """, connector.id, String(decoding: connector.record.serialized(), as: UTF8.self),
            connector.created.rawValue, connector.updated.rawValue)
    }

    static func remove(_ id: String, in context: WriteContext) throws {
        try context.connection.execute("DELETE FROM coco_connector WHERE id = ?", id)
    }

    private static func connector(_ row: Row) throws -> Connector {
        Connector(
            id: row.text(0), record: try JSONValue(parsing: row.text(1)),
            created: Timestamp(milliseconds: row.int64(2)), updated: Timestamp(milliseconds: row.int64(3)))
    }
}

/// What must never be answered, whatever a client put in.
enum Secrets {
    static let mask = "***"
    private static let names: Set<String> = [
        "password", "token", "secret", "access_token", "refresh_token", "client_secret", "api_key", "apikey",
        "private_key", "authorization",
    ]

    /// The value with every secret's text replaced.
    static func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(
                members.map { member in
                    let isSecret = names.contains(member.key.lowercased()) && !member.value.isNull
                    return .init(member.key, isSecret ? .string(mask) : masked(member.value))
                })
        case .array(let elements): .array(elements.map(masked))
        default: value
        }
    }
}
