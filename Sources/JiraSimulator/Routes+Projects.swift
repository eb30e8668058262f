import FastJSON
import HTTPMessages
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addProjects() {
        api(.get, "project") { call in
            let projects = call.visibleProjects.filter { !$0.isArchived || call.query["includeArchived"] == "true" }
            let expansions = Expansions(call.query["expand"] ?? "")
            return call.array(projects) { call.renderer.project($0, expansions, isDetail: false, &$1) }
        }
        if isCloud { api(.get, "project/search") { try $0.searchProjects() } }
        api(.get, "project/{project}") { call in
            let project = try call.project()
            var json = JSONWriter()
            call.renderer.project(
                project, Expansions(call.query["expand"] ?? "description,lead"), isDetail: true, &json)
            return .json(bytes: json.bytes)
        }
        api(.get, "project/{project}/components") { call in
            let project = try call.project()
            return call.array(project.components) { call.renderer.component($0, of: project, &$1) }
        }
        api(.get, "project/{project}/versions") { call in
            let project = try call.project()
            return call.array(project.versions) { call.renderer.version($0, project: project.index, &$1, full: true) }
        }
        api(.get, "project/{project}/version") { call in
            let project = try call.project()
            return try call.page(project.versions) {
                call.renderer.version($0, project: project.index, &$1, full: true)
            }
        }
        if isCloud {
            api(.get, "project/{project}/component") { call in
                let project = try call.project()
                return try call.page(project.components) { call.renderer.component($0, of: project, &$1) }
            }
        }
        api(.get, "project/{project}/statuses") { call in
            let project = try call.project()
            return call.array(project.issueTypes) { type, json in
                json.object { json in
                    let kind = call.state.catalogue.issueTypes[type]
                    json.member("self", "\(call.renderer.api)/issuetype/\(kind.id)")
                    json.member("id", String(kind.id))
                    json.member("name", kind.name)
                    json.member("subtask", kind.isSubtask)
                    json.member(
                        "statuses", array: { json in for status in call.renderer.parts.statuses { json.raw(status) } })
                }
            }
        }
        addRoles()
    }

    private mutating func addRoles() {
        api(.get, "role", scope: .configuration, needsLogin: true) { call in
            call.array(call.state.catalogue.roles) { role, json in
                json.object { json in call.renderer.members(of: role, "\(call.renderer.api)/role/\(role.id)", &json) }
            }
        }
        api(.get, "role/{id}", scope: .configuration, needsLogin: true) { call in
            guard let role = call.state.catalogue.roles.first(where: { String($0.id) == call.capture("id") }) else {
                throw Refusal(404, "Can not find a role with id \(call.capture("id")).")
            }
            // The actors here are those that new projects begin with; sites here have none.
            return .json { json in
                let renderer = call.renderer
                renderer.members(of: role, "\(renderer.api)/role/\(role.id)", &json)
                renderer.actors([], role: role.id, &json)
            }
        }
        api(.get, "project/{project}/role") { call in
            let project = try call.project()
            try call.requireProjectReader(project)
            return .json { json in
                for role in call.roles(of: project) {
                    json.member(role.name, "\(call.renderer.api)/project/\(project.id)/role/\(role.id)")
                }
            }
        }
        api(.get, "project/{project}/role/{id}") { call in
            let project = try call.project()
            try call.requireProjectReader(project)
            guard let role = call.roles(of: project).first(where: { String($0.id) == call.capture("id") }) else {
                throw Refusal(404, "Can not retrieve a role with id \(call.capture("id")).")
            }
            return .json { json in
                call.renderer.members(of: role, "\(call.renderer.api)/project/\(project.id)/role/\(role.id)", &json)
                call.renderer.actors(project.actors[role.id] ?? [], role: role.id, &json)
            }
        }
    }
}

extension Call {
    fileprivate var visibleProjects: [Project] {
        let viewer = viewer
        return state.projects.filter { !$0.isGone && (viewer.sees(project: $0.index) || viewer.isAdministrator) }
    }

    /// Roles and schemes of a project are for its administrators.
    func requireProjectReader(_ project: Project) throws {
        guard viewer.isAdministrator || viewer.has("ADMINISTER_PROJECTS", project: project.index) else {
            throw Refusal(
                isCloud ? 403 : 401, "You do not have permission to administer the project '\(project.key)'.")
        }
    }

    fileprivate func searchProjects() throws -> WebResponse {
        let wanted = query.all("status").flatMap { $0.split(separator: ",") }
        let text = (query["query"] ?? "").lowercased()
        let keys = Set(query.all("keys").map { $0.uppercased() })
        let ids = Set(query.all("id"))
        // What is in the trash shows to administrators, and only when it is asked for.
        let trash = viewer.isAdministrator && wanted.contains("deleted") ? state.projects.filter(\.isTrashed) : []
        let found = (visibleProjects + trash).filter { project in
            let isWanted =
                wanted.isEmpty
                ? !project.isArchived
                : project.isTrashed || wanted.contains(project.isArchived ? "archived" : "live")
            return isWanted && (keys.isEmpty || keys.contains(project.key))
                && (ids.isEmpty || ids.contains(String(project.id)))
                && (text.isEmpty || project.name.lowercased().contains(text) || project.key.lowercased().contains(text))
        }
        let expansions = Expansions(query["expand"] ?? "")
        return try page(found, default: 50, limit: 100) { renderer.project($0, expansions, isDetail: false, &$1) }
    }

    // MARK: Roles

    fileprivate func roles(of project: Project) -> [ProjectRole] {
        state.catalogue.roles.filter { role in
            project.style == .teamManaged
                ? role.scope == project.index || project.actors[role.id] != nil : role.scope == nil
        }
    }
}
