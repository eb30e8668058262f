import AccessControl
import IssueModel
import JiraClient

extension RefreshState {
    /// Makes the listed projects all projects; what else is known of them stays.
    mutating func adopt(_ listed: [Project]) {
        let known = facts.projects
        facts.projects = [:]
        for project in listed {
            var now =
                known[project.id]
                ?? AccessFacts.ProjectFacts(id: project.id, key: project.key, permissionScheme: nil)
            now.key = project.key
            now.style = project.style
            now.isPrivate = project.isPrivate
            now.lead = project.lead
            facts.projects[project.id] = now
        }
    }

    /// Takes in what the audit log told; `nil` where there is none to read.
    mutating func adopt(_ audit: ReadOutcome<AuditReading>?, at began: Timestamp) {
        switch audit {
        case nil: trail = nil
        case .read(let reading):
            harvest.deletions = reading.entries.filter { trail?.seen.contains($0.id) != true }.compactMap(\.deletion)
            var next = trail
            if next?.follow(reading.entries, at: began, siteTime: reading.siteTime) != true {
                // Nothing that was read before counts as vouched for.
                next = AuditTrail(beginning: began, at: reading.entries, siteTime: reading.siteTime)
                if let trail { next?.inherit(trail) }
            }
            if next?.suspectsAll == true {
                next?.suspects.formUnion(facts.projects.keys)
                next?.suspectsAll = false
            }
            trail = next
            harvest.times[.auditLog] = FactTime(verified: began)
        case .refused(let problem), .missing(let problem):
            // A free plan has none: facts are then read in turn, as if nothing told of their changes.
            trail = nil
            harvest.times[.auditLog] = FactTime(verified: began, refusal: problem)
        case .failed(let problem):
            harvest.failures[.auditLog] = problem
        }
    }

    /// Puts schemes, levels and licences in the place of those known.
    mutating func adoptRules() {
        if let listed = harvest.schemes {
            // A project's own scheme need not be among those of the site.
            let used = Set(facts.projects.values.compactMap(\.permissionScheme))
            let own = facts.permissionSchemes.filter { used.contains($0.key) }
            facts.permissionSchemes = Dictionary(listed.map { ($0.id, $0) }) { first, _ in first }
            facts.permissionSchemes.merge(own) { listed, _ in listed }
        }
        if let levels = harvest.levels {
            let declared = facts.securityLevels
            facts.securityLevels = [:]
            for var level in levels {
                level.members = level.members ?? (facts.groupsAreNames ? declared[level.id]?.members : nil)
                facts.securityLevels[level.id] = level
            }
        } else if harvest.times[.levels]?.refusal != nil {
            for id in facts.securityLevels.keys where !facts.groupsAreNames { facts.securityLevels[id]?.members = nil }
        }
        if let roles = harvest.licences {
            facts.applicationRoles = roles
        } else if harvest.times[.licences]?.refusal != nil, !facts.groupsAreNames {
            facts.applicationRoles = []
        }
    }

    /// Another security scheme gives issues other levels without a trace in the issues themselves.
    mutating func adopt(securityScheme scheme: EntityID?, of project: EntityID) {
        harvest.securitySchemes[project] = .some(scheme)
        guard securitySchemes[project] != scheme, times[.levels] != nil, issues[project] != nil else { return }
        harvest.releveled.insert(project)
    }

    /// So does the removal of a level that issues have. It is followed once: issues that no listing shows, such as archived
    /// ones, go on naming the level.
    mutating func noteRemovedLevels() {
        guard harvest.levels != nil, let before = times[.levels] else { return }
        let followed = Set((before.detail ?? "").split(separator: "\n").map { EntityID(String($0)) })
        var removed: Set<EntityID> = []
        for (project, named) in issues where facts.projects[project] != nil {
            let gone = named.levels.filter { facts.securityLevels[$0] == nil }
            removed.formUnion(gone)
            if !gone.allSatisfy(followed.contains) { harvest.releveled.insert(project) }
        }
        harvest.times[.levels]?.detail = removed.map(\.rawValue).sorted().joined(separator: "\n")
    }

    mutating func adoptPeople() {
        if let groups = harvest.groups {
            facts.groups = Dictionary(groups.elements.map { ($0.id, $0) }) { first, _ in first }
        }
        if let accounts = harvest.accounts {
            // A list that is cut says nothing of whom it leaves out.
            if facts.groupsAreNames, accounts.isComplete { directory = AccountDirectory(accounts.elements) }
            if facts.groupsAreNames, !accounts.isComplete { directory.add(accounts.elements) }
            trail?.suspectsAccounts = false
        }
    }

    mutating func adopt(_ outcome: ReadOutcome<ProjectRead>, of project: AccessFacts.ProjectFacts, began: Timestamp) {
        let fact = AccessFact.project(project.id)
        if case .missing(let problem) = outcome {
            harvest.gone.insert(project.id)
            harvest.times[fact] = FactTime(verified: began, refusal: problem)
            facts.projects[project.id] = nil
            summary.warn(.projectGone, "Project \(project.key) is no longer there; what was read of it is hidden.")
        } else if let read = note(
            fact, outcome, began: began, .projectAccessUnreadable,
            "The permissions of project \(project.key) cannot be read, so it is hidden.")
        {
            harvest.projectReads[project.id] = read
            noteRenamedRoles(project, read)
            facts.projects[project.id]?.permissionScheme = read.scheme
            facts.projects[project.id]?.roles = read.roles
            if let scheme = read.securityScheme { adopt(securityScheme: scheme, of: project.id) }
            if let own = read.own { facts.permissionSchemes[own.id] = own }
            if read.hasAllNames {
                let found = Set(read.roles.map { $0.role.name.lowercased() })
                let missing = (issues[project.id]?.roleNames ?? []).subtracting(found)
                let told = (times[.roleNames(project.id)]?.detail ?? "").split(separator: "\n").map(String.init)
                harvest.misnamed[project.id] = missing.subtracting(told)
                harvest.times[.roleNames(project.id)] = FactTime(
                    verified: began, detail: missing.sorted().joined(separator: "\n"))
            }
        }
        if harvest.times[fact] != nil { trail?.suspects.remove(project.id) }
    }

    /// A restriction that names a role by its name alone means that role under its new name as well, and its issue does not
    /// tell: what another role of the old name may see is known only once the issues are read again.
    private mutating func noteRenamedRoles(_ project: AccessFacts.ProjectFacts, _ read: ProjectRead) {
        guard let names = issues[project.id]?.roleNames, !names.isEmpty else { return }
        let now = Dictionary(read.roles.map { ($0.role.id, $0.role.name.lowercased()) }) { first, _ in first }
        // A role that is read no longer, though its old name is named, has another one now.
        let isRenamed = project.roles.map(\.role).contains { role in
            names.contains(role.name.lowercased()) && now[role.id] != role.name.lowercased()
        }
        if isRenamed { harvest.releveled.insert(project.id) }
    }

    mutating func adopt(_ outcome: ReadOutcome<[Account]>, membersOf group: GroupID, began: Timestamp) {
        var outcome = outcome
        // A group that is no more has nobody in it.
        if case .missing = outcome { outcome = .read([]) }
        let members = note(
            .group(group), outcome, began: began, .peopleUnreadable,
            "The members of a group cannot be read, so it admits nobody.")
        if let members {
            harvest.members[group] = members
        } else if harvest.times[.group(group)]?.refusal != nil || times[.group(group)] == nil {
            harvest.members[group] = []
        }
        if harvest.times[.group(group)] != nil {
            trail?.groups.remove(group.rawValue)
            trail?.groups.remove((facts.groups[group]?.name ?? group.rawValue).lowercased())
        }
    }

    /// Whether the audit log named the group since its members were read.
    func suspects(_ group: GroupID) -> Bool {
        guard let trail, !trail.groups.isEmpty else { return false }
        return trail.groups.contains(group.rawValue)
            || facts.groups[group].map { trail.groups.contains($0.name.lowercased()) } ?? false
    }
}
