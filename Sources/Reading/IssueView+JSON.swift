import AtlassianDocument
public import FastJSON
import IssueModel
import Store

extension IssueView {
    /// Writes the `issue` document as one value.
    public func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("id", issue.id.description)
            json.member("key", issue.key.description)
            json.strings("formerKeys", formerKeys)
            json.member("source", source)
            json.member("url", url)
            if let standing {
                json.member("state", standing.state.rawValue)
                json.member("stateMessage", standing.remark)
            }
            json.member("summary", issue.summary)
            json.member("descriptionMarkdown", issue.description?.markdown() ?? "")
            writeCategories(to: &json)
            writePeople(to: &json)
            writeRelations(to: &json)
            json.optional("securityLevel", issue.securityLevel?.name)
            json.member("created", issue.created.rfc3339)
            json.member("updated", issue.updated.rfc3339)
            json.optional("due", issue.due?.description)
            json.key("fields")
            json.object { json in
                for field in shownFields {
                    json.key(field.name)
                    field.value.write(to: &json)
                }
            }
            writeComments(to: &json)
            writeAttachments(to: &json)
            writeWorklogs(to: &json)
            writeChanges(to: &json)
            guard let freshness else { return }
            json.key("freshness")
            freshness.write(to: &json, details: false)
        }
    }

    private func writeCategories(to json: inout JSONWriter) {
        json.key("status")
        json.object {
            $0.member("id", issue.status.id.rawValue)
            $0.member("name", issue.status.name)
            $0.member("category", issue.status.category.rawValue)
        }
        json.member("type", issue.type.name)
        json.optional("priority", issue.priority?.name)
        json.optional("resolution", issue.resolution?.name)
        json.key("project")
        json.object {
            $0.member("id", issue.project.id.rawValue)
            $0.member("key", issue.projectKey)
            $0.member("name", issue.project.name)
        }
    }

    private func writePeople(to json: inout JSONWriter) {
        json.optional("assignee", issue.assignee?.displayName)
        json.optional("reporter", issue.reporter?.displayName)
    }

    private func writeRelations(to json: inout JSONWriter) {
        json.strings("labels", issue.labels)
        json.strings("components", issue.components.map(\.name))
        json.strings("fixVersions", issue.fixVersions.map(\.name))
        json.optional("parent", issue.parent?.key.description)
        json.strings("sprints", issue.sprints.map(\.name))
        json.key("links")
        json.array { json in
            for link in issue.links {
                json.object {
                    $0.member("type", link.typeName)
                    $0.member("direction", link.direction.rawValue)
                    $0.member("key", link.other.key.description)
                }
            }
        }
    }

    private func writeComments(to json: inout JSONWriter) {
        json.key("comments")
        json.array { json in
            for comment in issue.comments {
                json.object { json in
                    json.member("id", comment.id.rawValue)
                    json.member("author", comment.author?.displayName)
                    json.member("created", comment.created.rfc3339)
                    json.member("updated", comment.updated.rfc3339)
                    json.member("markdown", comment.body.markdown())
                    json.visibility(comment.visibility)
                    if comment.isInternal { json.member("internal", true) }
                }
            }
        }
    }

    private func writeAttachments(to json: inout JSONWriter) {
        json.key("attachments")
        json.array { json in
            for attachment in issue.attachments {
                json.object { json in
                    json.member("id", attachment.id.rawValue)
                    json.member("filename", attachment.filename)
                    json.member("mimeType", attachment.mimeType)
                    json.member("size", Int(attachment.size))
                    json.optional("author", attachment.author?.displayName)
                    json.member("created", attachment.created.rfc3339)
                }
            }
        }
    }

    private func writeWorklogs(to json: inout JSONWriter) {
        json.key("worklogs")
        json.array { json in
            for worklog in issue.worklogs {
                json.object { json in
                    json.member("id", worklog.id.rawValue)
                    json.member("author", worklog.author?.displayName)
                    json.member("started", worklog.started.rfc3339)
                    json.member("created", worklog.created.rfc3339)
                    json.member("updated", worklog.updated.rfc3339)
                    json.member("seconds", Int(worklog.seconds))
                    json.member("markdown", worklog.note?.markdown() ?? "")
                    json.visibility(worklog.visibility)
                }
            }
        }
    }

    private func writeChanges(to json: inout JSONWriter) {
        json.key("changes")
        json.array { json in
            for change in issue.changes {
                for item in change.items {
                    json.object { json in
                        json.member("at", change.at.rfc3339)
                        json.member("author", change.author?.displayName)
                        json.member("field", item.field)
                        json.member("from", item.fromText ?? item.from)
                        json.member("to", item.toText ?? item.to)
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// Writes a member only where there is a value.
    mutating func optional(_ name: String, _ value: String?) {
        if let value { member(name, value) }
    }

    mutating func strings(_ name: String, _ values: some Sequence<String>) {
        key(name)
        array { json in
            for value in values { json.string(value) }
        }
    }

    fileprivate mutating func visibility(_ visibility: Visibility?) {
        guard let visibility else { return }
        key("visibility")
        object {
            $0.member("type", visibility.kind.rawValue)
            $0.member("value", visibility.name)
        }
    }
}
