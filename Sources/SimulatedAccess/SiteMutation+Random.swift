public import SimulatedData
public import SimulatedSite

extension SiteMutation {
    /// A change that is possible in a tiny site, of one of `kinds`, each equally likely.
    ///
    /// The administrator stays active and licensed, and where the site says so, in every rule.
    public static func random(
        using random: inout SeededRandom, in state: SiteState, _ kinds: [Kind] = Kind.allCases
    ) -> SiteMutation {
        var draw = Draw(state: state, choice: Choice(random: random))
        defer { random = draw.choice.random }
        for _ in 0..<200 {
            if let mutation = draw.mutation(draw.choice.random.pick(kinds)) { return mutation }
        }
        return .setMembers(group: TinySite.Team.red, draw.choice.members(of: TinySite.Team.red, in: state))
    }
}

/// Draws one change for one picture of a site.
struct Draw {
    let state: SiteState
    var choice: Choice

    private var isCloud: Bool { state.configuration.flavour.isCloud }

    private mutating func below(_ bound: Int) -> Int { choice.random.below(bound) }

    /// nil when the site has nothing this kind of change applies to.
    mutating func mutation(_ kind: SiteMutation.Kind) -> SiteMutation? {
        switch kind {
        case .members, .subgroups, .licence, .groupName: groupChange(kind)
        case .accountActive, .accountDeleted: accountChange(kind)
        case .browseGrants, .agentGrants, .levelMembers, .permissionScheme, .securityScheme: schemeChange(kind)
        case .actors, .lead, .projectAccess, .projectArchived, .projectKey, .roleName: projectChange(kind)
        case .commentVisibility, .deleteComment, .worklogVisibility, .deleteWorklog, .deleteAttachment:
            partChange(kind)
        default: issueChange(kind)
        }
    }

    // MARK: People

    private mutating func groupChange(_ kind: SiteMutation.Kind) -> SiteMutation? {
        typealias Team = TinySite.Team
        switch kind {
        case .members:
            let group = choice.random.chance(0.8) ? choice.group(in: state) : Team.software
            guard group != Team.administrators else { return nil }
            // One person more or less is the usual change.
            guard choice.random.chance(0.3) else {
                let person = below(state.users.count)
                guard person != TinySite.administrator, !state.users[person].isDeleted else { return nil }
                return .setMembers(
                    group: group, Set(state.groups[group].members).symmetricDifference([person]).sorted())
            }
            return .setMembers(group: group, choice.members(of: group, in: state))
        case .subgroups:
            guard !isCloud else { return nil }
            let outer = choice.group(in: state)
            let inner = choice.group(in: state)
            // Jira refuses a ring.
            guard outer != inner, outer != Team.administrators, inner != Team.administrators,
                !reaches(outer, from: inner)
            else { return nil }
            return .setSubgroups(
                group: outer, Set(state.groups[outer].subgroups).symmetricDifference([inner]).sorted())
        case .licence:
            let role = below(state.applicationRoles.count)
            let keeps = role == 0 ? [Team.administrators] : []
            let others = (Team.software...Team.inner).filter { _ in choice.random.chance(0.25) }
            return .setLicensedGroups(role: role, keeps + others)
        default:
            // Data Center has no renaming of groups.
            guard isCloud else { return nil }
            return .renameGroup(choice.random.within(Team.red...Team.empty), "team-\(choice.random.hexadecimal(4))")
        }
    }

    private func reaches(_ target: Int, from group: Int) -> Bool {
        group == target || state.groups[group].subgroups.contains { reaches(target, from: $0) }
    }

    private mutating func accountChange(_ kind: SiteMutation.Kind) -> SiteMutation? {
        let user = choice.random.within(1...(state.users.count - 1))
        guard !state.users[user].isDeleted else { return nil }
        // Deleting cannot be undone: rarely, so that somebody is left.
        if kind == .accountDeleted { return choice.random.chance(0.3) ? .deleteUser(user) : nil }
        return .setActive(user: user, !state.users[user].isActive)
    }

    // MARK: Rules

    private mutating func schemeChange(_ kind: SiteMutation.Kind) -> SiteMutation? {
        switch kind {
        case .browseGrants, .agentGrants:
            let scheme = below(state.permissionSchemes.count)
            guard state.permissionSchemes[scheme].scope == nil else { return nil }
            guard kind == .browseGrants else {
                return .setGrants(scheme: scheme, permission: "SERVICEDESK_AGENT", choice.agents(in: state))
            }
            var holders = state.holders(scheme, "BROWSE_PROJECTS")
            if !holders.isEmpty, choice.random.chance(0.5) { holders.remove(at: below(holders.count)) }
            let more = choice.random.chance(0.6) ? choice.holders(1, in: state) : []
            holders += more.filter { !holders.contains($0) }
            return .setGrants(scheme: scheme, permission: "BROWSE_PROJECTS", choice.kept(holders, in: state))
        case .levelMembers:
            let levels = state.securitySchemes.flatMap(\.levels)
            return .setLevelMembers(level: choice.random.pick(levels).id, choice.holders(below(4), in: state))
        case .permissionScheme:
            let scheme = below(state.permissionSchemes.count)
            guard let project = companyManaged(), state.permissionSchemes[scheme].scope == nil,
                scheme != project.permissionScheme
            else { return nil }
            return .setPermissionScheme(project: project.index, scheme)
        default:
            let scheme = choice.random.pick([nil, 0, 1])
            guard let project = companyManaged(), scheme != project.securityScheme else { return nil }
            var mapping: [Int: Int] = [:]
            if let scheme, let old = project.securityScheme {
                for level in state.securitySchemes[old].levels where choice.random.chance(0.7) {
                    mapping[level.id] = choice.random.pick(state.securitySchemes[scheme].levels).id
                }
            }
            return .setSecurityScheme(project: project.index, scheme, mapping)
        }
    }

    private mutating func companyManaged() -> Project? {
        let project = choice.random.pick(state.projects)
        return project.style == .companyManaged ? project : nil
    }

    private mutating func projectChange(_ kind: SiteMutation.Kind) -> SiteMutation? {
        let project = choice.random.pick(state.projects)
        switch kind {
        case .actors:
            let role = choice.random.pick(roles(of: project))
            return .setActors(project: project.index, role: role, choice.actors(in: state))
        case .lead: return .setLead(project: project.index, below(state.users.count))
        case .projectAccess:
            guard let access = project.access else { return nil }
            let others = [Project.Access.open, .limited, .private].filter { $0 != access }
            return .setAccess(project: project.index, choice.random.pick(others))
        case .projectArchived:
            // The first project stays, so that there is always something to see.
            return project.index == 0 ? nil : .archiveProject(project.index, !project.isArchived)
        case .projectKey: return .renameProject(project.index, key: "R\(choice.random.hexadecimal(5).uppercased())")
        default:
            return .renameRole(choice.random.pick(Choice.roles), "Role \(choice.random.hexadecimal(4))")
        }
    }

    private func roles(of project: Project) -> [Int] {
        let own = state.catalogue.roles.filter { $0.scope == project.index }.map(\.id)
        return own.isEmpty ? Choice.roles : own
    }

    // MARK: Issues

    private mutating func issue() -> Int? {
        let issue = below(state.issueCount)
        return state.row(issue).state == .deleted ? nil : issue
    }

    private mutating func issueChange(_ kind: SiteMutation.Kind) -> SiteMutation? {
        guard let issue = issue() else { return nil }
        let row = state.row(issue)
        let project = state.projects[Int(row.project)]
        switch kind {
        case .issueLevel:
            // Sub-tasks have their parent's level.
            guard let scheme = project.securityScheme, row.parent < 0 else { return nil }
            let levels = state.securitySchemes[scheme].levels.map(\.id)
            return .setLevel(issue: issue, choice.random.chance(0.3) ? nil : choice.random.pick(levels))
        case .reporter: return .setReporter(issue: issue, below(state.users.count))
        case .assignee: return .setAssignee(issue: issue, choice.random.chance(0.2) ? nil : below(state.users.count))
        case .userField: return userField(issue)
        case .groupField: return groupField(issue)
        case .restriction:
            guard project.style == .teamManaged else { return nil }
            let roles = roles(of: project).filter { _ in choice.random.chance(0.5) }
            return .setRestriction(issue: issue, roles: roles)
        case .addComment:
            return .addComment(
                issue: issue, choice.visibility(in: project, of: state),
                isInternal: project.kind == .serviceDesk && choice.random.chance(0.5))
        case .addWorklog: return .addWorklog(issue: issue, choice.visibility(in: project, of: state))
        case .addAttachment:
            let comments = state.content(of: issue).comments.map(\.id)
            return .addAttachment(
                issue: issue, comment: comments.isEmpty ? nil : choice.random.pick(comments.map { $0 } + [nil]))
        case .issueCreated:
            let isParent = row.parent < 0 && choice.random.chance(0.3)
            return .createIssue(project: project.index, parent: isParent ? issue : nil)
        case .issueMoved:
            let target = choice.random.pick(state.projects)
            guard target.index != project.index, row.parent < 0 else { return nil }
            return .moveIssue(issue, project: target.index)
        case .issueDeleted: return choice.random.chance(0.5) ? .deleteIssue(issue) : nil
        case .issueArchived: return .archiveIssue(issue, row.state == .live)
        default: return nil
        }
    }

    private mutating func userField(_ issue: Int) -> SiteMutation {
        let people = choice.random.chance(0.3) ? [] : choice.people(in: state)
        typealias Field = WellKnown.Field
        return choice.random.chance(0.5)
            ? .setUserField(issue: issue, Field.approver, Array(people.prefix(1)))
            : .setUserField(issue: issue, Field.reviewers, people)
    }

    private mutating func groupField(_ issue: Int) -> SiteMutation {
        let groups = choice.random.chance(0.3) ? [] : choice.groups(in: state)
        typealias Field = WellKnown.Field
        return choice.random.chance(0.5)
            ? .setGroupField(issue: issue, Field.team, Array(groups.prefix(1)))
            : .setGroupField(issue: issue, Field.teams, groups)
    }

    // MARK: Parts

    private mutating func partChange(_ kind: SiteMutation.Kind) -> SiteMutation? {
        guard let issue = issue() else { return nil }
        let content = state.content(of: issue)
        let project = state.projects[Int(state.row(issue).project)]
        switch kind {
        case .commentVisibility, .deleteComment:
            guard let comment = content.comments.randomElement(using: &choice.random) else { return nil }
            return kind == .deleteComment
                ? .deleteComment(comment.id)
                : .setCommentVisibility(comment.id, choice.visibility(in: project, of: state))
        case .worklogVisibility, .deleteWorklog:
            guard let worklog = content.worklogs.randomElement(using: &choice.random) else { return nil }
            return kind == .deleteWorklog
                ? .deleteWorklog(worklog.id)
                : .setWorklogVisibility(worklog.id, choice.visibility(in: project, of: state))
        default: return content.attachments.randomElement(using: &choice.random).map { .deleteAttachment($0.id) }
        }
    }
}
