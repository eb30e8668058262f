internal import AtlassianDocument
internal import FastJSON
internal import IssueModel

/// An issue in the shape of Jira's API version 2, with the fields that Coco asks for: a document's payload.
struct JiraIssue {
    private let issue: IssueModel.Issue
    private let endpoint: String

    /// - Parameter issue: Already without what the reader may not see.
    init(_ issue: IssueModel.Issue, endpoint: String) {
        self.issue = issue
        self.endpoint = endpoint
    }

    var json: JSONValue {
        let address = endpoint + (endpoint.hasSuffix("/") ? "" : "/") + "rest/api/2/issue/\(issue.id)"
        return [
            "id": .string(issue.id.description), "self": .string(address), "key": .string(issue.key.description),
            "fields": fields,
        ]
    }

    private var fields: JSONValue {
        JSONValue.record(
            ("summary", .string(issue.summary)), ("description", issue.description.map { .string($0.plainText()) }),
            (
                "issuetype",
                [
                    "id": .string(issue.type.id.rawValue), "name": .string(issue.type.name),
                    "subtask": .bool(issue.type.isSubtask),
                ]
            ),
            (
                "project",
                [
                    "id": .string(issue.project.id.rawValue), "key": .string(issue.projectKey),
                    "name": .string(issue.project.name),
                ]
            ),
            ("status", Self.entity(issue.status.id, issue.status.name)),
            ("priority", issue.priority.map { Self.entity($0.id, $0.name) }),
            ("resolution", issue.resolution.map { Self.entity($0.id, $0.name) }),
            ("reporter", Self.account(issue.reporter)), ("assignee", Self.account(issue.assignee)),
            ("created", .string(issue.created.rfc3339)), ("updated", .string(issue.updated.rfc3339)),
            ("labels", .array(issue.labels.map { .string($0) })),
            ("comment", ["comments": .array(issue.comments.map(Self.comment))]),
            ("attachment", .array(issue.attachments.map(Self.attachment))))
    }

    private static func entity(_ id: EntityID, _ name: String) -> JSONValue {
        ["id": .string(id.rawValue), "name": .string(name)]
    }

    private static func account(_ account: Account?) -> JSONValue? {
        guard let account else { return nil }
        return JSONValue.record(
            ("accountId", .string(account.id.rawValue)), ("name", account.name.map { .string($0) }),
            ("displayName", .string(account.displayName)), ("active", .bool(account.isActive)))
    }

    private static func comment(_ comment: IssueModel.Comment) -> JSONValue {
        JSONValue.record(
            ("id", .string(comment.id.rawValue)), ("author", account(comment.author)),
            ("body", .string(comment.body.plainText())), ("created", .string(comment.created.rfc3339)),
            ("updated", .string(comment.updated.rfc3339)))
    }

    static func attachment(_ file: IssueModel.Attachment) -> JSONValue {
        JSONValue.record(
            ("id", .string(file.id.rawValue)), ("filename", .string(file.filename)), ("author", account(file.author)),
            ("created", .string(file.created.rfc3339)), ("size", .integer(file.size)),
            ("mimeType", .string(file.mimeType)), ("content", .string(file.contentURL)))
    }
}
