public import SimulatedSite

/// Projects that go, come back or are called something else.
extension SiteState {
    /// Makes a company-managed project with the schemes, roles and lead of another, and returns its position.
    @discardableResult
    public mutating func createProject(key: String, name: String, like model: Int, by hand: Hand) -> Int {
        let old = projects[model]
        let project = addProject(
            key.uppercased(), name, kind: old.kind, lead: old.lead, permissionScheme: old.permissionScheme,
            securityScheme: old.securityScheme, actors: old.actors)
        originalProjects.append(projects[project])
        audit("Project created", "projects", item(project: project), by: hand)
        happen("project_created", .project(project), by: hand)
        return project
    }

    public mutating func renameProject(_ project: Int, name: String, by hand: Hand) {
        let change = AuditChange(field: "Name", from: projects[project].name, to: name)
        projects[project].name = name
        audit("Project updated", "projects", item(project: project), changes: [change], by: hand)
        happen("project_updated", .project(project), by: hand)
    }

    /// Puts a project into the trash: on Cloud it may come back for sixty days. Nobody sees it or its issues meanwhile.
    public mutating func trashProject(_ project: Int, by hand: Hand) {
        guard !projects[project].isGone else { return }
        projects[project].isTrashed = true
        audit("Project moved to trash", "projects", item(project: project), by: hand)
        happen("project_soft_deleted", .project(project), by: hand)
    }

    /// Takes a project out of the trash, with all its issues as they were.
    public mutating func restoreProject(_ project: Int, by hand: Hand) {
        guard projects[project].isTrashed, !projects[project].isDeleted else { return }
        projects[project].isTrashed = false
        audit("Project restored from trash", "projects", item(project: project), by: hand)
        happen("project_restored_deleted", .project(project), by: hand)
    }

    /// Deletes a project and all its issues for good. One audit record and one event tell of it, none of the issues.
    public mutating func deleteProject(_ project: Int, by hand: Hand) {
        guard !projects[project].isDeleted else { return }
        audit("Project deleted", "projects", item(project: project), by: hand)
        happen("project_deleted", .project(project), by: hand)
        projects[project].isDeleted = true
        projects[project].isTrashed = false
        for ordinal in 0..<rows.count where Int(rows[ordinal].project) == project && rows[ordinal].state != .deleted {
            for worklog in content(of: ordinal).worklogs {
                deletedWorklogs.append(DeletedWorklog(id: worklog.id, deleted: hand.now))
            }
            erase(ordinal)
        }
    }
}
