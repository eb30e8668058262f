public import Database
internal import FastJSON
public import IssueModel

/// What the things that issues name are called now: a kept copy has the names of when it was read, and Jira renames without
/// updating issues.
///
/// Only names change by it, never what an issue refers to.
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
        issue.type.name = try name("type", issue.type.id) ?? issue.type.name
        issue.status.name = try name("status", issue.status.id) ?? issue.status.name
        if let category = try category(of: issue.status.id) { issue.status.category = category }
        try rename(&issue.priority, "priority")
        try rename(&issue.resolution, "resolution")
        for index in issue.components.indices {
            let component = issue.components[index]
            issue.components[index].name = try name("component", component.id) ?? component.name
        }
        for index in issue.fixVersions.indices {
            let version = issue.fixVersions[index]
            issue.fixVersions[index].name = try name("version", version.id) ?? version.name
        }
        for index in issue.affectedVersions.indices {
            let version = issue.affectedVersions[index]
            issue.affectedVersions[index].name = try name("version", version.id) ?? version.name
        }
        for index in issue.sprints.indices {
            let sprint = issue.sprints[index]
            issue.sprints[index].name = try name("sprint", sprint.id) ?? sprint.name
        }
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

    // MARK: Looking up

    private func rename(_ account: inout Account?) throws {
        guard let known = account else { return }
        let found = try text(
            "SELECT display_name FROM account WHERE source_id = ? AND jira_id = ?", known.id.rawValue)
        if let found { account?.displayName = found }
    }

    private func rename(_ entity: inout Entity?, _ kind: String) throws {
        guard let known = entity else { return }
        entity?.name = try name(kind, known.id) ?? known.name
    }

    private func rename(_ entity: inout Entity, _ sql: String) throws {
        entity.name = try text(sql, entity.id.rawValue) ?? entity.name
    }

    private func name(_ kind: String, _ id: EntityID) throws -> String? {
        try connection.first(
            "SELECT name FROM catalogue WHERE source_id = ? AND kind = ? AND jira_id = ?", source, kind, id.rawValue
        ) { $0.text(0) }
    }

    private func category(of status: EntityID) throws -> Status.Category? {
        let data = try connection.first(
            "SELECT json_extract(data, '$.category') FROM catalogue WHERE source_id = ? AND kind = 'status' AND jira_id = ?",
            source, status.rawValue
        ) { $0.optionalText(0) }
        return (data ?? nil).flatMap { Status.Category(rawValue: $0) }
    }

    private func text(_ sql: String, _ id: String) throws -> String? {
        try connection.first(sql, source, id) { $0.text(0) }
    }
}
