public import SimulatedSite

/// Jira's own answer to who may see what, written from Jira's rules alone.
///
/// It shares no code with the product's access control, so that it can judge it. One question at a time it is slow and
/// plain; ``visibleIssues(to:)`` decides per project and level first.
public struct PermissionEvaluator: Sendable {
    let state: SiteState

    public init(_ state: SiteState) {
        self.state = state
    }

    /// What is known of a caller before any issue is looked at.
    package struct Person {
        /// nil for an anonymous caller.
        package var user: Int?
        var groups: Set<Int> = []
        var applicationRoles: Set<String> = []
        /// A person who cannot log in, who sees nothing at all.
        var isLockedOut = false
    }

    package func person(_ caller: Caller) -> Person {
        guard case .user(let index) = caller else { return Person() }
        let user = state.users[index]
        guard user.isActive, !user.isDeleted else { return Person(user: index, isLockedOut: true) }
        // Cloud's portal customers have no product and no groups that count; only grants to anyone reach them. Data
        // Center has no such kind of account: there whoever has a product is a user of it.
        guard user.kind != .customer || !state.configuration.flavour.isCloud else { return Person() }
        let groups = state.groups(of: index)
        let roles = state.applicationRoles.filter { !groups.isDisjoint(with: $0.groups) }.map(\.key)
        // Without access to an application nobody can log in to Data Center; Cloud's people always belong to a product.
        if roles.isEmpty, !state.configuration.flavour.isCloud { return Person() }
        return Person(user: index, groups: groups, applicationRoles: Set(roles))
    }

    // MARK: Holders

    /// Whether a holder names this person. `issue` is nil when only the project is known: then holders that depend on
    /// an issue name nobody.
    func holds(_ holder: Holder, _ person: Person, _ project: Project, issue: Int?) -> Bool {
        if person.isLockedOut { return false }
        if case .anyone = holder { return true }
        guard let user = person.user else { return false }
        switch holder {
        case .anyone: return true
        case .applicationRole(let key?): return person.applicationRoles.contains(key)
        case .applicationRole(nil): return !person.applicationRoles.isEmpty
        case .group(let group): return person.groups.contains(group)
        case .user(let named): return named == user
        case .projectRole(let role): return plays(role, person, project)
        case .projectLead: return project.lead == user
        case .reporter: return issue.map { Int(state.row($0).reporter) == user } ?? false
        case .assignee: return issue.map { Int(state.row($0).assignee) == user } ?? false
        case .userCustomField(let field):
            return issue.map { state.traits(of: $0).userFields[field]?.contains(user) ?? false } ?? false
        case .groupCustomField(let field):
            guard let issue, let groups = state.traits(of: issue).groupFields[field] else { return false }
            return !person.groups.isDisjoint(with: groups)
        case .portalOnly, .unknown: return false
        }
    }

    /// Whether the person plays a role in the project, by name or through a group.
    func plays(_ role: Int, _ person: Person, _ project: Project) -> Bool {
        guard let user = person.user, !person.isLockedOut else { return false }
        return (project.actors[role] ?? []).contains { actor in
            switch actor {
            case .user(let named): named == user
            case .group(let group): person.groups.contains(group)
            }
        }
    }

    // MARK: Questions

    /// Whether some grant of the project's scheme gives the permission; `issue` lets grants to its people count.
    public func has(_ permission: String, _ caller: Caller, project: Int, issue: Int? = nil) -> Bool {
        has(permission, person(caller), state.projects[project], issue: issue)
    }

    func has(_ permission: String, _ person: Person, _ project: Project, issue: Int?) -> Bool {
        state.permissionSchemes[project.permissionScheme].grants.contains {
            $0.permission == permission && holds($0.holder, person, project, issue: issue)
        }
    }

    /// Whether the caller administers the site.
    public func isAdministrator(_ caller: Caller) -> Bool {
        let person = person(caller)
        return !person.isLockedOut && person.groups.contains(WellKnown.administrators)
    }

    /// Browse ∧ security level ∧ role restriction: whether the caller may open the issue. A deleted issue is nobody's.
    public func mayBrowse(_ caller: Caller, issue: Int) -> Bool {
        mayBrowse(person(caller), issue: issue)
    }

    func mayBrowse(_ person: Person, issue: Int) -> Bool {
        let row = state.row(issue)
        guard row.state != .deleted else { return false }
        let project = state.projects[Int(row.project)]
        guard !project.isGone else { return false }
        return has("BROWSE_PROJECTS", person, project, issue: issue) && isInLevel(person, row, project)
            && isInRestriction(person, project, issue: issue)
    }

    private func isInLevel(_ person: Person, _ row: IssueRow, _ project: Project) -> Bool {
        guard row.level != 0 else { return true }
        guard let level = state.securityLevel(id: Int(row.level)) else { return false }
        return level.members.contains { holds($0.holder, person, project, issue: Int(row.ordinal)) }
    }

    private func isInRestriction(_ person: Person, _ project: Project, issue: Int) -> Bool {
        guard project.style == .teamManaged else { return true }
        let roles = state.traits(of: issue).restrictedToRoles
        return roles.isEmpty || roles.contains { plays($0, person, project) }
    }

    /// Whether the caller sees the project in lists: may browse at least one issue or holds a grant on the project itself.
    public func seesProject(_ caller: Caller, project: Int) -> Bool { sees(person(caller), project: project) }

    func sees(_ person: Person, project: Int) -> Bool {
        guard !state.projects[project].isGone else { return false }
        if has("BROWSE_PROJECTS", person, state.projects[project], issue: nil) { return true }
        guard let user = person.user, !person.isLockedOut else { return false }
        let grants = state.permissionSchemes[state.projects[project].permissionScheme].grants
        // A grant to an issue's people lists the project for whoever could be such a person: anybody with a product.
        return grants.contains { $0.permission == "BROWSE_PROJECTS" && $0.holder.dependsOnIssue }
            && state.users[user].kind == .atlassian && !person.applicationRoles.isEmpty
    }

    /// Whether the caller sees a comment of an issue they may browse.
    public func sees(_ caller: Caller, comment: Comment, of issue: Int) -> Bool {
        let person = person(caller)
        return mayBrowse(person, issue: issue) && sees(person, comment: comment, of: issue)
    }

    package func sees(_ person: Person, comment: Comment, of issue: Int) -> Bool {
        let project = state.projects[Int(state.row(issue).project)]
        guard isIn(comment.visibility, person, project) else { return false }
        return !state.isInternalNote(comment, project: project.index)
            || has("SERVICEDESK_AGENT", person, project, issue: issue)
    }

    /// Whether the caller sees a worklog of an issue they may browse.
    public func sees(_ caller: Caller, worklog: Worklog, of issue: Int) -> Bool {
        let person = person(caller)
        guard mayBrowse(person, issue: issue) else { return false }
        return isIn(worklog.visibility, person, state.projects[Int(state.row(issue).project)])
    }

    /// Whether the caller sees an attachment: on Cloud one that a restricted comment shows shares its restriction.
    public func sees(_ caller: Caller, attachment: Attachment, of issue: Int, content: IssueContent) -> Bool {
        let person = person(caller)
        guard mayBrowse(person, issue: issue) else { return false }
        guard state.configuration.attachmentsInheritRestrictions, let id = attachment.comment,
            let comment = content.comments.first(where: { $0.id == id })
        else { return true }
        return sees(person, comment: comment, of: issue)
    }

    private func isIn(_ visibility: Visibility?, _ person: Person, _ project: Project) -> Bool {
        switch visibility {
        case nil: true
        case .role(let role): plays(role, person, project)
        case .group(let group): !person.isLockedOut && person.groups.contains(group)
        }
    }
}

extension SiteState {
    /// Only service projects have internal notes: in another project, where an issue was moved, it is a comment.
    public func isInternalNote(_ comment: Comment, project: Int) -> Bool {
        comment.isInternal && projects[project].kind == .serviceDesk
    }
}

extension Holder {
    /// Whether the holder names different people on different issues of one project.
    public var dependsOnIssue: Bool {
        switch self {
        case .reporter, .assignee, .userCustomField, .groupCustomField: true
        default: false
        }
    }
}
