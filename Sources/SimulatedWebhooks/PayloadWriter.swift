import FastJSON
import SimulatedData
import SimulatedJSON
import SimulatedSite

/// Writes the bodies of deliveries: the shapes of REST version 2, whatever version the receiver speaks.
struct PayloadWriter {
    let change: SiteChange
    let base: String
    private let after: Renderer
    private let before: Renderer

    init(_ change: SiteChange, base: String) {
        self.change = change
        self.base = base
        func renderer(_ state: SiteState) -> Renderer {
            Renderer(
                state: state, version: .v2, base: base, zone: .utc,
                parts: Renderer.Parts(state, version: .v2, base: base))
        }
        after = renderer(change.after)
        // Only what a deletion takes away is shown as it was.
        let hasDeletion = change.events.contains { $0.name.hasSuffix("_deleted") }
        before = hasDeletion ? renderer(change.before) : after
    }

    private var flavour: SiteFlavour { change.after.configuration.flavour }

    func body(of event: SiteEvent) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 8_192)
        json.object { json in
            json.member("timestamp", Int(event.time))
            json.member("webhookEvent", event.name)
            write(event, &json)
        }
        return json.bytes
    }

    private func write(_ event: SiteEvent, _ json: inout JSONWriter) {
        switch event.subject {
        case .issue(let ordinal): writeIssueEvent(event, ordinal, &json)
        case .comment(let comment, let issue): writeCommentEvent(event, comment, issue, &json)
        case .worklog(let worklog, let issue):
            json.key("worklog")
            renderer(event).worklog(worklog, issue: issue, &json)
            json.member("isFromIssueLimitTransformation", false)
        case .attachment(let attachment, _):
            // Nothing says which issue it was.
            json.key("attachment")
            renderer(event).attachment(attachment, &json)
        case .link(let link, let from, let to): json.member("issueLink", object: { write(link, from, to, &$0) })
        case .project(let project): json.member("project", object: { writeProject(project, &$0) })
        case .version(let version, let project):
            json.key("version")
            after.version(version, project: project, &json, full: true)
        case .sprint(let sprint): json.member("sprint", object: { writeSprint(sprint, &$0) })
        case .board(let board):
            json.member(
                "board",
                object: { json in
                    json.member("id", board.id)
                    json.member("self", "\(base)/rest/agile/1.0/board/\(board.id)")
                    json.member("name", board.name)
                    json.member("type", board.type)
                })
        case .user(let user): json.member("user", object: { writeUser(user, &$0) })
        case .issueType(let type): json.member("issuetype", raw: after.parts.types[type])
        }
    }

    private func renderer(_ event: SiteEvent) -> Renderer { event.name.hasSuffix("_deleted") ? before : after }

    // MARK: Issues

    private func writeIssueEvent(_ event: SiteEvent, _ ordinal: Int, _ json: inout JSONWriter) {
        if let kind = event.kind, flavour != .server { json.member("issue_event_type_name", kind) }
        json.member("user", object: { writeUser(event.user, &$0) })
        json.key("issue")
        writeIssue(ordinal, renderer(event), &json)
        if let change = event.change ?? firstValues(event, ordinal) {
            json.member("changelog", object: { write(change, &$0) })
        }
        if let comment = event.comment {
            json.key("comment")
            after.comment(comment, issue: ordinal, &json)
        }
    }

    /// A new issue is told with what it begins with.
    private func firstValues(_ event: SiteEvent, _ ordinal: Int) -> ChangeGroup? {
        guard event.name == "jira:issue_created" else { return nil }
        let state = change.after
        let items = [
            state.change("summary", nil, nil, nil, state.summary(of: ordinal)),
            state.change("Status", nil, nil, "10001", state.catalogue.statuses[1].name),
        ]
        return ChangeGroup(id: 900_000_000 + ordinal, author: event.user, created: event.time, items: items)
    }

    /// Without comments and worklogs on Cloud; Data Center sends the whole issue.
    private func writeIssue(_ ordinal: Int, _ renderer: Renderer, _ json: inout JSONWriter) {
        let isCloud = flavour.isCloud
        let selection = FieldSelection(
            isCloud ? ["*all", "-comment", "-worklog"] : ["*all"], default: .everything, state: renderer.state)
        let issue = IssueRenderer(renderer: renderer, viewer: nil, embeddedComments: 100, embeddedWorklogs: 20)
            .render(ordinal, content: renderer.state.content(of: ordinal))
        var whole = JSONWriter(reservingCapacity: issue.size)
        whole.object { issue.write(selection, &$0) }
        // What could be expanded is not said here.
        let mark = Array("\"id\":".utf8)
        let start = whole.bytes.indices.first { whole.bytes[$0...].starts(with: mark) } ?? 1
        json.raw([UInt8(ascii: "{")] + whole.bytes[start...])
    }

    private func write(_ change: ChangeGroup, _ json: inout JSONWriter) {
        json.member("id", String(change.id))
        json.member(
            "items",
            array: { json in
                for item in change.items {
                    json.object { json in
                        json.member("field", item.field)
                        json.member("fieldtype", item.fieldType)
                        if flavour.isCloud { json.member("fieldId", item.fieldID) }
                        json.member("from", item.from)
                        json.member("fromString", item.fromString)
                        json.member("to", item.to)
                        json.member("toString", item.toString)
                    }
                }
            })
    }

    // MARK: Parts of issues

    private func writeCommentEvent(_ event: SiteEvent, _ comment: Comment, _ issue: Int, _ json: inout JSONWriter) {
        let renderer = renderer(event)
        // Data Center says who, but for new comments; Cloud never does, and shows a little of the issue.
        if !flavour.isCloud, event.name != "comment_created" {
            json.member("user", object: { writeUser(event.user, &$0) })
        }
        json.key("comment")
        renderer.comment(comment, issue: issue, &json)
        guard flavour.isCloud else { return }
        let row = renderer.state.row(issue)
        json.member(
            "issue",
            object: { json in
                json.member("id", String(row.id))
                json.member("self", "\(base)/rest/api/2/\(row.id)")
                json.member("key", renderer.state.key(of: row))
                json.member(
                    "fields",
                    object: { json in
                        json.member("summary", renderer.state.summary(of: issue))
                        json.member("issuetype", raw: renderer.parts.types[Int(row.type)])
                        json.member("project", raw: renderer.parts.projects[Int(row.project)])
                        json.key("assignee")
                        renderer.user(Int(row.assignee), &json)
                        json.member("priority", raw: renderer.parts.priorities[Int(row.priority)])
                        json.member("status", raw: renderer.parts.statuses[Int(row.status)])
                    })
            })
    }

    private func write(_ link: IssueLink, _ from: Int, _ to: Int, _ json: inout JSONWriter) {
        let type = change.after.catalogue.linkTypes[link.type]
        json.member("id", link.id)
        json.member("sourceIssueId", change.after.row(from).id)
        json.member("destinationIssueId", change.after.row(to).id)
        json.member(
            "issueLinkType",
            object: { json in
                json.member("id", type.id)
                json.member("name", type.name)
                json.member("outwardName", type.outward)
                json.member("inwardName", type.inward)
                json.member("isSubTaskLinkType", false)
                json.member("isSystemLinkType", false)
            })
        json.member("sequence", 1)
        json.member("systemLink", false)
    }

    // MARK: The rest

    private func writeProject(_ index: Int, _ json: inout JSONWriter) {
        let project = change.after.projects[index]
        json.member("self", "\(base)/rest/api/2/project/\(project.id)")
        json.member("id", project.id)
        json.member("key", project.key)
        json.member("name", project.name)
        json.member("projectLead", object: { writeUser(project.lead, &$0) })
        json.member("assigneeType", "admin.assignee.type.unassigned")
    }

    private func writeSprint(_ sprint: Sprint, _ json: inout JSONWriter) {
        json.member("id", sprint.id)
        json.member("self", "\(base)/rest/agile/1.0/sprint/\(sprint.id)")
        json.member("state", sprint.state.rawValue)
        json.member("name", sprint.name)
        if let start = sprint.start { json.member("startDate", PartWriter.instant(start)) }
        if let end = sprint.end { json.member("endDate", PartWriter.instant(end)) }
        if let completed = sprint.completed { json.member("completeDate", PartWriter.instant(completed)) }
        json.member("originBoardId", sprint.board)
        json.member("goal", sprint.goal)
    }

    private func writeUser(_ index: Int, _ json: inout JSONWriter) {
        let user = change.after.users[index]
        if flavour.isCloud {
            json.member("self", "\(base)/rest/api/2/user?accountId=\(user.accountID)")
            json.member("accountId", user.accountID)
        } else {
            json.member("self", "\(base)/rest/api/2/user?username=\(user.name)")
            json.member("name", user.name)
            json.member("key", user.key)
            json.member("emailAddress", user.email)
        }
        json.member("displayName", user.displayName)
        json.member("active", user.isActive)
        json.member("timeZone", user.timeZone.identifier)
        if flavour.isCloud { json.member("accountType", user.kind.rawValue) }
    }
}
