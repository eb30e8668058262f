internal import FastJSON
internal import IssueModel
internal import Journal
internal import Store

/// A source under the name and in the shape that Coco's API has for it.
///
/// What synchronises is the source's own: its name, address, scope, schedule and state. The record holds only what has no
/// other place, such as an icon, and never a secret.
struct DataSource {
    var id: String
    var source: Source
    var schedule: SyncSchedule
    var record: JSONValue = .object([])
    /// The member who made it; empty where it was made elsewhere.
    var owner = ""
    var created: Timestamp
    var updated: Timestamp
    /// Whether it was made or changed through this API.
    var isKept = false

    /// The id of a source that was connected by other means.
    static func id(of source: Source) -> String { "source-\(source.id)" }

    var connectorID: String { record["connector"]?.string ?? Connector.jiraID }
    /// Whether it is searched. One that is not rests as well.
    var isEnabled: Bool { record["enabled"]?.bool ?? true }
    /// Whether comments are part of a document's content.
    var indexesComments: Bool { record["index_comments"]?.bool ?? !isKept }
    /// Whether attachments are documents of their own.
    var indexesAttachments: Bool { record["index_attachments"]?.bool ?? !isKept }
    var owns: String { owner.isEmpty ? "drawbridge" : owner }

    var interval: String {
        let given = record["interval"]?.string
        return given.flatMap { GoDuration.seconds($0) == schedule.changes ? $0 : nil }
            ?? GoDuration.text(seconds: schedule.changes)
    }

    /// Members of a body that are kept as they are.
    static let plainMembers = [
        "description", "icon", "category", "tags", "enrichment_pipeline", "webhook", "document_processing_config",
    ]

    /// The data source as documents name it.
    var reference: JSONValue {
        ["id": .string(id), "type": "connector", "name": .string(source.name)]
    }

    /// The record as it is answered.
    ///
    /// - Parameter showsConfiguration: Whether the site's address and the account are told. The secret never is.
    func json(showsConfiguration: Bool) -> JSONValue {
        var connector: JSONValue = ["id": .string(connectorID)]
        if showsConfiguration { connector = connector.with("config", configuration) }
        let plain = JSONValue.object(Self.plainMembers.compactMap { name in record[name].map { .init(name, $0) } })
        return JSONValue.record(
            ("id", .string(id)), ("created", .string(created.rfc3339)), ("updated", .string(updated.rfc3339)),
            ("_system", ["owner_id": .string(owns)]), ("type", "connector"), ("name", .string(source.name)),
            ("connector", connector),
            (
                "sync",
                JSONValue.record(
                    ("enabled", .bool(!schedule.isManual)), ("strategy", record["strategy"]),
                    ("interval", .string(interval)), ("page_size", record["page_size"]))
            ),
            ("enabled", .bool(isEnabled && source.state == .active))
        ).merged(with: plain).with("status", problem)
    }

    private var configuration: JSONValue {
        JSONValue.record(
            ("endpoint", .string(source.url)), ("project_key", .string(source.scope.projects.joined(separator: ","))),
            ("username", record["username"]), ("token", source.isAnonymous ? nil : .string(Secrets.mask)),
            ("index_comments", .bool(indexesComments)), ("index_attachments", .bool(indexesAttachments)))
    }

    /// What keeps the source from being in step, which Coco leaves to its log.
    private var problem: JSONValue? {
        source.problem.map { ["problem": .string($0.code), "since": .string($0.at.rfc3339)] }
    }
}
