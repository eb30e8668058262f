internal import Store
internal import AtlassianDocument
internal import FastJSON
internal import IssueModel
internal import Reading

/// One issue, or one attachment, as the documents that Coco makes of them.
///
/// Made of a view, which holds only what the reader may see: a comment that is restricted to others is not in the content.
struct CocoDocument {
    let dataSource: DataSource
    let view: IssueView
    /// Where clients reach this server.
    let baseURL: String

    private var issue: IssueModel.Issue { view.issue }

    /// Bytes of content that a search's hits have of each document; a single one has all.
    static let listedContentLimit = 32_768

    /// - Parameter withPayload: Whether the issue itself is added, as a single document has it and a search's hits have not.
    func issueDocument(withPayload: Bool) throws -> JSONValue {
        let id = try DocumentID(issue: issue.key.description, of: dataSource.id).text
        let content = self.content
        let shown = withPayload ? content : Self.beginning(of: content)
        return JSONValue.record(
            ("id", .string(id)), ("created", .string(issue.created.rfc3339)),
            ("updated", .string(issue.updated.rfc3339)), ("_system", system), ("source", dataSource.reference),
            ("type", "jira_issue"), ("icon", "default"), ("title", .string(issue.summary)), ("url", .string(view.url)),
            ("content", .string(shown)), ("size", .integer(Int64(content.utf8.count))),
            ("category", .string(path)), ("categories", categories),
            ("tags", .array(issue.labels.map { .string($0) })), ("owner", Self.owner(issue.reporter)),
            ("metadata", metadata(id, title: issue.summary)),
            ("payload", withPayload ? ["issue": JiraIssue(issue, endpoint: dataSource.source.url).json] : nil),
            ("processed", false))
    }

    /// The document of one attachment; `nil` where the reader does not see it.
    func attachmentDocument(_ attachment: EntityID, withPayload: Bool) throws -> JSONValue? {
        guard let file = issue.attachments.first(where: { $0.id == attachment }) else { return nil }
        let id = try DocumentID(attachment: file.id, of: issue.key.description, in: dataSource.id).text
        let title = "[Attachment] \(file.filename)"
        return JSONValue.record(
            ("id", .string(id)), ("created", .string(file.created.rfc3339)), ("_system", system),
            ("source", dataSource.reference), ("type", "jira_attachment"), ("icon", "default"),
            ("title", .string(title)), ("url", .string(file.contentURL)), ("size", .integer(file.size)),
            ("category", .string(path)), ("categories", categories), ("owner", Self.owner(file.author)),
            ("metadata", metadata(id, title: title).with("mime_type", .string(file.mimeType))),
            ("payload", withPayload ? ["attachment": JiraIssue.attachment(file)] : nil), ("processed", false))
    }

    private var path: String { issue.project.name.isEmpty ? "/" : "/\(issue.project.name)/" }

    private var categories: JSONValue { issue.project.name.isEmpty ? [] : [.string(issue.project.name)] }

    private var system: JSONValue { ["owner_id": .string(dataSource.owns), "parent_path": .string(path)] }

    /// The description and, where the data source says so, the comments. Lines stay lines.
    private var content: String {
        var parts = [issue.description?.plainText() ?? ""]
        if dataSource.indexesComments {
            parts += issue.comments.map {
                "[Comment by \($0.author?.displayName ?? "Unknown")]: \($0.body.plainText())"
            }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func metadata(_ id: String, title: String) -> JSONValue {
        JSONValue.record(
            ("issue_key", .string(issue.key.description)), ("issue_id", .string(issue.id.description)),
            ("project_key", .string(issue.projectKey)), ("project_name", .string(issue.project.name)),
            ("status", .string(issue.status.name)), ("issue_type", .string(issue.type.name)),
            ("priority", issue.priority.map { .string($0.name) }),
            ("resolution", issue.resolution.map { .string($0.name) }),
            ("assignee", issue.assignee.map { .string($0.displayName) }),
            ("raw_content", .string("\(baseURL)/document/\(id)/raw_content/\(Self.segment(title))")))
    }

    private static func beginning(of text: String) -> String {
        guard text.utf8.count > listedContentLimit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: listedContentLimit)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }

    private static func owner(_ account: Account?) -> JSONValue {
        guard let account else { return ["username": "Unknown", "userid": ""] }
        return ["username": .string(account.displayName), "userid": .string(account.id.rawValue)]
    }

    /// Text as one segment of a path, cut to what serves as a hint.
    private static func segment(_ text: String) -> String {
        text.unicodeScalars.prefix(80).reduce(into: "") { path, scalar in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || scalar == "-" || scalar == "." || scalar == "_" {
                path.unicodeScalars.append(scalar)
            } else {
                for byte in String(scalar).utf8 {
                    path += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
            }
        }
    }
}
