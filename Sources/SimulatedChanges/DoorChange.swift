public import FastJSON
public import SimulatedData
public import SimulatedSite

/// Why a change asked for in JSON cannot be made.
public struct DoorChangeError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A change as another process asks for it: `{"change":"addComment","issue":"PAY-1","text":"…"}`.
///
/// `by` names who makes it, `audited` false lets it leave no audit record, `bulk` true makes it part of a bulk change.
public struct DoorChange {
    let json: JSONValue
    let now: Milliseconds

    /// - Parameter now: When the change happens.
    public init(_ json: JSONValue, at now: Milliseconds) {
        self.json = json
        self.now = now
    }

    /// Makes the change; answers the id of what it made, if it made something.
    ///
    /// - Throws: ``DoorChangeError`` for an unknown change or a name that does not exist; the state may then be half changed.
    public func apply(to state: inout SiteState) throws -> Int? {
        let user = json["by"]?.string.flatMap { state.user(name: $0) } ?? state.users[0]
        let hand = SiteState.Hand(
            user: user.index, now: now, leavesAuditRecord: json["audited"]?.bool ?? true,
            isBulk: json["bulk"]?.bool ?? false)
        let name = json["change"]?.string ?? ""
        if let done = try applyToSite(name, json, hand, &state) { return done > 0 ? done : nil }
        if try NameChange(json: json, hand: hand).apply(name, &state) { return nil }
        if try RuleChange(json: json, hand: hand).apply(name, &state) { return nil }
        guard let issue = json["issue"]?.string.flatMap({ state.ordinal(idOrKey: $0) }) else {
            throw DoorChangeError("The change '\(name)' is unknown or its issue does not exist.")
        }
        let text = json["text"]?.string ?? ""
        switch name {
        case "setSummary": state.setSummary(issue, to: text, by: hand)
        case "setDescription": state.setDescription(issue, to: RichText(paragraph: text), by: hand)
        case "setLevel": state.setLevel(issue, to: json["level"]?.integer, by: hand)
        case "setLabels": state.setLabels(issue, to: json["labels"]?.array?.compactMap(\.string) ?? [], by: hand)
        case "setStatus":
            guard let status = state.catalogue.statuses.firstIndex(where: { $0.name == text }) else {
                throw DoorChangeError("There is no status '\(text)'.")
            }
            state.setStatus(issue, to: status, by: hand)
        case "addComment":
            return state.addComment(
                issue, RichText(paragraph: text), visibility: visibility(json, state),
                isInternal: json["internal"]?.bool ?? false, by: hand)
        case "addWorklog":
            return state.addWorklog(
                issue, seconds: json["seconds"]?.integer ?? 3_600, note: RichText(paragraph: text),
                visibility: visibility(json, state), by: hand)
        case "addAttachment":
            return state.addAttachment(
                issue, fileName: json["file"]?.string ?? "note.txt", file: SimulatedFile(text: text),
                comment: json["comment"]?.integer, by: hand)
        case "deleteIssue": state.deleteIssue(issue, by: hand)
        case "archiveIssue": state.archiveIssue(issue, json["archived"]?.bool ?? true)
        case "moveIssue":
            guard let project = json["project"]?.string.flatMap({ state.project(idOrKey: $0) }) else {
                throw DoorChangeError("The project to move to does not exist.")
            }
            state.moveIssue(issue, to: project.index, by: hand)
        default: try RuleChange(json: json, hand: hand).apply(name, toIssue: issue, &state)
        }
        return nil
    }

    /// Changes that concern no issue that exists; nil when `name` is none of them, 0 when nothing with an id was made.
    private func applyToSite(
        _ name: String, _ json: JSONValue, _ hand: SiteState.Hand, _ state: inout SiteState
    ) throws -> Int? {
        switch name {
        case "createIssue":
            guard let project = json["project"]?.string.flatMap({ state.project(idOrKey: $0) }) else {
                throw DoorChangeError("The project does not exist.")
            }
            let text = json["description"]?.string.map { RichText(paragraph: $0) }
            let issue = state.createIssue(
                project: project.index, summary: json["text"]?.string ?? "", description: text, by: hand)
            return state.row(issue).id
        case "deleteComment": _ = state.deleteComment(json["id"]?.integer ?? 0, by: hand)
        case "deleteWorklog": _ = state.deleteWorklog(json["id"]?.integer ?? 0, by: hand)
        case "deleteAttachment": _ = state.deleteAttachment(json["id"]?.integer ?? 0, by: hand)
        case "setVisibility":
            let (id, visibility) = (json["id"]?.integer ?? 0, visibility(json, state))
            guard
                state.setVisibility(ofComment: id, to: visibility, by: hand)
                    || state.setVisibility(ofWorklog: id, to: visibility, by: hand)
            else { throw DoorChangeError("There is no comment or worklog \(id).") }
        default: return nil
        }
        return 0
    }

    private func visibility(_ json: JSONValue, _ state: SiteState) -> Visibility? {
        if let role = json["role"]?.string.flatMap({ name in state.catalogue.roles.first { $0.name == name } }) {
            return .role(role.id)
        }
        return json["group"]?.string.flatMap { name in state.groups.first { $0.name == name } }.map { .group($0.index) }
    }
}
