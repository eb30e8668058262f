import Database
import SimulatedData
import SimulatedSite

/// An issue as its rows say it is, and as the site says it should be.
struct StoredIssue: Sendable, Equatable {
    var id: Int
    var key: String
    var summary: String
    var updated: Int64
    var project: String
    var status: String
    var type: String
    var assignee: String?
    var reporter: String?
    var labels: Set<String> = []
    var comments: [Int: Int64] = [:]
    var worklogs: [Int: Int] = [:]
    var attachments: Set<Int> = []
    var links: Set<Int> = []
    /// To issues that are deleted, or that the source's account cannot find: they may be there or not.
    var otherLinks: Set<Int> = []

    func without(_ parts: Set<RecordID>) -> StoredIssue {
        var result = self
        result.comments = comments.filter { !parts.contains(.comment($0.key)) }
        result.worklogs = worklogs.filter { !parts.contains(.worklog($0.key)) }
        result.attachments = attachments.filter { !parts.contains(.attachment($0)) }
        return result
    }

    /// What differs, in words.
    func differences(from site: StoredIssue) -> [String] {
        var found: [String] = []
        func compare<Value: Equatable>(_ name: String, _ path: KeyPath<StoredIssue, Value>) {
            if self[keyPath: path] != site[keyPath: path] {
                found.append("\(name) is \(self[keyPath: path]), should be \(site[keyPath: path])")
            }
        }
        compare("key", \.key)
        compare("summary", \.summary)
        compare("updated", \.updated)
        compare("project", \.project)
        compare("status", \.status)
        compare("type", \.type)
        compare("assignee", \.assignee)
        compare("reporter", \.reporter)
        compare("labels", \.labels)
        compare("comments", \.comments)
        compare("worklogs", \.worklogs)
        compare("attachments", \.attachments)
        // A link to an issue that is gone stays until this issue is read again; no reader is shown it. One to an issue that
        // the source's account may not see is left out of what Jira answers.
        if !links.isSuperset(of: site.links) || !links.subtracting(site.links).isSubset(of: site.otherLinks) {
            found.append("links are \(links), should be \(site.links)")
        }
        return found
    }
}

extension StoredIssue {
    /// What the site has.
    ///
    /// - Parameter hidden: Issues that the source's account cannot find.
    init(_ state: SiteState, _ ordinal: Int, hidden: Set<Int>) {
        let row = state.row(ordinal)
        let content = state.content(of: ordinal)
        let isCloud = state.configuration.flavour.isCloud
        func account(_ user: Int32) -> String? {
            guard user >= 0 else { return nil }
            return isCloud ? state.users[Int(user)].accountID : state.users[Int(user)].key
        }
        self.init(
            id: row.id, key: state.key(of: ordinal), summary: content.summary, updated: row.updated,
            project: state.projects[Int(row.project)].key, status: state.catalogue.statuses[Int(row.status)].name,
            type: state.catalogue.issueTypes[Int(row.type)].name, assignee: account(row.assignee),
            reporter: account(row.reporter), labels: Set(content.traits.labels),
            comments: Dictionary(content.comments.map { ($0.id, $0.updated) }) { $1 },
            worklogs: Dictionary(content.worklogs.map { ($0.id, $0.seconds) }) { $1 },
            attachments: Set(content.attachments.map(\.id)),
            links: Set(
                content.links.map { state.row($0.other) }.filter { $0.state != .deleted && !hidden.contains($0.id) }
                    .map(\.id)),
            otherLinks: hidden.union(
                (0..<state.issueCount).map { state.row($0) }.filter { $0.state == .deleted }.map(\.id))
        )
    }

    /// Everything that is stored, by Jira's number.
    static func all(in connection: Connection) throws -> [Int: StoredIssue] {
        var issues: [Int64: StoredIssue] = [:]
        try connection.forEach(
            """
            SELECT i.id, i.jira_id, i.key, i.summary, i.updated, p.key, s.name, t.name, a.jira_id, r.jira_id
            FROM issue i JOIN project p ON p.id = i.project_id JOIN catalogue s ON s.id = i.status_id
            JOIN catalogue t ON t.id = i.type_id LEFT JOIN account a ON a.id = i.assignee_id
            LEFT JOIN account r ON r.id = i.reporter_id
            """
        ) { row in
            issues[row.int64(0)] = StoredIssue(
                id: row.int(1), key: row.text(2), summary: row.text(3), updated: row.int64(4), project: row.text(5),
                status: row.text(6), type: row.text(7), assignee: row.optionalText(8), reporter: row.optionalText(9))
        }
        try connection.forEach(
            "SELECT v.issue_id, c.name FROM issue_value v JOIN catalogue c ON c.id = v.catalogue_id WHERE v.kind = 1"
        ) { issues[$0.int64(0)]?.labels.insert($0.text(1)) }
        try connection.forEach("SELECT issue_id, jira_id, updated FROM comment") { row in
            issues[row.int64(0)]?.comments[Int(row.text(1)) ?? 0] = row.int64(2)
        }
        try connection.forEach("SELECT issue_id, jira_id, seconds FROM worklog") { row in
            issues[row.int64(0)]?.worklogs[Int(row.text(1)) ?? 0] = row.int(2)
        }
        try connection.forEach("SELECT issue_id, jira_id FROM attachment") { row in
            issues[row.int64(0)]?.attachments.insert(Int(row.text(1)) ?? 0)
        }
        try connection.forEach("SELECT issue_id, other_jira_id FROM issue_link") { row in
            issues[row.int64(0)]?.links.insert(row.int(1))
        }
        return Dictionary(issues.values.map { ($0.id, $0) }) { $1 }
    }
}
