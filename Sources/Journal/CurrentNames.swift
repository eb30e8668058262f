public import Database
internal import FastJSON
public import IssueModel

/// What the things that issues name are called now: a kept copy has the names of when it was read, and Jira renames without
/// updating issues.
///
/// Only what is said of them changes by it, never what an issue refers to.
public struct CurrentNames {
    private let source: Int64
    private let connection: Connection

    /// Valid as long as `connection` is lent.
    public init(source: Int64, in connection: Connection) {
        self.source = source
        self.connection = connection
    }

    /// Gives everything that `issue` names its present name.
    ///
    /// - Parameter key: The issue's present key.
    public func apply(to issue: inout Issue, key: String? = nil) throws {
        if let key = key.flatMap({ IssueKey($0) }) { issue.key = key }
        try rename(&issue.project, "SELECT name FROM project WHERE source_id = ? AND jira_id = ?")
        if let project = try text(
            "SELECT key FROM project WHERE source_id = ? AND jira_id = ?", issue.project.id.rawValue)
        {
            issue.projectKey = project
        }
        try refresh(&issue.type)
        try refresh(&issue.status)
        try rename(&issue.priority, "priority")
        try rename(&issue.resolution, "resolution")
        for index in issue.components.indices {
            let component = issue.components[index]
            issue.components[index].name = try known("component", component.id)?.name ?? component.name
        }
        for index in issue.fixVersions.indices { try refresh(&issue.fixVersions[index]) }
        for index in issue.affectedVersions.indices { try refresh(&issue.affectedVersions[index]) }
        for index in issue.sprints.indices { try refresh(&issue.sprints[index]) }
        if var level = issue.securityLevel {
            try rename(&level, "SELECT name FROM security_level WHERE source_id = ? AND jira_id = ?")
            issue.securityLevel = level
        }
        try applyToPeople(&issue)
    }

    private func applyToPeople(_ issue: inout Issue) throws {
        try rename(&issue.assignee)
        try rename(&issue.reporter)
        try rename(&issue.creator)
        for index in issue.comments.indices { try rename(&issue.comments[index].author) }
        for index in issue.worklogs.indices { try rename(&issue.worklogs[index].author) }
        for index in issue.attachments.indices { try rename(&issue.attachments[index].author) }
        for index in issue.changes.indices { try rename(&issue.changes[index].author) }
    }

    private func refresh(_ type: inout IssueType) throws {
        guard let known = try known("type", type.id) else { return }
        type.name = known.name
        guard let data = known.data else { return }
        type.isSubtask = data["subtask"]?.bool ?? type.isSubtask
        type.hierarchyLevel = data["level"]?.integer
    }

    private func refresh(_ status: inout Status) throws {
        guard let known = try known("status", status.id) else { return }
        status.name = known.name
        let category = known.data?["category"]?.string.flatMap { Status.Category(rawValue: $0) }
        status.category = category ?? status.category
    }

    private func refresh(_ version: inout Version) throws {
        guard let known = try known("version", version.id) else { return }
        version.name = known.name
        guard let data = known.data else { return }
        version.isReleased = data["released"]?.bool ?? version.isReleased
        version.isArchived = data["archived"]?.bool ?? version.isArchived
        version.releaseDate = data["release"]?.string.flatMap { CalendarDate($0) }
    }

    private func refresh(_ sprint: inout Sprint) throws {
        guard let known = try known("sprint", sprint.id) else { return }
        sprint.name = known.name
        guard let data = known.data else { return }
        func moment(_ value: JSONValue?) -> Timestamp? {
            value?.integer.map { Timestamp(milliseconds: Int64($0)) }
        }
        sprint.state = data["state"]?.string ?? sprint.state
        sprint.boardID = data["board"]?.string.map { EntityID($0) }
        sprint.goal = data["goal"]?.string
        (sprint.start, sprint.end) = (moment(data["start"]), moment(data["end"]))
        sprint.completed = moment(data["completed"])
    }

    // MARK: Looking up

    private func rename(_ account: inout Account?) throws {
        guard let known = account else { return }
        let found = try text(
            "SELECT display_name FROM account WHERE source_id = ? AND jira_id = ?", known.id.rawValue)
        if let found { account?.displayName = found }
    }

    private func rename(_ entity: inout Entity?, _ kind: String) throws {
        guard let stale = entity else { return }
        entity?.name = try known(kind, stale.id)?.name ?? stale.name
    }

    private func rename(_ entity: inout Entity, _ sql: String) throws {
        entity.name = try text(sql, entity.id.rawValue) ?? entity.name
    }

    private func known(_ kind: String, _ id: EntityID) throws -> (name: String, data: JSONValue?)? {
        try connection.first(
            "SELECT name, data FROM catalogue WHERE source_id = ? AND kind = ? AND jira_id = ?", source, kind,
            id.rawValue
        ) { row in (row.text(0), try row.optionalText(1).map { try JSONValue(parsing: $0) }) }
    }

    private func text(_ sql: String, _ id: String) throws -> String? {
        try connection.first(sql, source, id) { $0.text(0) }
    }
}
