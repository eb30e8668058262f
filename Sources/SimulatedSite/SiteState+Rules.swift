/// Changes of the rules of who may see what. As in Jira they leave every issue's `updated` as it was; on Cloud most leave a
/// line in the audit log. Without a hand, the first user changes them at the time of the change.
extension SiteState {
    public mutating func setPermissionScheme(_ project: Int, to scheme: Int, by hand: Hand? = nil) {
        projects[project].permissionScheme = scheme
        audit(
            "Permission scheme added to project", "permissions", item(permissionScheme: scheme),
            associated: [item(project: project)], by: hand)
    }

    /// Replaces who holds one permission in a scheme.
    public mutating func setGrants(
        _ scheme: Int, _ permission: String, to holders: [Holder], by hand: Hand? = nil
    ) {
        let before = self.holders(scheme, permission)
        permissionSchemes[scheme].grants.removeAll { $0.permission == permission }
        for holder in holders {
            nextPartID += 1
            permissionSchemes[scheme].grants.append(
                PermissionGrant(id: nextPartID, permission: permission, holder: holder))
        }
        auditHolders(
            "Permission scheme updated", of: item(permissionScheme: scheme), permission, before: before,
            after: holders, by: hand)
    }

    /// Who holds one permission in a scheme.
    public func holders(_ scheme: Int, _ permission: String) -> [Holder] {
        permissionSchemes[scheme].grants.filter { $0.permission == permission }.map(\.holder)
    }

    /// Gives a project another security scheme, or none. As when an administrator answers Jira's question what is to become
    /// of the levels in use: `mapping` has the new level of each old one, others are cleared. No issue's `updated` moves.
    public mutating func setSecurityScheme(
        _ project: Int, to scheme: Int?, mapping: [Int: Int] = [:], by hand: Hand? = nil
    ) {
        projects[project].securityScheme = scheme
        for ordinal in 0..<rows.count where Int(rows[ordinal].project) == project && rows[ordinal].level != 0 {
            rows[ordinal].level = Int32(mapping[Int(rows[ordinal].level)] ?? 0)
        }
        let object = scheme.map { AuditItem(id: nil, name: securitySchemes[$0].name, type: "SCHEME") }
        audit(
            "Issue security scheme added to project", "permissions",
            object ?? AuditItem(id: nil, name: "None", type: "SCHEME"), associated: [item(project: project)], by: hand)
    }

    /// Replaces the members of a security level.
    public mutating func setLevelMembers(_ level: Int, to holders: [Holder], by hand: Hand? = nil) {
        for scheme in securitySchemes.indices {
            guard let position = securitySchemes[scheme].levels.firstIndex(where: { $0.id == level }) else { continue }
            let before = securitySchemes[scheme].levels[position].members.map(\.holder)
            securitySchemes[scheme].levels[position].members = holders.enumerated().map {
                SecurityLevel.Member(id: level * 100 + $0.offset, holder: $0.element)
            }
            let object = AuditItem(
                id: String(securitySchemes[scheme].id), name: securitySchemes[scheme].name, type: "SCHEME")
            let name = securitySchemes[scheme].levels[position].name
            auditHolders("Issue security scheme updated", of: object, name, before: before, after: holders, by: hand)
        }
    }

    public mutating func setActors(_ project: Int, role: Int, to actors: [RoleActor], by hand: Hand? = nil) {
        let before = projects[project].actors[role] ?? []
        projects[project].actors[role] = actors
        let role = AuditItem(id: String(role), name: self.role(id: role)?.name ?? "", type: "PROJECT_ROLE")
        audit(
            "Project roles changed", "projects", item(project: project), associated: [role],
            changes: [AuditChange(field: "Actors", from: names(of: before), to: names(of: actors))], by: hand)
    }

    private func names(of actors: [RoleActor]) -> String {
        actors.map { actor in
            switch actor {
            case .user(let user): users[user].accountID
            case .group(let group): groups[group].name
            }
        }.joined(separator: ", ")
    }

    /// - Parameter subgroups: Data Center only; nil leaves them.
    public mutating func setMembers(
        _ group: Int, to members: [Int], subgroups: [Int]? = nil, by hand: Hand? = nil
    ) {
        let before = groups[group].members
        groups[group].members = Set(members).sorted()
        if let subgroups { groups[group].subgroups = subgroups }
        auditMembers(of: group, before: before, by: hand)
    }

    /// Replaces the groups whose members hold a product's licence.
    ///
    /// - Parameter role: A position in ``applicationRoles``.
    public mutating func setLicensedGroups(_ role: Int, to groups: [Int], by hand: Hand? = nil) {
        let before = names(of: applicationRoles[role].groups.map { .group($0) })
        applicationRoles[role].groups = groups
        audit(
            "Application access changed", "user management",
            AuditItem(id: applicationRoles[role].key, name: applicationRoles[role].name, type: "APPLICATION"),
            changes: [AuditChange(field: "Groups", from: before, to: names(of: groups.map { .group($0) }))], by: hand)
    }

    public mutating func setLead(_ project: Int, to user: Int, by hand: Hand? = nil) {
        let change = AuditChange(
            field: "Lead", from: users[projects[project].lead].accountID, to: users[user].accountID)
        projects[project].lead = user
        happen("project_updated", .project(project), by: hand)
        audit("Project updated", "projects", item(project: project), changes: [change], by: hand)
    }

    /// Opens or closes a team-managed project; others are left as they are.
    public mutating func setAccess(_ project: Int, to access: Project.Access, by hand: Hand? = nil) {
        guard let before = projects[project].access, access != before else { return }
        projects[project].access = access
        let scheme = projects[project].permissionScheme
        let everybody = Holder.applicationRole("jira-software")
        permissionSchemes[scheme].grants.removeAll { $0.permission == "BROWSE_PROJECTS" && $0.holder == everybody }
        if access != .private {
            nextPartID += 1
            permissionSchemes[scheme].grants.append(
                PermissionGrant(id: nextPartID, permission: "BROWSE_PROJECTS", holder: everybody))
        }
        let change = AuditChange(field: "Access level", from: before.rawValue, to: access.rawValue)
        audit("Project updated", "projects", item(project: project), changes: [change], by: hand)
    }

    public mutating func renameGroup(_ group: Int, to name: String, by hand: Hand? = nil) {
        let change = AuditChange(field: "Name", from: groups[group].name, to: name)
        groups[group].name = name
        audit("Group renamed", "group management", item(group: group), changes: [change], by: hand)
    }

    /// Renames a role. Restrictions name roles, so comments show the new name, and none of their issues counts as updated.
    public mutating func renameRole(_ id: Int, to name: String, by hand: Hand? = nil) {
        guard let position = catalogue.roles.firstIndex(where: { $0.id == id }) else { return }
        let change = AuditChange(field: "Name", from: catalogue.roles[position].name, to: name)
        catalogue.roles[position].name = name
        audit(
            "Project role updated", "projects", AuditItem(id: String(id), name: name, type: "PROJECT_ROLE"),
            changes: [change], by: hand)
    }

    /// Lets somebody log in, or no longer. The organisation keeps accounts, so Jira's audit log says nothing.
    public mutating func setActive(_ user: Int, _ isActive: Bool) {
        users[user].isActive = isActive
        happen("user_updated", .user(user), by: nil)
    }

    /// Deletes an account: what is left is an inactive "Former user".
    public mutating func deleteUser(_ user: Int) {
        users[user].isActive = false
        users[user].isDeleted = true
        users[user].displayName = "Former user"
        for group in groups.indices { groups[group].members.removeAll { $0 == user } }
        happen("user_deleted", .user(user), by: nil)
    }

    private func item(permissionScheme scheme: Int) -> AuditItem {
        AuditItem(id: String(permissionSchemes[scheme].id), name: permissionSchemes[scheme].name, type: "SCHEME")
    }
}
