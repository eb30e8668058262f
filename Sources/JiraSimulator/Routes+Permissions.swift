import FastJSON
import HTTPMessages
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addPermissions() {
        api(.get, "permissionscheme", scope: .configuration, needsLogin: true) { try $0.schemes() }
        api(.get, "permissionscheme/{id}", scope: .configuration, needsLogin: true) { try $0.scheme() }
        api(.get, "permissionscheme/{id}/permission", scope: .configuration, needsLogin: true) { try $0.grants() }
        api(.get, "project/{project}/permissionscheme", scope: .configuration, needsLogin: true) { call in
            let project = try call.project()
            try call.requireProjectReader(project)
            return call.answer(call.state.permissionSchemes[project.permissionScheme])
        }
        api(.get, "permissions", scope: .configuration, needsLogin: true) { call in
            try call.requireAdministrator()
            return .json { json in
                json.member(
                    "permissions",
                    object: { json in
                        for key in call.permissionKeys { json.member(key, object: { call.describe(key, &$0) }) }
                    })
            }
        }
        api(.get, "mypermissions") { try $0.myPermissions() }
        if isCloud {
            api(.post, "permissions/check") { try $0.check() }
            api(.post, "permissions/project") { try $0.permittedProjects() }
        }
    }
}

extension Call {
    // MARK: Schemes

    fileprivate func schemes() throws -> WebResponse {
        try requireAdministrator()
        let withGrants = expandsGrants
        // Cloud lists the schemes of company-managed projects only.
        let listed = state.permissionSchemes.filter { $0.scope == nil }
        return .json { json in
            json.member(
                "permissionSchemes",
                array: { json in
                    for scheme in listed { renderer.permissionScheme(scheme, withGrants: withGrants, &json) }
                })
        }
    }

    private var expandsGrants: Bool {
        let expansions = Expansions(query["expand"] ?? "")
        return ["permissions", "all", "group", "user", "projectRole", "field"].contains { expansions.has($0) }
    }

    private func namedScheme() throws -> PermissionScheme {
        try requireAdministrator()
        guard let scheme = state.permissionSchemes.first(where: { String($0.id) == capture("id") }) else {
            throw Refusal(404, "Permission scheme with ID \(capture("id")) doesn't exist.")
        }
        return scheme
    }

    fileprivate func scheme() throws -> WebResponse { answer(try namedScheme()) }

    fileprivate func answer(_ scheme: PermissionScheme) -> WebResponse {
        var json = JSONWriter()
        renderer.permissionScheme(scheme, withGrants: expandsGrants, &json)
        return .json(bytes: json.bytes)
    }

    fileprivate func grants() throws -> WebResponse {
        let scheme = try namedScheme()
        return .json { json in
            json.member(
                "permissions",
                array: { json in for grant in scheme.grants { renderer.grant(grant, of: scheme, &json) } })
            json.member("expand", "user,group,projectRole,field,all")
        }
    }

    // MARK: Questions

    fileprivate var permissionKeys: [String] {
        var keys = Set(state.permissionSchemes.flatMap { $0.grants.map(\.permission) })
        keys.formUnion(["BROWSE_PROJECTS", "ADMINISTER_PROJECTS", "SERVICEDESK_AGENT"])
        keys.formUnion(Self.globalPermissions)
        return keys.sorted()
    }

    /// Of those that an administrator of Jira has, and nobody else here.
    private static let globalPermissions: Set<String> = ["ADMINISTER", "SYSTEM_ADMIN", "USER_PICKER"]

    fileprivate func describe(_ key: String, _ json: inout JSONWriter) {
        json.member("key", key)
        json.member("name", key.lowercased().split(separator: "_").joined(separator: " "))
        json.member("type", Self.globalPermissions.contains(key) ? "GLOBAL" : "PROJECT")
        json.member("description", "")
    }

    fileprivate func myPermissions() throws -> WebResponse {
        guard isCloud || person != nil else { throw Refusal.needsLogin }
        let asked = (query["permissions"] ?? "").split(separator: ",").map(String.init)
        if isCloud, asked.isEmpty {
            throw Refusal(400, "The 'permissions' query parameter is required.")
        }
        let known = permissionKeys
        if let stranger = asked.first(where: { !known.contains($0) }) {
            throw Refusal(400, "Unrecognized permission: \(stranger)")
        }
        let viewer = viewer
        var issue: Int?
        var project: Int?
        if let name = query["issueKey"] ?? query["issueId"] {
            guard let ordinal = state.ordinal(idOrKey: name), viewer.sees(issue: ordinal) else {
                throw Refusal.issueNotFound
            }
            issue = ordinal
            project = Int(state.row(ordinal).project)
        } else if let name = query["projectKey"] ?? query["projectId"] {
            guard let found = state.project(idOrKey: name), viewer.sees(project: found.index) || viewer.isAdministrator
            else { throw Refusal.projectNotFound(name) }
            project = found.index
        }
        return .json { json in
            json.member(
                "permissions",
                object: { json in
                    for (position, key) in (asked.isEmpty ? known : asked).enumerated() {
                        json.member(
                            key,
                            object: { json in
                                json.member("id", String(position))
                                describe(key, &json)
                                json.member("havePermission", holds(key, project: project, issue: issue, viewer))
                            })
                    }
                })
        }
    }

    /// Whether the permission holds on the issue; else anywhere in the project; else in any project.
    private func holds(_ key: String, project: Int?, issue: Int?, _ viewer: Viewer) -> Bool {
        if Self.globalPermissions.contains(key) { return viewer.isAdministrator }
        if let project {
            if key == "BROWSE_PROJECTS", issue == nil { return viewer.sees(project: project) }
            return viewer.has(key, project: project, issue: issue)
        }
        return state.projects.contains { holds(key, project: $0.index, issue: nil, viewer) }
    }

    /// `POST permissions/check`: which of many issues and projects anybody may do what in.
    fileprivate func check() throws -> WebResponse {
        let body = try body()
        var subject = viewer
        if let account = body["accountId"]?.string, account != person?.accountID {
            try requireAdministrator()
            guard let user = state.user(accountID: account) else {
                throw Refusal(400, "The user with account ID '\(account)' does not exist.")
            }
            subject = simulator.viewer(.user(user.index), in: state)
        }
        let questions = body["projectPermissions"]?.array ?? []
        let global = body["globalPermissions"]?.array?.compactMap(\.string) ?? []
        let issues = questions.reduce(0) { $0 + ($1["issues"]?.array?.count ?? 0) }
        let projects = questions.reduce(0) { $0 + ($1["projects"]?.array?.count ?? 0) }
        guard issues <= 1_000, projects <= 1_000 else {
            throw Refusal(400, "At most 1000 projects and 1000 issues can be checked at once.")
        }
        return .json { json in
            json.member(
                "globalPermissions",
                array: { json in
                    for key in global where key == "ADMINISTER" && subject.isAdministrator { json.string(key) }
                })
            json.member(
                "projectPermissions",
                array: { json in
                    for question in questions {
                        for key in question["permissions"]?.array?.compactMap(\.string) ?? [] {
                            answer(key, question, subject, &json)
                        }
                    }
                })
        }
    }

    private func answer(_ key: String, _ question: JSONValue, _ subject: Viewer, _ json: inout JSONWriter) {
        let issues = question["issues"]?.array?.compactMap(\.integer) ?? []
        let projects = question["projects"]?.array?.compactMap(\.integer) ?? []
        json.object { json in
            json.member("permission", key)
            json.member(
                "issues",
                array: { json in
                    for id in issues {
                        guard let ordinal = state.ordinal(id: id), subject.sees(issue: ordinal) else { continue }
                        let project = Int(state.row(ordinal).project)
                        guard key == "BROWSE_PROJECTS" || subject.has(key, project: project, issue: ordinal) else {
                            continue
                        }
                        json.integer(id)
                    }
                })
            json.member(
                "projects",
                array: { json in
                    for id in projects {
                        guard let project = state.projects.first(where: { $0.id == id && !$0.isGone }),
                            holds(key, project: project.index, issue: nil, subject)
                        else { continue }
                        json.integer(id)
                    }
                })
        }
    }

    fileprivate func permittedProjects() throws -> WebResponse {
        let keys = try body()["permissions"]?.array?.compactMap(\.string) ?? []
        let viewer = viewer
        let found = state.projects.filter { project in
            !project.isGone && keys.allSatisfy { holds($0, project: project.index, issue: nil, viewer) }
        }
        return .json { json in
            json.member(
                "projects",
                array: { json in
                    for project in found {
                        json.object { json in
                            json.member("id", project.id)
                            json.member("key", project.key)
                        }
                    }
                })
        }
    }
}
