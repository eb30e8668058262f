public import IssueModel

extension AudienceRules {
    /// What of an issue decides who may see it.
    public func inputs(of issue: Issue) -> AclInputs {
        inputs(
            of: issue, project: issue.project.id,
            holders: dynamicHolders(project: issue.project.id, level: issue.securityLevel?.id))
    }

    /// The keys of an issue and of everything on it.
    public func audience(of issue: Issue) -> IssueAudience {
        let plain = inputs(of: issue)
        let internalHolders = dynamicHolders(
            project: issue.project.id, level: issue.securityLevel?.id, isInternal: true)
        let forInternal =
            internalHolders.count == plain.values.count
            ? plain : inputs(of: issue, project: issue.project.id, holders: internalHolders)
        return IssueAudience(
            plain: plain, forInternal: forInternal,
            embedded: facts.attachmentsFollowComments ? EmbeddedFiles(issue) : nil)
    }

    private func inputs(of issue: Issue, project: EntityID, holders: Set<DynamicHolder>) -> AclInputs {
        var result = AclInputs(
            project: project, level: issue.securityLevel?.id,
            restrictedToRoles: Set(issue.restrictedToRoles.map(\.id)),
            issue: isDecidedByListing(level: issue.securityLevel?.id) ? issue.id : nil)
        for holder in holders {
            switch holder {
            case .reporter: result.values[holder] = Self.principals(issue.reporter)
            case .assignee: result.values[holder] = Self.principals(issue.assignee)
            case .accountField(let field): result.values[holder] = accounts(in: value(of: field, on: issue))
            case .groupField(let field): result.values[holder] = groups(in: value(of: field, on: issue))
            }
        }
        return result
    }

    private static func principals(_ account: Account?) -> Set<Principal> {
        account.map { [.account($0.id)] } ?? []
    }

    private func value(of field: EntityID, on issue: Issue) -> FieldValue? {
        issue.otherFields.first { $0.id == field }?.value
    }

    private func accounts(in value: FieldValue?) -> Set<Principal> {
        switch value {
        case .account(let id, _): [.account(id)]
        case .accounts(let references): Set(references.map { .account($0.id) })
        default: []
        }
    }

    /// Groups of a group field, or of a select list whose options are names of groups, which Jira accepts as well.
    private func groups(in value: FieldValue?) -> Set<Principal> {
        switch value {
        case .groups(let ids): Set(ids.map { .group(facts.normalized($0)) })
        case .entity(let option): [named(option)]
        case .entities(let options): Set(options.map(named))
        default: []
        }
    }

    /// Whose name it is changes without the issue, except where the name is the group.
    private func named(_ option: Entity) -> Principal {
        facts.groupsAreNames ? .group(facts.normalized(GroupID(option.name))) : .groupNamed(option.name)
    }
}

/// The acl keys of one issue and of what hangs on it.
public struct IssueAudience: Sendable {
    /// The issue's own key, and that of everything on it without a restriction of its own.
    public let key: AclKey
    private let plain: AclInputs
    private let forInternal: AclInputs
    private let embedded: EmbeddedFiles?

    init(plain: AclInputs, forInternal: AclInputs, embedded: EmbeddedFiles?) {
        key = AclKey(plain)
        self.plain = plain
        self.forInternal = forInternal
        self.embedded = embedded
    }

    public func key(of comment: Comment) -> AclKey { key(restrictedBy: Restriction.of(comment)) }
    public func key(of worklog: Worklog) -> AclKey { key(restrictedBy: Restriction.of(worklog)) }

    /// The key of one of the issue's attachments, narrowed by the restricted comments it belongs to where Jira does so.
    public func key(of attachment: Attachment) -> AclKey {
        guard let embedded else { return key }
        return key(restrictedBy: embedded.restrictions(of: attachment))
    }

    /// The key of something on the issue that all of `restrictions` narrow.
    public func key(restrictedBy restrictions: Set<Restriction>) -> AclKey {
        if restrictions.isEmpty { return key }
        var inputs = restrictions.contains(.internal) ? forInternal : plain
        inputs.restrictions = restrictions
        return AclKey(inputs)
    }
}
