/// Changes administrators make. As in Jira, those to rules and names leave every issue's `updated` as it was.
extension SiteState {
    /// Deletes an issue and its sub-tasks; the audit log keeps the keys.
    public mutating func deleteIssue(_ ordinal: Int, by hand: Hand) {
        let subtasks = subtasks(of: ordinal)
        for gone in subtasks + [ordinal] {
            let content = content(of: gone)
            for worklog in content.worklogs {
                deletedWorklogs.append(DeletedWorklog(id: worklog.id, deleted: hand.now))
            }
            audit("Deleted Jira issue", "issue", key(of: gone), "ISSUE_DELETE", by: hand)
            rows[gone].state = .deleted
            for link in links[gone] ?? [] {
                links[link.other]?.removeAll { $0.id == link.id }
                overlay[link.other]?.links.removeAll { $0.id == link.id }
            }
            links[gone] = nil
            overlay[gone] = nil
            // What was below an epic stays, without a parent.
            for child in children[gone] ?? [] where rows[Int(child)].state != .deleted { rows[Int(child)].parent = -1 }
            children[gone] = nil
            let parent = Int(rows[gone].parent)
            if parent >= 0 { children[parent]?.removeAll { $0 == Int32(gone) } }
        }
    }

    /// Moves an issue and its sub-tasks to another project. Ids stay, keys change, former keys still find them.
    public mutating func moveIssue(_ ordinal: Int, to project: Int, by hand: Hand) {
        guard Int(rows[ordinal].project) != project else { return }
        let subtasks = subtasks(of: ordinal)
        for moved in [ordinal] + subtasks {
            let oldKey = key(of: moved)
            let oldProject = projects[Int(rows[moved].project)]
            // Positions of versions and components mean something else in the new project.
            var content = overlay[moved] ?? ContentMaker(self, moved).make()
            content.traits.components = []
            content.traits.fixVersions = []
            content.traits.affectedVersions = []
            content.traits.restrictedToRoles = []
            content.customFields.removeAll { field in
                switch field.value {
                case .version, .versions: true
                default: false
                }
            }
            movedFrom[moved, default: []].append(
                FormerKey(project: rows[moved].project, number: rows[moved].number))
            numbers[project].append(Int32(moved))
            rows[moved].project = Int16(project)
            rows[moved].number = Int32(numbers[project].count)
            if projects[project].securityScheme != oldProject.securityScheme { rows[moved].level = 0 }
            if !projects[project].issueTypes.contains(Int(rows[moved].type)) {
                let isSubtask = catalogue.issueTypes[Int(rows[moved].type)].isSubtask
                let types = projects[project].issueTypes
                rows[moved].type = UInt8(types.first { catalogue.issueTypes[$0].isSubtask == isSubtask } ?? types[0])
            }
            let id = takePartID(moved)
            content.changes.append(
                ChangeGroup(
                    id: id, author: hand.user, created: hand.now,
                    items: [
                        change(
                            "project", String(oldProject.id), oldProject.name, String(projects[project].id),
                            projects[project].name), change("Key", nil, oldKey, nil, key(of: moved)),
                    ]))
            overlay[moved] = content
            rows[moved].updated = max(hand.now, rows[moved].updated)
            moveInUpdateOrder(moved)
        }
        accessVersion += 1
    }

    /// Puts an issue away; search no longer finds it.
    public mutating func archiveIssue(_ ordinal: Int, _ isArchived: Bool = true) {
        guard rows[ordinal].state != .deleted else { return }
        rows[ordinal].state = isArchived ? .archived : .live
    }

    public mutating func archiveProject(_ project: Int, _ isArchived: Bool = true) {
        projects[project].isArchived = isArchived
        accessVersion += 1
    }

    /// Gives a project a new key; issues are found by both.
    public mutating func renameProject(_ project: Int, key: String, by hand: Hand) {
        audit("Project key changed", "projects", projects[project].key, "PROJECT", by: hand)
        projects[project].formerKeys.append(projects[project].key)
        projects[project].key = key.uppercased()
    }

    public mutating func setPermissionScheme(_ project: Int, to scheme: Int) {
        projects[project].permissionScheme = scheme
        accessVersion += 1
    }

    /// Replaces who holds one permission in a scheme.
    public mutating func setGrants(_ scheme: Int, _ permission: String, to holders: [Holder]) {
        permissionSchemes[scheme].grants.removeAll { $0.permission == permission }
        for holder in holders {
            nextPartID += 1
            permissionSchemes[scheme].grants.append(
                PermissionGrant(id: nextPartID, permission: permission, holder: holder))
        }
        accessVersion += 1
    }

    /// Replaces the members of a security level.
    public mutating func setLevelMembers(_ level: Int, to holders: [Holder]) {
        for scheme in securitySchemes.indices {
            guard let position = securitySchemes[scheme].levels.firstIndex(where: { $0.id == level }) else { continue }
            securitySchemes[scheme].levels[position].members = holders.enumerated().map {
                SecurityLevel.Member(id: level * 100 + $0.offset, holder: $0.element)
            }
        }
        accessVersion += 1
    }

    public mutating func setActors(_ project: Int, role: Int, to actors: [RoleActor]) {
        projects[project].actors[role] = actors
        accessVersion += 1
    }

    public mutating func setMembers(_ group: Int, to members: [Int], subgroups: [Int]? = nil) {
        groups[group].members = Set(members).sorted()
        if let subgroups { groups[group].subgroups = subgroups }
        accessVersion += 1
    }

    public mutating func setLead(_ project: Int, to user: Int) {
        projects[project].lead = user
        accessVersion += 1
    }

    /// Lets somebody log in, or no longer.
    public mutating func setActive(_ user: Int, _ isActive: Bool) {
        users[user].isActive = isActive
        accessVersion += 1
    }

    /// Deletes an account: what is left is an inactive "Former user".
    public mutating func deleteUser(_ user: Int) {
        users[user].isActive = false
        users[user].isDeleted = true
        users[user].displayName = "Former user"
        for group in groups.indices { groups[group].members.removeAll { $0 == user } }
        accessVersion += 1
    }

    private mutating func audit(_ summary: String, _ category: String, _ name: String, _ type: String, by hand: Hand) {
        auditRecords.append(
            AuditRecord(
                id: auditRecords.count + 1, summary: summary, category: category, created: hand.now, author: hand.user,
                objectName: name, objectType: type))
    }
}
