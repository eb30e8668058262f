import SimulatedData
import SimulatedSite

/// Draws one thing that may happen to one picture of a site.
struct ContentDraw {
    typealias Kind = ContentMutation.Kind
    typealias Change = @Sendable (inout SiteState, SiteState.Hand) -> Void

    let state: SiteState
    var random: SeededRandom

    /// nil when the site has nothing this kind applies to.
    mutating func mutation(_ kind: Kind) -> ContentMutation? {
        switch kind {
        case .addComment, .editComment, .deleteComment, .addWorklog, .editWorklog, .deleteWorklog, .addAttachment,
            .deleteAttachment:
            part(kind)
        case .fixVersions, .components, .sprint, .epic, .link, .unlink, .approver: relation(kind)
        case .issueCreated, .subtaskCreated, .issueMoved, .issueDeleted, .issueArchived, .bulkStatus: whole(kind)
        case _ where Kind.edits.contains(kind): edit(kind)
        case .versionName, .versionReleased, .versionCreated, .componentName, .componentCreated, .boardName,
            .boardCreated, .sprintName, .sprintCreated, .sprintStarted, .sprintClosed:
            planning(kind)
        case .userName, .groupName, .roleName, .timeZone: people(kind)
        case _ where Kind.names.contains(kind) && kind != .projectName && kind != .projectKey: name(kind)
        default: project(kind)
        }
    }

    func make(_ kind: Kind, _ detail: String, _ change: @escaping Change) -> ContentMutation {
        ContentMutation(kind: kind, detail: detail, apply: change)
    }

    // MARK: Words and places

    mutating func word() -> String { random.hexadecimal(6) }

    /// An issue that can be opened and edited.
    mutating func issue() -> Int? {
        for _ in 0..<20 {
            let ordinal = random.below(max(state.issueCount, 1))
            guard ordinal < state.issueCount, state.row(ordinal).state == .live else { continue }
            let project = state.projects[Int(state.row(ordinal).project)]
            if !project.isGone, !project.isArchived { return ordinal }
        }
        return nil
    }

    /// A project that is there and in use; the first one is likelier.
    mutating func liveProject() -> Project? {
        let live = state.projects.filter { !$0.isGone && !$0.isArchived }
        return live.isEmpty ? nil : random.pick(live)
    }

    func id(_ issue: Int) -> String { String(state.row(issue).id) }

    // MARK: Edits

    private mutating func edit(_ kind: Kind) -> ContentMutation? {
        guard let issue = issue() else { return nil }
        let (word, row) = (word(), state.row(issue))
        switch kind {
        case .summary:
            let text = "\(state.summary(of: issue).prefix(150)) \(word)"
            return make(kind, id(issue)) { $0.setSummary(issue, to: text, by: $1) }
        case .issueDescription:
            var text = state.content(of: issue).description ?? RichText(paragraph: word)
            if text.blocks.count < 20 { text.blocks += RichText(paragraph: "More of it: \(word)").blocks }
            return make(kind, id(issue)) { [text] in $0.setDescription(issue, to: text, by: $1) }
        case .environment:
            return make(kind, id(issue)) { $0.setEnvironment(issue, to: RichText(paragraph: "On \(word)"), by: $1) }
        case .status:
            let status = random.below(state.catalogue.statuses.count)
            guard status != Int(row.status) else { return nil }
            return make(kind, "\(id(issue)) \(status)") { $0.setStatus(issue, to: status, by: $1) }
        case .priority:
            let priority = random.below(state.catalogue.priorities.count)
            return make(kind, "\(id(issue)) \(priority)") { $0.setPriority(issue, to: priority, by: $1) }
        case .issueType:
            let type = random.pick(state.projects[Int(row.project)].issueTypes)
            let (old, new) = (state.catalogue.issueTypes[Int(row.type)], state.catalogue.issueTypes[type])
            guard type != Int(row.type), old.hierarchyLevel == 0, new.hierarchyLevel == 0 else { return nil }
            return make(kind, "\(id(issue)) \(type)") { $0.setType(issue, to: type, by: $1) }
        case .assignee:
            let user = random.chance(0.2) ? nil : random.below(state.users.count)
            return make(kind, id(issue)) { $0.setAssignee(issue, to: user, by: $1) }
        case .labels:
            let labels = Array((state.traits(of: issue).labels.prefix(4)) + ["l-\(word)"])
            return make(kind, id(issue)) { $0.setLabels(issue, to: labels, by: $1) }
        case .due:
            let day = random.chance(0.2) ? nil : 20_500 + random.below(400)
            return make(kind, id(issue)) { $0.setDue(issue, to: day, by: $1) }
        case .rank: return make(kind, id(issue)) { $0.setRank(issue, to: "0|i\(word):", by: $1) }
        default:
            let seconds = random.within(1...40) * 3_600
            return make(kind, id(issue)) { $0.setEstimate(issue, to: seconds, by: $1) }
        }
    }

    private mutating func part(_ kind: Kind) -> ContentMutation? {
        guard let issue = issue() else { return nil }
        let content = state.content(of: issue)
        let text = RichText(paragraph: "Said of it: \(word())")
        switch kind {
        case .addComment: return make(kind, id(issue)) { $0.addComment(issue, text, by: $1) }
        case .editComment, .deleteComment:
            guard let comment = content.comments.randomElement(using: &random) else { return nil }
            if kind == .deleteComment { return make(kind, "\(comment.id)") { $0.deleteComment(comment.id, by: $1) } }
            var body = comment.body
            if body.blocks.count < 12 { body.blocks += text.blocks }
            return make(kind, "\(comment.id)") { [body] in
                $0.editComment(comment.id, to: body, visibility: comment.visibility, by: $1)
            }
        case .addWorklog:
            let seconds = random.within(1...8) * 1_800
            return make(kind, id(issue)) { $0.addWorklog(issue, seconds: seconds, note: text, by: $1) }
        case .editWorklog, .deleteWorklog:
            guard let worklog = content.worklogs.randomElement(using: &random) else { return nil }
            let id = worklog.id
            if kind == .deleteWorklog { return make(kind, "\(id)") { $0.deleteWorklog(id, by: $1) } }
            let seconds = worklog.seconds + 900
            return make(kind, "\(id)") {
                $0.editWorklog(id, seconds: seconds, note: worklog.note, visibility: worklog.visibility, by: $1)
            }
        case .addAttachment:
            let name = "notes-\(word()).txt"
            return make(kind, id(issue)) {
                $0.addAttachment(issue, fileName: name, file: SimulatedFile(text: "Notes \(name)\n"), by: $1)
            }
        default:
            guard let file = content.attachments.randomElement(using: &random) else { return nil }
            return make(kind, "\(file.id)") { $0.deleteAttachment(file.id, by: $1) }
        }
    }

    private mutating func relation(_ kind: Kind) -> ContentMutation? {
        guard let issue = issue() else { return nil }
        let project = state.projects[Int(state.row(issue).project)]
        switch kind {
        case .fixVersions:
            guard let version = project.versions.indices.randomElement(using: &random) else { return nil }
            return make(kind, "\(id(issue)) \(version)") { $0.setFixVersions(issue, to: [version], by: $1) }
        case .components:
            guard let component = project.components.indices.randomElement(using: &random) else { return nil }
            return make(kind, "\(id(issue)) \(component)") { $0.setComponents(issue, to: [component], by: $1) }
        case .sprint:
            let boards = Set(state.boards.filter { $0.project == project.index }.map(\.id))
            let open = state.sprints.indices.filter {
                boards.contains(state.sprints[$0].board) && state.sprints[$0].state != .closed
            }
            guard let sprint = open.randomElement(using: &random) else { return nil }
            let kept = state.traits(of: issue).sprints.filter { state.sprints[$0].state == .closed }
            return make(kind, "\(id(issue)) \(sprint)") { $0.setSprints(issue, to: kept + [sprint], by: $1) }
        case .epic:
            let epics = (0..<20).compactMap { _ in self.issue() }.filter {
                state.catalogue.issueTypes[Int(state.row($0).type)].hierarchyLevel == 1
            }
            guard let epic = epics.first, state.catalogue.issueTypes[Int(state.row(issue).type)].hierarchyLevel == 0
            else { return nil }
            return make(kind, "\(id(issue)) \(id(epic))") { $0.setEpic(issue, to: epic, by: $1) }
        case .link:
            guard let other = self.issue(), other != issue else { return nil }
            let type = random.below(state.catalogue.linkTypes.count)
            return make(kind, "\(id(issue)) \(id(other))") { $0.addLink(issue, other, type: type, by: $1) }
        case .unlink:
            guard let link = state.content(of: issue).links.randomElement(using: &random) else { return nil }
            return make(kind, "\(link.id)") { $0.deleteLink(link.id, of: issue, by: $1) }
        default:
            let user = random.below(state.users.count)
            return make(kind, id(issue)) { $0.setUserField(issue, "customfield_10060", to: [user], by: $1) }
        }
    }

    private mutating func whole(_ kind: Kind) -> ContentMutation? {
        guard let issue = issue(), let project = liveProject() else { return nil }
        let (row, word) = (state.row(issue), word())
        switch kind {
        case .issueCreated:
            return make(kind, "project \(project.id)") {
                $0.createIssue(
                    project: project.index, summary: "Begun \(word)", description: RichText(paragraph: "It is \(word)"),
                    by: $1)
            }
        case .subtaskCreated:
            guard row.parent < 0, state.catalogue.issueTypes[Int(row.type)].hierarchyLevel == 0 else { return nil }
            return make(kind, "under \(id(issue))") {
                $0.createIssue(project: Int(row.project), summary: "Part \(word)", parent: issue, by: $1)
            }
        case .issueMoved:
            let isSubtask = state.catalogue.issueTypes[Int(row.type)].isSubtask
            guard project.index != Int(row.project), !isSubtask else { return nil }
            return make(kind, "\(id(issue)) to \(project.id)") { $0.moveIssue(issue, to: project.index, by: $1) }
        case .issueDeleted: return make(kind, id(issue)) { $0.deleteIssue(issue, by: $1) }
        case .issueArchived:
            let back = (0..<state.issueCount).filter { state.row($0).state == .archived }
            if let archived = back.randomElement(using: &random), random.chance(0.5) {
                return make(kind, "\(id(archived)) back") { state, _ in state.archiveIssue(archived, false) }
            }
            return make(kind, id(issue)) { state, _ in state.archiveIssue(issue) }
        default:
            let some = Set((0..<random.within(3...8)).compactMap { _ in self.issue() }).sorted()
            let status = random.below(state.catalogue.statuses.count)
            return make(kind, "\(some.map(id).joined(separator: ",")) \(status)") { state, hand in
                for one in some { state.setStatus(one, to: status, by: hand) }
            }
        }
    }
}
