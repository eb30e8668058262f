package import FastJSON
import SimulatedData
package import SimulatedRules
package import SimulatedSite

/// Writes the fields of one issue, noting what of it not everybody sees.
package struct FieldWriting {
    package let renderer: Renderer
    package let viewer: Viewer?
    package let ordinal: Int
    package let row: IssueRow
    package let content: IssueContent
    package let embeddedComments: Int
    package let embeddedWorklogs: Int
    package private(set) var conditions: Set<RenderedIssue.Condition> = []
    private let custom: [String: FieldValue]

    package init(
        renderer: Renderer, viewer: Viewer?, ordinal: Int, row: IssueRow, content: IssueContent, embeddedComments: Int,
        embeddedWorklogs: Int
    ) {
        self.renderer = renderer
        self.viewer = viewer
        self.ordinal = ordinal
        self.row = row
        self.content = content
        self.embeddedComments = embeddedComments
        self.embeddedWorklogs = embeddedWorklogs
        custom = Dictionary(content.customFields.map { ($0.id, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private var state: SiteState { renderer.state }
    private var project: Project { state.projects[Int(row.project)] }
    private var parts: Renderer.Parts { renderer.parts }

    /// Writes one field; `false` for one that this flavour does not have in its issues.
    package mutating func write(_ field: FieldDefinition, _ json: inout JSONWriter) -> Bool {
        guard field.isCustom else { return writeSystem(field.id, &json) }
        json.key(field.id)
        if let value = custom[field.id] {
            write(value, &json)
        } else if field.kind == "gh-lexo-rank" {
            json.string(content.rank)
        } else {
            json.null()
        }
        return true
    }

    private mutating func writeSystem(_ id: String, _ json: inout JSONWriter) -> Bool {
        if writePlain(id, &json) || writeTime(id, &json) { return true }
        switch id {
        case "issuelinks": json.member(id, array: { writeLinks(&$0) })
        case "subtasks": json.member(id, array: { writeSubtasks(&$0) })
        case "parent":
            guard row.parent >= 0, renderer.isCloud || state.catalogue.issueTypes[Int(row.type)].isSubtask,
                allows(.sees(issue: Int(row.parent)))
            else { return false }
            json.key(id)
            writeBrief(Int(row.parent), &json)
        case "attachment": json.member(id, array: { writeAttachments(&$0) })
        case "comment": json.member(id, object: { writeComments(&$0) })
        case "worklog": json.member(id, object: { writeWorklogs(&$0) })
        default: return false
        }
        return true
    }

    // MARK: What not everybody sees

    /// Whether the viewer may see what hangs on `condition`, which is noted.
    private mutating func allows(_ condition: RenderedIssue.Condition) -> Bool {
        guard let viewer else {
            conditions.insert(condition)
            return true
        }
        return switch condition {
        case .isIn(let visibility, let project): viewer.isIn(visibility, project: project)
        case .isAgent(let project): viewer.has("SERVICEDESK_AGENT", project: project)
        case .sees(let issue): viewer.sees(issue: issue)
        }
    }

    package mutating func allows(_ comment: Comment) -> Bool {
        if let visibility = comment.visibility, !allows(.isIn(visibility, project: Int(row.project))) { return false }
        return !renderer.state.isInternalNote(comment, project: Int(row.project))
            || allows(.isAgent(project: Int(row.project)))
    }

    package mutating func allows(_ worklog: Worklog) -> Bool {
        guard let visibility = worklog.visibility else { return true }
        return allows(.isIn(visibility, project: Int(row.project)))
    }

    package mutating func allows(_ attachment: Attachment) -> Bool {
        guard state.configuration.attachmentsInheritRestrictions, let id = attachment.comment,
            let comment = content.comments.first(where: { $0.id == id })
        else { return true }
        return allows(comment)
    }

    // MARK: Lists

    private mutating func writeComments(_ json: inout JSONWriter) {
        let comments = content.comments.filter { allows($0) }
        json.member(
            "comments",
            array: { json in
                for comment in comments.prefix(embeddedComments) { renderer.comment(comment, issue: ordinal, &json) }
            })
        json.member("self", "\(renderer.api)/issue/\(row.id)/comment")
        json.member("maxResults", min(comments.count, embeddedComments))
        json.member("total", comments.count)
        json.member("startAt", 0)
    }

    private mutating func writeWorklogs(_ json: inout JSONWriter) {
        let worklogs = content.worklogs.filter { allows($0) }
        json.member("startAt", 0)
        json.member("maxResults", embeddedWorklogs)
        json.member("total", worklogs.count)
        json.member(
            "worklogs",
            array: { json in
                for worklog in worklogs.prefix(embeddedWorklogs) { renderer.worklog(worklog, issue: ordinal, &json) }
            })
    }

    private mutating func writeAttachments(_ json: inout JSONWriter) {
        for attachment in content.attachments where allows(attachment) { renderer.attachment(attachment, &json) }
    }

    private mutating func writeLinks(_ json: inout JSONWriter) {
        for link in content.links where state.row(link.other).state != .deleted && allows(.sees(issue: link.other)) {
            json.object { json in
                json.member("id", String(link.id))
                json.member("self", "\(renderer.api)/issueLink/\(link.id)")
                json.member("type", raw: parts.linkTypes[link.type])
                json.key(link.isOutward ? "outwardIssue" : "inwardIssue")
                writeBrief(link.other, &json)
            }
        }
    }

    private mutating func writeSubtasks(_ json: inout JSONWriter) {
        for child in content.subtasks where state.row(child).state != .deleted && allows(.sees(issue: child)) {
            writeBrief(child, &json)
        }
    }

    /// Another issue as links, sub-tasks and parents show it.
    private func writeBrief(_ other: Int, _ json: inout JSONWriter) {
        let row = state.row(other)
        json.object { json in
            json.member("id", String(row.id))
            json.member("key", state.key(of: row))
            json.member("self", "\(renderer.api)/issue/\(row.id)")
            json.member(
                "fields",
                object: { json in
                    json.member("summary", state.summary(of: other))
                    json.member("status", raw: parts.statuses[Int(row.status)])
                    json.member("priority", raw: parts.priorities[Int(row.priority)])
                    json.member("issuetype", raw: parts.types[Int(row.type)])
                })
        }
    }
}
