internal import Database

/// The names of everything issues are filtered by, read once for each state of the store.
struct NameTables: Sendable {
    /// Of the store's own counters, at which these were read.
    var stamp = ""
    /// By kind: `status`, `type`, `priority`, `resolution`, `label`, `component`, `version`, `sprint`.
    private(set) var catalogue: [String: [Entry]] = [:]
    /// By `catalogue.id`.
    private(set) var names: [Int32: String] = [:]
    /// By `catalogue.id` of a status.
    private(set) var categories: [Int32: String] = [:]
    private(set) var projects: [Int32: Project] = [:]
    private(set) var accounts: [Int32: Account] = [:]
    private(set) var levels: [Int32: String] = [:]
    private(set) var sources: [Int32: (name: String, url: String)] = [:]

    struct Entry: Hashable, Sendable {
        var id: Int32
        var name: String
    }

    struct Project: Hashable, Sendable {
        var key: String
        var name: String
        var formerKeys: [String]
    }

    struct Account: Hashable, Sendable {
        var source: Int32
        var jiraID: String
        var name: String?
        var displayName: String
        var email: String?
    }

    static func stamp(in connection: Connection) throws -> String {
        try connection.rows(
            "SELECT value FROM setting WHERE name IN ('content_version', 'access_version') ORDER BY name"
        ) { $0.text(0) }.joined(separator: ".")
    }

    static func load(stamp: String, from connection: Connection) throws -> NameTables {
        var tables = NameTables()
        tables.stamp = stamp
        try connection.forEach(
            "SELECT id, kind, name, CASE kind WHEN 'status' THEN json_extract(data, '$.category') END FROM catalogue"
        ) { row in
            let entry = Entry(id: Int32(truncatingIfNeeded: row.int64(0)), name: row.text(2))
            tables.catalogue[row.text(1), default: []].append(entry)
            tables.names[entry.id] = entry.name
            if let category = row.optionalText(3) { tables.categories[entry.id] = category }
        }
        try connection.forEach("SELECT id, key, name FROM project") { row in
            tables.projects[Int32(truncatingIfNeeded: row.int64(0))] = Project(
                key: row.text(1), name: row.text(2), formerKeys: [])
        }
        try connection.forEach("SELECT project_id, key FROM project_key") { row in
            tables.projects[Int32(truncatingIfNeeded: row.int64(0))]?.formerKeys.append(row.text(1))
        }
        try connection.forEach("SELECT id, source_id, jira_id, name, display_name, email FROM account") { row in
            tables.accounts[Int32(truncatingIfNeeded: row.int64(0))] = Account(
                source: Int32(truncatingIfNeeded: row.int64(1)), jiraID: row.text(2), name: row.optionalText(3),
                displayName: row.text(4), email: row.optionalText(5))
        }
        try connection.forEach("SELECT id, name FROM security_level") { row in
            tables.levels[Int32(truncatingIfNeeded: row.int64(0))] = row.text(1)
        }
        try connection.forEach("SELECT id, name, url FROM source") { row in
            tables.sources[Int32(truncatingIfNeeded: row.int64(0))] = (row.text(1), row.text(2))
        }
        return tables
    }

    /// The category that goes by a name, without regard to case.
    static func category(named name: String) -> String? {
        let name = name.lowercased()
        return categoryNames.first { $0.value.contains(name) }?.key
    }

    /// What people and JQL call Jira's four status categories.
    static let categoryNames: [String: [String]] = [
        "new": ["to do", "todo", "new"], "indeterminate": ["in progress", "inprogress", "indeterminate"],
        "done": ["done", "complete"], "undefined": ["no category", "undefined"],
    ]
}
