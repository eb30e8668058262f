import AtlassianDocument
import FastJSON
import IssueModel

/// An issue while its fields are being read.
struct IssueDraft {
    private var issue: Issue
    private var truncated: Set<IssuePart> = []
    private var damaged: [DamagedPart] = []
    private var hasStatus = false
    private var hasTimestamps = (created: false, updated: false)

    init(id: IssueID, key: IssueKey) {
        let unknown = Entity(id: "", name: "")
        issue = Issue(
            id: id, key: key, project: unknown, projectKey: key.project, summary: "",
            type: IssueType(id: "", name: ""), status: Status(id: "", name: "", category: .undefined),
            created: Timestamp(milliseconds: 0), updated: Timestamp(milliseconds: 0))
    }

    func finish() throws(IssueDecodingError) -> IssueDecoder.Outcome {
        guard hasTimestamps.created else { throw .missing("created") }
        guard hasTimestamps.updated else { throw .missing("updated") }
        guard hasStatus else { throw .missing("status") }
        var (issue, damaged) = (issue, damaged)
        issue.closeAttachments(beside: &damaged)
        return IssueDecoder.Outcome(issue: issue, truncated: truncated, damaged: damaged)
    }

    mutating func take(_ field: SystemField, _ value: JSONView) throws {
        switch field {
        case .project:
            issue.project = try value.entity()
            if let key = value["key"]?.string { issue.projectKey = key.uppercased() }
        case .summary: issue.summary = value.string ?? ""
        case .description: issue.description = try RichText.document(value)
        case .environment: issue.environment = try RichText.document(value)
        case .issuetype: issue.type = try IssueType(value)
        case .status:
            issue.status = try Status(value)
            hasStatus = true
        case .priority: issue.priority = try value.entity()
        case .resolution: issue.resolution = try value.entity()
        case .assignee: issue.assignee = Account(value)
        case .reporter: issue.reporter = Account(value)
        case .creator: issue.creator = Account(value)
        case .labels: issue.labels = value.elements.compactMap(\.string)
        case .components: issue.components = try value.elements.map { try $0.entity() }
        case .fixVersions: issue.fixVersions = try value.elements.map { try Version($0) }
        case .versions: issue.affectedVersions = try value.elements.map { try Version($0) }
        case .security: issue.securityLevel = try value.entity()
        case .issuerestriction: issue.restrictedToRoles = Self.restriction(value)
        case .watches: issue.watches = value["watchCount"]?.integer.map { Int(clamping: $0) }
        case .votes: issue.votes = value["votes"]?.integer.map { Int(clamping: $0) }
        case .created, .updated, .resolutiondate, .duedate: try takeTime(field, value)
        case .timetracking, .progress, .aggregateprogress, .timespent, .timeestimate, .timeoriginalestimate:
            takeEffort(field, value)
        case .parent, .subtasks, .issuelinks: try takeRelation(field, value)
        case .comment, .worklog, .attachment: try takeList(field, value)
        case .lastViewed, .statusCategory, .issuekey, .thumbnail: break
        }
    }

    private mutating func takeTime(_ field: SystemField, _ value: JSONView) throws {
        switch field {
        case .created:
            issue.created = try value.timestamp()
            hasTimestamps.created = true
        case .updated:
            issue.updated = try value.timestamp()
            hasTimestamps.updated = true
        case .resolutiondate: issue.resolved = try value.timestamp()
        default:
            guard let date = value.date else { throw IssueDecodingError.bad("duedate") }
            issue.due = date
        }
    }

    private mutating func takeEffort(_ field: SystemField, _ value: JSONView) {
        switch field {
        case .timetracking:
            let tracking = TimeTracking(
                originalEstimate: value["originalEstimateSeconds"]?.integer,
                remainingEstimate: value["remainingEstimateSeconds"]?.integer,
                spent: value["timeSpentSeconds"]?.integer)
            if tracking != TimeTracking() { issue.timeTracking = tracking }
        case .progress: issue.progress = Progress(value)
        case .aggregateprogress: issue.aggregateProgress = Progress(value)
        case .timespent: fillTime(\.spent, value)
        case .timeestimate: fillTime(\.remainingEstimate, value)
        default: fillTime(\.originalEstimate, value)
        }
    }

    /// The single fields repeat `timetracking`, which some sites leave out.
    private mutating func fillTime(_ part: WritableKeyPath<TimeTracking, Int64?>, _ value: JSONView) {
        guard let seconds = value.integer else { return }
        var tracking = issue.timeTracking ?? TimeTracking()
        if tracking[keyPath: part] == nil { tracking[keyPath: part] = seconds }
        issue.timeTracking = tracking
    }

    private mutating func takeRelation(_ field: SystemField, _ value: JSONView) throws {
        switch field {
        case .parent: issue.parent = Relative(value)
        case .subtasks: issue.subtasks = value.elements.compactMap { Relative($0) }
        default: issue.links = value.elements.compactMap { IssueLink($0) }
        }
    }

    private mutating func takeList(_ field: SystemField, _ value: JSONView) throws {
        switch field {
        case .comment:
            let list = value["comments"].map { PartList($0.elements, .comment, IssueDecoder.comment) } ?? PartList()
            issue.comments = list.values
            damaged += list.damaged
            if value.isCutShort(after: list.count) { truncated.insert(.comments) }
        case .worklog:
            let list = value["worklogs"].map { PartList($0.elements, .worklog, IssueDecoder.worklog) } ?? PartList()
            issue.worklogs = list.values
            damaged += list.damaged
            if value.isCutShort(after: list.count) { truncated.insert(.worklogs) }
        default:
            let list = PartList(value.elements, .attachment) { try Attachment($0) }
            issue.attachments = list.values
            damaged += list.damaged
        }
    }

    mutating func take(changelog: JSONView) throws {
        issue.changes = try changelog["histories"]?.elements.map { try IssueDecoder.change($0) } ?? []
        // Cloud embeds the newest entries first, Data Center all of them oldest first.
        issue.changes.sort {
            ($0.at, $0.id.rawValue.count, $0.id.rawValue) < ($1.at, $1.id.rawValue.count, $1.id.rawValue)
        }
        if changelog.isCutShort(after: issue.changes.count) { truncated.insert(.changelog) }
    }

    mutating func take(other plan: FieldPlan?, _ member: JSONView.Member) throws {
        switch plan?.kind {
        case .sprints?: issue.sprints = member.value.elements.compactMap { Sprint($0) }
        case .rank?: issue.rank = member.value.string
        case .epicLink?: issue.epicKey = member.value.string.flatMap { IssueKey($0) }
        default:
            guard let value = try FieldValue(member.value, kind: plan?.kind ?? .any) else { return }
            let id = EntityID(member.name)
            issue.otherFields.append(Issue.OtherField(id: id, name: plan?.name ?? id.rawValue, value: value))
        }
    }

    /// `{"issuerestrictions": {"projectrole": [{"id": …, "name"?: …}]}}`; roles also occur as bare ids.
    ///
    /// A restriction that is not understood becomes a role that nobody plays: it must never become none.
    private static func restriction(_ value: JSONView) -> [Entity] {
        var roles: [Entity] = []
        let inner = value["issuerestrictions"]
        if let inner, !inner.isNull, inner.kind != .object { roles.append(notUnderstood("issuerestrictions")) }
        for member in (inner ?? value).members where !member.value.isNull {
            guard member.value.kind == .array else {
                // Beside the restrictions stands whether they are shown.
                if inner != nil || member.value.kind == .object { roles.append(notUnderstood(member.name)) }
                continue
            }
            for role in member.value.elements {
                let id = (role["id"] ?? role["roleId"] ?? role["projectRoleId"] ?? role["value"])?.identifier
                guard member.isNamed("projectrole"), let id = role.identifier ?? id else {
                    roles.append(notUnderstood(member.name))
                    continue
                }
                roles.append(Entity(id: EntityID(id), name: role["name"]?.string ?? id))
            }
        }
        return roles
    }

    private static func notUnderstood(_ name: String) -> Entity { Entity(id: "not-understood", name: name) }
}

extension JSONView {
    /// Whether a list object with `total` holds more than the `count` elements it came with.
    func isCutShort(after count: Int) -> Bool {
        guard let total = self["total"]?.integer else { return false }
        return total > Int64(count)
    }
}
