import FastJSON
import IssueDecoding
public import IssueModel

/// Which part of the site's projects to list.
public enum ProjectState: String, Hashable, Sendable, CaseIterable {
    case live, archived
}

/// A project with what Jira says of it beyond ``IssueModel/Project``.
public struct FetchedProject: Hashable, Sendable {
    public var project: Project
    /// Current and former keys, where the site tells them.
    public var keys: [String]
    /// JSON of the project object.
    public var raw: [UInt8]
}

/// Accounts by login name, which is how Data Center names the people in a role.
public struct AccountDirectory: Sendable {
    private var ids: [String: AccountID] = [:]

    public init(_ accounts: [Account] = []) {
        add(accounts)
    }

    /// Adds accounts, in the place of those of the same name.
    public mutating func add(_ accounts: [Account]) {
        for account in accounts {
            if let name = account.name { ids[name.lowercased()] = account.id }
        }
    }

    func id(named name: String) -> AccountID {
        ids[name.lowercased()] ?? AccountID(name)
    }
}

extension JiraClient {
    /// Every project this account may see.
    ///
    /// Cloud: `GET /project/search`. Data Center: `GET /project`; archived ones only for administrators.
    public func projects(_ state: ProjectState = .live) async throws(JiraError) -> [FetchedProject] {
        let expand = ("expand", "lead,projectKeys,description")
        switch flavour {
        case .cloud:
            let call = Call(.get, "/project/search", query: [expand, ("status", state.rawValue)])
            return try await list(call, in: "values", pageSize: 100) { try Self.project($0, state) }
        case .dataCenter:
            let archive = state == .archived ? [("includeArchived", "true")] : []
            let projects = try await wholeList(Call(.get, "/project", query: [expand] + archive)) {
                try Self.project($0, .live)
            }
            return projects.filter { $0.project.isArchived == (state == .archived) }
        }
    }

    private static func project(_ view: JSONView, _ state: ProjectState) throws -> FetchedProject {
        let key = try view.required("key", \.string)
        let isTeam = view["style"]?.string == Project.Style.team.rawValue || view["simplified"]?.bool == true
        let project = Project(
            id: EntityID(try view.required("id", \.identifier)), key: key, name: view["name"]?.string ?? key,
            type: view["projectTypeKey"]?.string ?? "software", style: isTeam ? .team : .company,
            isPrivate: view["isPrivate"]?.bool ?? false,
            isArchived: view["archived"]?.bool ?? (state == .archived), lead: view["lead"].flatMap { Account($0)?.id },
            category: view["projectCategory"]?["name"]?.string)
        let keys = view["projectKeys"]?.elements.compactMap(\.string) ?? []
        return FetchedProject(project: project, keys: keys.isEmpty ? [key] : keys, raw: view.serialized())
    }

    /// Who plays each role in a project: `GET /project/{key}/role`, then one request a role.
    ///
    /// - Parameter people: On Data Center, the site's accounts, as roles name people by login name there.
    public func roleActors(
        in project: EntityID, people: AccountDirectory = AccountDirectory()
    ) async throws(JiraError) -> [RoleActors] {
        let ids = try await roleIDs(in: project)
        let found: [RoleActors?] = try await concurrently(ids) { (id) async throws(JiraError) in
            do throws(JiraError) {
                return try await self.roleActors(in: project, role: EntityID(id), people: people)
            } catch {
                // Removed since the roles were listed, which says nothing of the project.
                guard error.code == .notFound else { throw error }
                return nil
            }
        }
        return found.compactMap(\.self)
    }

    /// Who plays one role in a project. `GET /project/{key}/role/{id}`.
    ///
    /// - Throws: `notFound` where the site has no such role or the account may not see the project.
    public func roleActors(
        in project: EntityID, role: EntityID, people: AccountDirectory = AccountDirectory()
    ) async throws(JiraError) -> RoleActors {
        let call = Call(.get, "/project/{projectIdOrKey}/role/{id}", [project.rawValue, role.rawValue])
        return try await fetch(call) { try self.roleActors($0, people) }
    }

    /// The roles' addresses end in their ids: `{"Developers": "https://…/role/10001"}`.
    private func roleIDs(in project: EntityID) async throws(JiraError) -> [String] {
        try await fetch(Call(.get, "/project/{projectIdOrKey}/role", [project.rawValue])) { root in
            try root.members.map { member in
                let address = member.value.string ?? ""
                guard let id = address.split(separator: "/").last, Int64(id) != nil else {
                    throw IssueDecodingError.bad("role")
                }
                return String(id)
            }
        }
    }

    private func roleActors(_ view: JSONView, _ people: AccountDirectory) throws -> RoleActors {
        var actors = RoleActors(role: try view.entity(), accounts: [], groups: [])
        // Old Servers leave the list out where it is empty.
        for actor in try view["actors"] == nil ? view.elements : view.requiredArray("actors").elements {
            let name = actor["name"]?.string
            switch actor["type"]?.string {
            case "atlassian-group-role-actor"?:
                guard let group = actor["actorGroup"]?["name"]?.string ?? name else {
                    throw IssueDecodingError.bad("actors")
                }
                actors.groups.append(groupID(name: group, id: actor["actorGroup"]?["groupId"]?.string))
            case "atlassian-user-role-actor"?:
                if let id = actor["actorUser"]?["accountId"]?.string {
                    actors.accounts.append(AccountID(id))
                } else if let name = actor["actorUser"]?["name"]?.string ?? name {
                    actors.accounts.append(people.id(named: name))
                } else {
                    throw IssueDecodingError.bad("actors")
                }
            default: break
            }
        }
        return actors
    }

    /// A project's versions. `GET /project/{key}/version(s)`.
    public func versions(of project: EntityID) async throws(JiraError) -> [Version] {
        switch flavour {
        case .cloud:
            let call = Call(.get, "/project/{projectIdOrKey}/version", [project.rawValue])
            return try await list(call, in: "values", pageSize: 50) { try Version($0) }
        case .dataCenter:
            return try await wholeList(Call(.get, "/project/{projectIdOrKey}/versions", [project.rawValue])) {
                try Version($0)
            }
        }
    }

    /// A project's components. `GET /project/{key}/components`.
    public func components(of project: EntityID) async throws(JiraError) -> [Entity] {
        try await wholeList(Call(.get, "/project/{projectIdOrKey}/components", [project.rawValue])) {
            try $0.entity()
        }
    }
}
