import FastJSON
import HTTPMessages
import SimulatedJSON
import SimulatedSite
import WebServer

extension Routes {
    mutating func addProjects() {
        api(.get, "project") { call in
            let projects = call.visibleProjects.filter { !$0.isArchived || call.query["includeArchived"] == "true" }
            let expansions = Expansions(call.query["expand"] ?? "")
            return call.array(projects) { call.writeProject($0, expansions, isDetail: false, &$1) }
        }
        if isCloud { api(.get, "project/search") { try $0.searchProjects() } }
        api(.get, "project/{project}") { call in
            let project = try call.project()
            var json = JSONWriter()
            call.writeProject(project, Expansions(call.query["expand"] ?? "description,lead"), isDetail: true, &json)
            return .json(bytes: json.bytes)
        }
        api(.get, "project/{project}/components") { call in
            let project = try call.project()
            return call.array(project.components) { call.writeComponent($0, project, &$1) }
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
                return try call.page(project.components) { call.writeComponent($0, project, &$1) }
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
                json.object { json in call.writeRole(role, "\(call.renderer.api)/role/\(role.id)", &json) }
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
                call.writeRole(role, "\(call.renderer.api)/project/\(project.id)/role/\(role.id)", &json)
                call.writeActors(project.actors[role.id] ?? [], role: role.id, &json)
            }
        }
    }
}

extension Call {
    fileprivate var visibleProjects: [Project] {
        let viewer = viewer
        return state.projects.filter { viewer.sees(project: $0.index) || viewer.isAdministrator }
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
        let found = visibleProjects.filter { project in
            let isWanted =
                wanted.isEmpty ? !project.isArchived : wanted.contains(project.isArchived ? "archived" : "live")
            return isWanted && (keys.isEmpty || keys.contains(project.key))
                && (ids.isEmpty || ids.contains(String(project.id)))
                && (text.isEmpty || project.name.lowercased().contains(text) || project.key.lowercased().contains(text))
        }
        let expansions = Expansions(query["expand"] ?? "")
        return try page(found, default: 50, limit: 100) { writeProject($0, expansions, isDetail: false, &$1) }
    }

    func writeProject(_ project: Project, _ expansions: Expansions, isDetail: Bool, _ json: inout JSONWriter) {
        json.object { json in
            json.member("expand", "description,lead,issueTypes,url,projectKeys,permissions,insight")
            json.member("self", "\(renderer.api)/project/\(project.id)")
            json.member("id", String(project.id))
            json.member("key", project.key)
            if isDetail || expansions.has("description") { json.member("description", project.description) }
            if isDetail || expansions.has("lead") || !isCloud {
                json.key("lead")
                renderer.user(project.lead, &json)
            }
            if isDetail {
                json.member(
                    "components",
                    array: { json in for component in project.components { renderer.component(component, &json) } })
                json.member(
                    "versions",
                    array: { json in
                        for version in project.versions {
                            renderer.version(version, project: project.index, &json, full: true)
                        }
                    })
            }
            if isDetail || expansions.has("issueTypes") {
                json.member(
                    "issueTypes",
                    array: { json in for type in project.issueTypes { json.raw(renderer.parts.types[type]) } })
            }
            json.member("name", project.name)
            if let category = project.category {
                json.member(
                    "projectCategory",
                    object: { json in
                        json.member("self", "\(renderer.api)/projectCategory/10000")
                        json.member("id", "10000")
                        json.member("name", category)
                        json.member("description", "")
                    })
            }
            json.member("projectTypeKey", project.kind.rawValue)
            json.member("archived", project.isArchived)
            if isCloud {
                json.member("simplified", project.style == .teamManaged)
                json.member("style", project.style.rawValue)
                json.member("isPrivate", project.isPrivate)
                json.member("properties", object: { _ in })
            }
            if expansions.has("projectKeys") {
                json.member(
                    "projectKeys",
                    array: { json in for key in [project.key] + project.formerKeys { json.string(key) } })
            }
        }
    }

    fileprivate func writeComponent(_ component: Component, _ project: Project, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(renderer.api)/component/\(component.id)")
            json.member("id", String(component.id))
            json.member("name", component.name)
            json.member("description", component.description)
            if let lead = component.lead {
                json.key("lead")
                renderer.user(lead, &json)
            }
            json.member("assigneeType", "PROJECT_DEFAULT")
            json.member("isAssigneeTypeValid", false)
            json.member("project", project.key)
            json.member("projectId", project.id)
        }
    }

    // MARK: Roles

    fileprivate func roles(of project: Project) -> [ProjectRole] {
        state.catalogue.roles.filter { role in
            project.style == .teamManaged
                ? role.scope == project.index || project.actors[role.id] != nil : role.scope == nil
        }
    }

    fileprivate func writeRole(_ role: ProjectRole, _ url: String, _ json: inout JSONWriter) {
        json.member("self", url)
        json.member("name", role.name)
        json.member("id", role.id)
        json.member("description", role.description)
        if isCloud { renderer.scope(role.scope, &json) }
    }

    fileprivate func writeActors(_ actors: [RoleActor], role: Int, _ json: inout JSONWriter) {
        json.member(
            "actors",
            array: { json in
                for (position, actor) in actors.enumerated() {
                    json.object { json in
                        json.member("id", role * 100 + position)
                        switch actor {
                        case .user(let index): writeActor(state.users[index], &json)
                        case .group(let index): writeActor(state.groups[index], &json)
                        }
                    }
                }
            })
    }

    private func writeActor(_ user: User, _ json: inout JSONWriter) {
        json.member("displayName", user.displayName)
        json.member("type", "atlassian-user-role-actor")
        if isCloud {
            json.member("actorUser", object: { $0.member("accountId", user.accountID) })
        } else {
            json.member("name", user.name)
        }
    }

    private func writeActor(_ group: Group, _ json: inout JSONWriter) {
        json.member("displayName", group.name)
        json.member("type", "atlassian-group-role-actor")
        json.member("name", group.name)
        if isCloud {
            json.member(
                "actorGroup",
                object: { json in
                    json.member("name", group.name)
                    json.member("displayName", group.name)
                    json.member("groupId", group.id)
                })
        }
    }
}
