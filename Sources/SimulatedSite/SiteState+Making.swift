package import SimulatedData

/// What a builder of sites puts together itself, thing by thing.
extension SiteState {
    /// A site without anything in it but names of statuses, types and fields.
    ///
    /// - Parameter teamManaged: Positions of the projects that will be team-managed; each gets roles and types of its own.
    package init(empty configuration: SiteConfiguration, teamManaged: [Int]) {
        self.init(
            configuration: configuration, catalogue: SiteBuilder.catalogue(teamManaged: teamManaged, isPlain: true))
        moment = configuration.start
    }

    /// The id the next comment, worklog or attachment added by hand gets, so that its text can name it.
    package var upcomingPartID: Int { nextPartID + 1 }

    @discardableResult
    package mutating func addUser(
        name: String, displayName: String, accountID: String, email: String? = nil, showsEmail: Bool = true,
        kind: User.Kind = .atlassian, zone: SiteTimeZone = .utc
    ) -> Int {
        let index = users.count
        users.append(
            User(
                index: index, accountID: accountID, key: "JIRAUSER\(10_100 + index)", name: name,
                displayName: displayName, email: email ?? "\(name)@acme.example", showsEmail: showsEmail, kind: kind,
                isActive: true, isDeleted: false, timeZone: zone, locale: "en_US"))
        return index
    }

    @discardableResult
    package mutating func addGroup(_ name: String, id: String, members: [Int], subgroups: [Int] = []) -> Int {
        groups.append(
            Group(index: groups.count, id: id, name: name, members: Set(members).sorted(), subgroups: subgroups))
        return groups.count - 1
    }

    package mutating func addApplicationRole(_ key: String, _ name: String, groups: [Int]) {
        applicationRoles.append(ApplicationRole(key: key, name: name, groups: groups))
    }

    /// - Parameter grants: Holders by permission, in order.
    @discardableResult
    package mutating func addPermissionScheme(
        _ name: String, grants: [(permission: String, holders: [Holder])], scope: Int? = nil
    ) -> Int {
        let index = permissionSchemes.count
        let all = grants.flatMap { grant in grant.holders.map { (grant.permission, $0) } }
        permissionSchemes.append(
            PermissionScheme(
                index: index, id: 10_000 + index, name: name, description: "",
                grants: all.enumerated().map {
                    PermissionGrant(
                        id: 10_000 + index * 100 + $0.offset, permission: $0.element.0, holder: $0.element.1)
                }, scope: scope))
        return index
    }

    /// - Parameter levels: Names and members; the n-th level of scheme s has the id 10,100 + 100 s + n.
    @discardableResult
    package mutating func addSecurityScheme(_ name: String, levels: [(name: String, members: [Holder])]) -> Int {
        let index = securitySchemes.count
        securitySchemes.append(
            SecurityScheme(
                index: index, id: 10_000 + index, name: name, description: "", defaultLevel: nil,
                levels: levels.enumerated().map { position, level in
                    let id = 10_100 + index * 100 + position
                    return SecurityLevel(
                        id: id, name: level.name, description: "",
                        members: level.members.enumerated().map {
                            SecurityLevel.Member(id: id * 100 + $0.offset, holder: $0.element)
                        })
                }))
        return index
    }

    /// - Parameter actors: Who plays which role, by the role's id.
    @discardableResult
    package mutating func addProject(
        _ key: String, _ name: String, kind: Project.Kind = .software, access: Project.Access? = nil, lead: Int,
        permissionScheme: Int, securityScheme: Int? = nil, actors: [Int: [RoleActor]], components: [String] = []
    ) -> Int {
        let index = projects.count
        typealias Types = SiteBuilder.TypeIndex
        let types =
            access == nil
            ? [Types.epic, kind == .serviceDesk ? Types.request : Types.task, Types.bug, Types.subtask]
            : catalogue.issueTypes.indices.filter { catalogue.issueTypes[$0].scope == index }
        projects.append(
            Project(
                index: index, id: 10_000 + index, key: key, formerKeys: [], name: name, description: "", kind: kind,
                style: access == nil ? .companyManaged : .teamManaged, access: access, isArchived: false, lead: lead,
                permissionScheme: permissionScheme, securityScheme: securityScheme, actors: actors,
                issueTypes: types,
                components: components.enumerated().map {
                    Component(id: 10_000 + index * 20 + $0.offset, name: $0.element, description: "", lead: nil)
                }, versions: [], category: nil))
        namesPeople.append(false)
        numbers.append([])
        sprintsOfProject.append([])
        return index
    }

    /// Adds a release to a project and returns its position there.
    package mutating func addVersion(_ project: Int, _ name: String) -> Int {
        nextPartID += 1
        projects[project].versions.append(
            Version(
                id: nextPartID, name: name, description: "", isReleased: false, isArchived: false, startDay: nil,
                releaseDay: nil))
        return projects[project].versions.count - 1
    }

    /// Adds a component to a project and returns its position there.
    package mutating func addComponent(_ project: Int, _ name: String) -> Int {
        nextPartID += 1
        projects[project].components.append(Component(id: nextPartID, name: name, description: "", lead: nil))
        return projects[project].components.count - 1
    }

    /// Adds a board to a project and returns its position.
    package mutating func addBoard(_ project: Int, _ name: String, type: String = "scrum") -> Int {
        boards.append(Board(id: (boards.last?.id ?? 0) + 1, name: name, type: type, project: project))
        return boards.count - 1
    }

    /// Adds a sprint that has not begun to a board and returns its position.
    package mutating func addSprint(_ board: Int, _ name: String) -> Int {
        sprintsOfProject[boards[board].project].append(sprints.count)
        sprints.append(
            Sprint(
                id: (sprints.last?.id ?? 0) + 1, name: name, goal: "", state: .future, board: boards[board].id,
                start: nil, end: nil, completed: nil))
        return sprints.count - 1
    }

    /// Ends the making of people and projects, before the first issue.
    package mutating func settle() {
        originalUsers = users
        originalProjects = projects
    }

    /// Ties two issues together; neither counts as updated.
    package mutating func link(_ from: Int, _ to: Int, type: Int = 0) {
        nextPartID += 1
        for (one, other, isOutward) in [(from, to, true), (to, from, false)] {
            let link = IssueLink(id: nextPartID, type: type, isOutward: isOutward, other: other)
            links[one, default: []].append(link)
            overlay[one]?.links.append(link)
        }
    }
}
