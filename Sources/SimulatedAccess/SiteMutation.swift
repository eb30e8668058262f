public import SimulatedData
public import SimulatedSite

/// One change of a site, of rules or of content, that may change who sees what.
///
/// ```swift
/// var random = SeededRandom(seed: 7)
/// let mutation = site.mutate(using: &random)
/// ```
public enum SiteMutation: Sendable, Hashable {
    case setMembers(group: Int, [Int])
    case setSubgroups(group: Int, [Int])
    case setActors(project: Int, role: Int, [RoleActor])
    case setGrants(scheme: Int, permission: String, [Holder])
    case setPermissionScheme(project: Int, Int)
    /// The scheme, and the new level of each old one.
    case setSecurityScheme(project: Int, Int?, [Int: Int])
    case setLevelMembers(level: Int, [Holder])
    case setLevel(issue: Int, Int?)
    case setReporter(issue: Int, Int)
    case setAssignee(issue: Int, Int?)
    case setUserField(issue: Int, String, [Int])
    case setGroupField(issue: Int, String, [Int])
    case setRestriction(issue: Int, roles: [Int])
    case setCommentVisibility(Int, Visibility?)
    case setWorklogVisibility(Int, Visibility?)
    case addComment(issue: Int, Visibility?, isInternal: Bool)
    case deleteComment(Int)
    case addWorklog(issue: Int, Visibility?)
    case deleteWorklog(Int)
    case addAttachment(issue: Int, comment: Int?)
    case deleteAttachment(Int)
    case setActive(user: Int, Bool)
    case deleteUser(Int)
    case setLicensedGroups(role: Int, [Int])
    case setLead(project: Int, Int)
    case setAccess(project: Int, Project.Access)
    case archiveProject(Int, Bool)
    case renameProject(Int, key: String)
    case createIssue(project: Int, parent: Int?)
    case moveIssue(Int, project: Int)
    case deleteIssue(Int)
    case archiveIssue(Int, Bool)
    case renameGroup(Int, String)
    case renameRole(Int, String)

    /// What kind of thing changes.
    public enum Kind: String, Sendable, CaseIterable {
        case members, subgroups, actors, browseGrants, agentGrants, permissionScheme, securityScheme, levelMembers
        case issueLevel, reporter, assignee, userField, groupField, restriction, commentVisibility, worklogVisibility
        case addComment, deleteComment, addWorklog, deleteWorklog, addAttachment, deleteAttachment
        case accountActive, accountDeleted, licence, lead, projectAccess, projectArchived, projectKey
        case issueCreated, issueMoved, issueDeleted, issueArchived, groupName, roleName

        /// Whether the change touches issues themselves; the others leave every issue's `updated` as it was.
        public var isContent: Bool {
            switch self {
            case .issueLevel, .reporter, .assignee, .userField, .groupField, .restriction, .commentVisibility,
                .worklogVisibility, .addComment, .deleteComment, .addWorklog, .deleteWorklog, .addAttachment,
                .deleteAttachment, .issueCreated, .issueMoved, .issueDeleted, .issueArchived:
                true
            default: false
            }
        }
    }

    /// Makes the change. Whatever it adds holds its planted words.
    public func apply(to state: inout SiteState, by hand: SiteState.Hand) {
        switch self {
        case .setMembers(let group, let members): state.setMembers(group, to: members, by: hand)
        case .setSubgroups(let group, let inner):
            state.setMembers(group, to: state.groups[group].members, subgroups: inner, by: hand)
        case .setActors(let project, let role, let actors): state.setActors(project, role: role, to: actors, by: hand)
        case .setGrants(let scheme, let name, let holders): state.setGrants(scheme, name, to: holders, by: hand)
        case .setPermissionScheme(let project, let scheme): state.setPermissionScheme(project, to: scheme, by: hand)
        case .setSecurityScheme(let project, let scheme, let mapping):
            state.setSecurityScheme(project, to: scheme, mapping: mapping, by: hand)
        case .setLevelMembers(let level, let holders): state.setLevelMembers(level, to: holders, by: hand)
        case .setActive(let user, let isActive): state.setActive(user, isActive)
        case .deleteUser(let user): state.deleteUser(user)
        case .setLicensedGroups(let role, let groups): state.setLicensedGroups(role, to: groups, by: hand)
        case .setLead(let project, let user): state.setLead(project, to: user, by: hand)
        case .setAccess(let project, let access): state.setAccess(project, to: access, by: hand)
        case .archiveProject(let project, let isArchived): state.archiveProject(project, isArchived, by: hand)
        case .renameProject(let project, let key): state.renameProject(project, key: key, by: hand)
        case .renameGroup(let group, let name): state.renameGroup(group, to: name, by: hand)
        case .renameRole(let role, let name): state.renameRole(role, to: name, by: hand)
        default: applyToIssue(&state, hand)
        }
    }

    private func applyToIssue(_ state: inout SiteState, _ hand: SiteState.Hand) {
        switch self {
        case .setLevel(let issue, let level): state.setLevel(issue, to: level, by: hand)
        case .setReporter(let issue, let user): state.setReporter(issue, to: user, by: hand)
        case .setAssignee(let issue, let user): state.setAssignee(issue, to: user, by: hand)
        case .setUserField(let issue, let field, let users): state.setUserField(issue, field, to: users, by: hand)
        case .setGroupField(let issue, let field, let groups): state.setGroupField(issue, field, to: groups, by: hand)
        case .setRestriction(let issue, let roles): state.setRestriction(issue, toRoles: roles, by: hand)
        case .setCommentVisibility(let id, let visibility):
            state.setVisibility(ofComment: id, to: visibility, by: hand)
        case .setWorklogVisibility(let id, let visibility):
            state.setVisibility(ofWorklog: id, to: visibility, by: hand)
        case .addComment(let issue, let visibility, let isInternal):
            state.addPlantedComment(issue, visibility: visibility, isInternal: isInternal, by: hand)
        case .deleteComment(let id): state.deleteComment(id, by: hand)
        case .addWorklog(let issue, let visibility): state.addPlantedWorklog(issue, visibility: visibility, by: hand)
        case .deleteWorklog(let id): state.deleteWorklog(id, by: hand)
        case .addAttachment(let issue, let comment): state.addPlantedFile(issue, comment: comment, by: hand)
        case .deleteAttachment(let id): state.deleteAttachment(id, by: hand)
        case .createIssue(let project, let parent):
            _ = state.addPlantedIssue(project: project, parent: parent, by: hand)
        case .moveIssue(let issue, let project): state.moveIssue(issue, to: project, by: hand)
        case .deleteIssue(let issue): state.deleteIssue(issue, by: hand)
        case .archiveIssue(let issue, let isArchived): state.archiveIssue(issue, isArchived)
        default: break
        }
    }
}

extension SimulatedSite {
    /// Changes something at random, now, as the administrator or a developer would; one change in eight of people and
    /// groups comes from outside Jira and leaves no audit record.
    @discardableResult
    public func mutate(
        using random: inout SeededRandom, _ kinds: [SiteMutation.Kind] = SiteMutation.Kind.allCases
    ) -> SiteMutation {
        let mutation = SiteMutation.random(using: &random, in: current(), kinds)
        let hand = SiteState.Hand(
            user: random.chance(0.5) ? TinySite.administrator : TinySite.developer, now: clock.now(),
            leavesAuditRecord: random.chance(0.875))
        change { mutation.apply(to: &$0, by: hand) }
        return mutation
    }
}
