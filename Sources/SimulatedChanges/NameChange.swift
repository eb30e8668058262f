import FastJSON
import SimulatedData
import SimulatedSite

/// A change of a name or a setting asked for at the control door: `{"change":"renameStatus","from":"To Do","to":"Open"}`.
struct NameChange {
    let json: JSONValue
    let hand: SiteState.Hand

    /// False when `name` is no change of names.
    func apply(_ name: String, _ state: inout SiteState) throws -> Bool {
        let catalogue = state.catalogue
        switch name {
        case "renameStatus": state.renameStatus(try place(catalogue.statuses.map(\.name)), to: try to())
        case "renameType": state.renameIssueType(try place(catalogue.issueTypes.map(\.name)), to: try to(), by: hand)
        case "renamePriority": state.renamePriority(try place(catalogue.priorities.map(\.name)), to: try to())
        case "renameResolution": state.renameResolution(try place(catalogue.resolutions.map(\.name)), to: try to())
        case "renameLinkType": state.renameLinkType(try place(catalogue.linkTypes.map(\.name)), to: try to())
        case "renameField":
            state.renameField(catalogue.fields[try place(catalogue.fields.map(\.name))].id, to: try to())
        case "renameLevel":
            let levels = state.securitySchemes.flatMap(\.levels)
            state.renameLevel(levels[try place(levels.map(\.name))].id, to: try to())
        case "renameBoard": state.renameBoard(try place(state.boards.map(\.name)), to: try to(), by: hand)
        case "renameSprint": state.renameSprint(try place(state.sprints.map(\.name)), to: try to(), by: hand)
        case "startSprint": state.startSprint(try place(state.sprints.map(\.name)), by: hand)
        case "closeSprint": state.closeSprint(try place(state.sprints.map(\.name)), by: hand)
        case "renameUser": state.renameUser(try place(state.users.map(\.name)), to: try to(), by: hand)
        case "setTimeZone":
            guard let zone = SiteTimeZone(identifier: try to()) else {
                throw DoorChangeError("The time zone is unknown.")
            }
            state.setTimeZone(try place(state.users.map(\.name)), to: zone, by: hand)
        default: return try applyToProject(name, &state)
        }
        return true
    }

    private func applyToProject(_ name: String, _ state: inout SiteState) throws -> Bool {
        let names = [
            "createVersion", "renameVersion", "releaseVersion", "createComponent", "renameComponent", "createBoard",
            "createSprint",
        ]
        guard names.contains(name) else { return false }
        guard let project = json["project"]?.string.flatMap({ state.project(idOrKey: $0) }) else {
            throw DoorChangeError("The project does not exist.")
        }
        let (index, versions) = (project.index, project.versions.map(\.name))
        switch name {
        case "createVersion": state.createVersion(index, try to(), by: hand)
        case "renameVersion": state.renameVersion(try place(versions), of: index, to: try to(), by: hand)
        case "releaseVersion": state.releaseVersion(try place(versions), of: index, by: hand)
        case "createComponent": state.createComponent(index, try to())
        case "renameComponent":
            state.renameComponent(try place(project.components.map(\.name)), of: index, to: try to())
        case "createBoard": state.createBoard(index, try to(), by: hand)
        default:
            guard let board = state.boards.firstIndex(where: { $0.project == index }) else {
                throw DoorChangeError("The project has no board.")
            }
            state.createSprint(board, try to(), by: hand)
        }
        return true
    }

    private func to() throws -> String {
        guard let text = json["to"]?.string else { throw DoorChangeError("to is missing.") }
        return text
    }

    /// The position of what `from` names.
    private func place(_ names: [String]) throws -> Int {
        guard let name = json["from"]?.string, let place = names.firstIndex(of: name) else {
            throw DoorChangeError("from names nothing that exists.")
        }
        return place
    }
}
