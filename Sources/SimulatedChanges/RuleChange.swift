import FastJSON
import SimulatedData
import SimulatedSite

/// A change of rules or people asked for at the control door: `{"change":"setActors","project":"PAY","role":"Developers",
/// "users":["devi"],"groups":["developers"]}`.
struct RuleChange {
    let json: JSONValue
    let hand: SiteState.Hand

    /// False when `name` is no change of rules.
    func apply(_ name: String, _ state: inout SiteState) throws -> Bool {
        switch name {
        case "setMembers":
            let inner = json["subgroups"].flatMap { _ in try? groups("subgroups", state) }
            state.setMembers(
                try group("group", state), to: try users("members", state), subgroups: inner, by: hand)
        case "renameGroup": state.renameGroup(try group("group", state), to: try text("name"), by: hand)
        case "renameRole": state.renameRole(try role(try text("role"), nil, state), to: try text("name"), by: hand)
        case "setActive": state.setActive(try user("user", state), json["active"]?.bool ?? true)
        case "deleteUser": state.deleteUser(try user("user", state))
        case "setLicensedGroups":
            let key = try text("application")
            guard let position = state.applicationRoles.firstIndex(where: { $0.key == key }) else {
                throw DoorChangeError("There is no application '\(key)'.")
            }
            state.setLicensedGroups(position, to: try groups("groups", state), by: hand)
        case "setLevelMembers":
            guard let level = json["level"]?.integer.flatMap({ state.securityLevel(id: $0) }) else {
                throw DoorChangeError("The level does not exist.")
            }
            state.setLevelMembers(level.id, to: try holders(state), by: hand)
        default: return try applyToProject(name, &state)
        }
        return true
    }

    private func applyToProject(_ name: String, _ state: inout SiteState) throws -> Bool {
        let names = [
            "setActors", "setGrants", "setPermissionScheme", "setSecurityScheme", "setLead", "setAccess",
            "archiveProject", "renameProject", "trashProject", "restoreProject", "deleteProject",
        ]
        if name == "createProject", let model = state.project(idOrKey: try text("like")) {
            state.createProject(key: try text("key"), name: try text("name"), like: model.index, by: hand)
            return true
        }
        guard names.contains(name) else { return false }
        guard let project = json["project"]?.string.flatMap({ state.project(idOrKey: $0) }) else {
            throw DoorChangeError("The project does not exist.")
        }
        switch name {
        case "setActors":
            let role = try role(try text("role"), project, state)
            let people = try users("users", state).map { RoleActor.user($0) }
            state.setActors(
                project.index, role: role, to: people + (try groups("groups", state)).map { .group($0) }, by: hand)
        case "setGrants":
            let permission = json["permission"]?.string ?? "BROWSE_PROJECTS"
            state.setGrants(project.permissionScheme, permission, to: try holders(state, project), by: hand)
        case "setPermissionScheme":
            let wanted = try text("scheme")
            guard let scheme = state.permissionSchemes.first(where: { $0.name == wanted || String($0.id) == wanted })
            else { throw DoorChangeError("There is no permission scheme '\(wanted)'.") }
            state.setPermissionScheme(project.index, to: scheme.index, by: hand)
        case "setSecurityScheme":
            // Levels in use are cleared.
            let wanted = json["scheme"]?.string
            let scheme = state.securitySchemes.first { $0.name == wanted || String($0.id) == wanted }
            if let wanted, scheme == nil { throw DoorChangeError("There is no security scheme '\(wanted)'.") }
            state.setSecurityScheme(project.index, to: scheme?.index, by: hand)
        case "setLead": state.setLead(project.index, to: try user("user", state), by: hand)
        case "setAccess":
            guard let access = Project.Access(rawValue: try text("access")) else {
                throw DoorChangeError("access is open, limited or private.")
            }
            state.setAccess(project.index, to: access, by: hand)
        case "archiveProject": state.archiveProject(project.index, json["archived"]?.bool ?? true, by: hand)
        case "trashProject": state.trashProject(project.index, by: hand)
        case "restoreProject": state.restoreProject(project.index, by: hand)
        case "deleteProject": state.deleteProject(project.index, by: hand)
        default:
            if let name = json["name"]?.string { state.renameProject(project.index, name: name, by: hand) }
            if json["key"] != nil || json["name"] == nil {
                state.renameProject(project.index, key: try text("key"), by: hand)
            }
        }
        return true
    }

    /// Changes who is named in an issue, or whom it is restricted to.
    func apply(_ name: String, toIssue issue: Int, _ state: inout SiteState) throws {
        switch name {
        case "setReporter": state.setReporter(issue, to: try user("user", state), by: hand)
        case "setAssignee":
            state.setAssignee(issue, to: json["user"]?.string == nil ? nil : try user("user", state), by: hand)
        case "setUserField": state.setUserField(issue, try text("field"), to: try users("users", state), by: hand)
        case "setGroupField": state.setGroupField(issue, try text("field"), to: try groups("groups", state), by: hand)
        case "setRestriction":
            let project = state.projects[Int(state.row(issue).project)]
            let roles = try list("roles").map { try role($0, project, state) }
            state.setRestriction(issue, toRoles: roles, by: hand)
        default:
            guard try applyField(name, issue, &state) else {
                throw DoorChangeError("The change '\(name)' is unknown.")
            }
        }
    }

    /// Changes of fields that say nothing about who sees the issue.
    private func applyField(_ name: String, _ issue: Int, _ state: inout SiteState) throws -> Bool {
        let project = state.projects[Int(state.row(issue).project)]
        switch name {
        case "setPriority":
            state.setPriority(issue, to: try place("text", state.catalogue.priorities.map(\.name)), by: hand)
        case "setType": state.setType(issue, to: try place("text", state.catalogue.issueTypes.map(\.name)), by: hand)
        case "setFixVersion":
            state.setFixVersions(issue, to: [try place("text", project.versions.map(\.name))], by: hand)
        case "setSprint": state.setSprints(issue, to: [try place("text", state.sprints.map(\.name))], by: hand)
        case "addLink":
            guard let other = state.ordinal(idOrKey: try text("to")) else {
                throw DoorChangeError("The issue to link to does not exist.")
            }
            state.addLink(issue, other, by: hand)
        case "deleteLink": state.deleteLink(json["id"]?.integer ?? 0, of: issue, by: hand)
        default: return false
        }
        return true
    }

    private func place(_ member: String, _ names: [String]) throws -> Int {
        let wanted = try text(member)
        guard let place = names.firstIndex(of: wanted) else {
            throw DoorChangeError("There is nothing called '\(wanted)'.")
        }
        return place
    }

    // MARK: Words

    private func text(_ name: String) throws -> String {
        guard let text = json[name]?.string else { throw DoorChangeError("\(name) is missing.") }
        return text
    }

    private func list(_ name: String) -> [String] { json[name]?.array?.compactMap(\.string) ?? [] }

    private func user(_ name: String, _ state: SiteState) throws -> Int { try user(named: try text(name), state) }

    private func user(named name: String, _ state: SiteState) throws -> Int {
        guard let user = state.user(name: name) ?? state.user(accountID: name) ?? state.user(key: name) else {
            throw DoorChangeError("The user '\(name)' does not exist.")
        }
        return user.index
    }

    private func users(_ name: String, _ state: SiteState) throws -> [Int] {
        try list(name).map { try user(named: $0, state) }
    }

    private func group(_ name: String, _ state: SiteState) throws -> Int { try group(named: try text(name), state) }

    private func group(named name: String, _ state: SiteState) throws -> Int {
        guard let group = state.groups.first(where: { $0.name == name || $0.id == name }) else {
            throw DoorChangeError("The group '\(name)' does not exist.")
        }
        return group.index
    }

    private func groups(_ name: String, _ state: SiteState) throws -> [Int] {
        try list(name).map { try group(named: $0, state) }
    }

    /// A role by name or id; a team-managed project's own before the site's.
    private func role(_ name: String, _ project: Project?, _ state: SiteState) throws -> Int {
        let found = state.catalogue.roles.filter { $0.name == name || String($0.id) == name }
        guard let role = found.first(where: { $0.scope == project?.index && project != nil }) ?? found.first else {
            throw DoorChangeError("The role '\(name)' does not exist.")
        }
        return role.id
    }

    /// Holders as Jira writes them, people and groups by name: `{"type":"group","parameter":"developers"}`.
    private func holders(_ state: SiteState, _ project: Project? = nil) throws -> [Holder] {
        try (json["holders"]?.array ?? []).map { holder in
            let parameter = holder["parameter"]?.string
            switch (holder["type"]?.string ?? "", parameter) {
            case ("anyone", _): return .anyone
            case ("applicationRole", _): return .applicationRole(parameter)
            case ("projectLead", _): return .projectLead
            case ("reporter", _): return .reporter
            case ("assignee", _): return .assignee
            case ("sd.customer.portal.only", _): return .portalOnly
            case ("group", let name?): return .group(try group(named: name, state))
            case ("user", let name?): return .user(try user(named: name, state))
            case ("projectRole", let name?): return .projectRole(try role(name, project, state))
            case ("userCustomField", let field?): return .userCustomField(field)
            case ("groupCustomField", let field?): return .groupCustomField(field)
            case (let type, _): return .unknown(type: type, parameter: parameter)
            }
        }
    }
}
