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
            audit(
                "Deleted Jira issue", "issue", AuditItem(id: nil, name: key(of: gone), type: "ISSUE_DELETE"), by: hand)
            happen("jira:issue_deleted", .issue(gone), by: hand, isSecondary: gone != ordinal)
            tellParts(of: gone, content, by: hand)
            erase(gone)
        }
    }

    /// Takes an issue away with everything that refers to it.
    package mutating func erase(_ gone: Int) {
        rows[gone].state = .deleted
        for link in links[gone] ?? [] {
            links[link.other]?.removeAll { $0.id == link.id }
            overlay[link.other]?.links.removeAll { $0.id == link.id }
        }
        links[gone] = nil
        overlay[gone] = .empty
        // What was below an epic stays, without a parent.
        for child in children[gone] ?? [] where rows[Int(child)].state != .deleted { rows[Int(child)].parent = -1 }
        children[gone] = nil
        let parent = Int(rows[gone].parent)
        if parent >= 0 { children[parent]?.removeAll { $0 == Int32(gone) } }
    }

    /// What hung on a deleted issue is told of later, each part by itself.
    private mutating func tellParts(of gone: Int, _ content: IssueContent, by hand: Hand) {
        for comment in content.comments {
            happen("comment_deleted", .comment(comment, issue: gone), by: hand, isSecondary: true)
        }
        for worklog in content.worklogs {
            happen("worklog_deleted", .worklog(worklog, issue: gone), by: hand, isSecondary: true)
        }
        for file in content.attachments {
            happen("attachment_deleted", .attachment(file, issue: gone), by: hand, isSecondary: true)
        }
        for link in links[gone] ?? [] {
            let (from, to) = link.isOutward ? (gone, link.other) : (link.other, gone)
            happen("issuelink_deleted", .link(link, from: from, to: to), by: hand, isSecondary: true)
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
            follow(project, &content)
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
            let group = ChangeGroup(
                id: takePartID(moved), author: hand.user, created: hand.now,
                items: [
                    change(
                        "project", String(oldProject.id), oldProject.name, String(projects[project].id),
                        projects[project].name), change("Key", nil, oldKey, nil, key(of: moved)),
                ])
            content.changes.append(group)
            overlay[moved] = content
            happen("jira:issue_updated", .issue(moved), kind: "issue_moved", change: group, by: hand)
            rows[moved].updated = max(hand.now, rows[moved].updated)
            moveInUpdateOrder(moved)
        }
    }

    /// Restrictions name a role; in another project they mean its role of that name, and nobody where it has none.
    private func follow(_ project: Int, _ content: inout IssueContent) {
        func moved(_ visibility: Visibility?) -> Visibility? {
            guard case .role(let id) = visibility, let old = role(id: id) else { return visibility }
            let isTeamManaged = projects[project].style == .teamManaged
            let new = catalogue.roles.first { $0.name == old.name && $0.scope == (isTeamManaged ? project : nil) }
            return new.map { .role($0.id) } ?? visibility
        }
        for index in content.comments.indices {
            content.comments[index].visibility = moved(content.comments[index].visibility)
        }
        for index in content.worklogs.indices {
            content.worklogs[index].visibility = moved(content.worklogs[index].visibility)
        }
    }

    /// Puts an issue away; search no longer finds it.
    public mutating func archiveIssue(_ ordinal: Int, _ isArchived: Bool = true) {
        guard rows[ordinal].state != .deleted else { return }
        rows[ordinal].state = isArchived ? .archived : .live
    }

    public mutating func archiveProject(_ project: Int, _ isArchived: Bool = true, by hand: Hand? = nil) {
        projects[project].isArchived = isArchived
        audit(isArchived ? "Project archived" : "Project restored", "projects", item(project: project), by: hand)
        happen(isArchived ? "project_archived" : "project_restored_archived", .project(project), by: hand)
    }

    /// Gives a project a new key; issues are found by both.
    public mutating func renameProject(_ project: Int, key: String, by hand: Hand) {
        let change = AuditChange(field: "Key", from: projects[project].key, to: key.uppercased())
        audit("Project key changed", "projects", item(project: project), changes: [change], by: hand)
        projects[project].formerKeys.append(projects[project].key)
        projects[project].key = key.uppercased()
        happen("project_updated", .project(project), by: hand)
    }
}
