import AtlassianDocument
import IssueModel

extension IssueView {
    /// The issue as a Markdown page for people.
    public var markdown: String {
        var page = "# \(issue.key) \(MarkdownText.escaped(issue.summary))\n\n"
        if let standing { page += "> \(MarkdownText.escaped(standing.remark))\n\n" }
        for (name, value) in facts where !value.isEmpty {
            page += "- **\(MarkdownText.escaped(name)):** \(MarkdownText.escaped(value))\n"
        }
        page += "- <\(url)>\n"
        appendSection("Description", issue.description?.markdown(), to: &page)
        for field in shownFields {
            if case .field(.document(let document)) = field.value {
                appendSection(field.name, document.markdown(), to: &page)
            }
        }
        appendLinks(to: &page)
        appendAttachments(to: &page)
        appendComments(to: &page)
        appendWorklogs(to: &page)
        appendHistory(to: &page)
        return page
    }

    private var facts: [(String, String)] {
        var facts = [
            ("Status", "\(issue.status.name) (\(issue.status.category.title))"),
            ("Type", issue.type.name),
            ("Project", "\(issue.project.name) (\(issue.projectKey))"),
            ("Priority", issue.priority?.name ?? ""),
            ("Resolution", issue.resolution?.name ?? ""),
            ("Assignee", issue.assignee?.displayName ?? ""),
            ("Reporter", issue.reporter?.displayName ?? ""),
            ("Labels", issue.labels.joined(separator: ", ")),
            ("Components", issue.components.map(\.name).joined(separator: ", ")),
            ("Fix versions", issue.fixVersions.map(\.name).joined(separator: ", ")),
            ("Parent", issue.parent?.key.description ?? ""),
            ("Sprints", issue.sprints.map(\.name).joined(separator: ", ")),
            ("Security level", issue.securityLevel?.name ?? ""),
            ("Due", issue.due?.description ?? ""),
            ("Created", issue.created.forPeople),
            ("Updated", issue.updated.forPeople),
            ("Earlier keys", formerKeys.joined(separator: ", ")),
        ]
        for field in shownFields where field.name != "Status Category" {
            if case .field(.document) = field.value { continue }
            // Where nothing is estimated or booked, there is nothing to tell.
            if case .field(.progress(_, 0, _)) = field.value { continue }
            facts.append((field.name, field.value.text))
        }
        return facts
    }

    private func appendSection(_ title: String, _ body: String?, to page: inout String) {
        guard let body, !body.isEmpty else { return }
        page += "\n## \(MarkdownText.escaped(title))\n\n\(body)"
        if !body.hasSuffix("\n") { page += "\n" }
    }

    private func appendLinks(to page: inout String) {
        guard !issue.links.isEmpty else { return }
        page += "\n## Links\n\n"
        for link in issue.links { page += "- \(MarkdownText.escaped(link.phrase)) \(link.other.key)\n" }
    }

    private func appendAttachments(to page: inout String) {
        guard !issue.attachments.isEmpty else { return }
        page += "\n## Attachments\n\n"
        for attachment in issue.attachments {
            let name = MarkdownText.escaped(attachment.filename)
            page += "- \(name) (\(MarkdownText.escaped(attachment.mimeType)), \(attachment.size) bytes)\n"
        }
    }

    private func appendComments(to page: inout String) {
        guard !issue.comments.isEmpty else { return }
        page += "\n## Comments\n"
        for comment in issue.comments {
            var title = "\(comment.author?.displayName ?? "Anonymous"), \(comment.created.forPeople)"
            if let visibility = comment.visibility { title += ", visible to \(visibility.kind) \(visibility.name)" }
            if comment.isInternal { title += ", internal" }
            page += "\n### \(MarkdownText.escaped(title))\n\n\(comment.body.markdown())\n"
        }
    }

    private func appendWorklogs(to page: inout String) {
        guard !issue.worklogs.isEmpty else { return }
        page += "\n## Work\n\n"
        for worklog in issue.worklogs {
            let who = MarkdownText.escaped(worklog.author?.displayName ?? "Anonymous")
            page += "- \(Duration.words(worklog.seconds)), \(who), \(worklog.started.forPeople)"
            let note = worklog.note?.plainText() ?? ""
            page += note.isEmpty ? "\n" : ": \(MarkdownText.escaped(note))\n"
        }
    }

    private func appendHistory(to page: inout String) {
        guard !issue.changes.isEmpty else { return }
        page += "\n## History\n\n"
        for change in issue.changes {
            for item in change.items {
                let from = MarkdownText.escaped(MarkdownText.shortened(item.fromText ?? item.from ?? ""))
                let to = MarkdownText.escaped(MarkdownText.shortened(item.toText ?? item.to ?? ""))
                let who = MarkdownText.escaped(change.author?.displayName ?? "Anonymous")
                let field = MarkdownText.escaped(item.field)
                let what =
                    from.isEmpty
                    ? "\(field) set to “\(to)”"
                    : to.isEmpty
                        ? "\(field) “\(from)” removed"
                        : "\(field) “\(from)” → “\(to)”"
                page += "- \(change.at.forPeople), \(who): \(what)\n"
            }
        }
    }
}

extension Timestamp {
    /// `2026-03-05 04:34 UTC`: to the minute, for people.
    var forPeople: String {
        let text = rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}

/// Plain text inside Markdown.
enum MarkdownText {
    /// One line in which no character means anything to Markdown.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "#", "|", "~", "&", "!":
                result.unicodeScalars.append("\\")
                result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result.unicodeScalars.append(" ")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func shortened(_ text: String) -> String {
        text.count > 200 ? "\(text.prefix(200))…" : text
    }
}
