public import IssueModel

/// What of one record decides its audience: everything particular to the issue, comment, worklog or attachment.
///
/// Together with ``AccessFacts`` it determines the clauses, which is why its bytes (``AclKey``) are kept: when a scheme
/// or level changes, the clauses are computed again from the key and no issue is touched.
public struct AclInputs: Hashable, Sendable {
    public var project: EntityID
    public var level: EntityID?
    /// Accounts and groups behind the holders that differ from issue to issue. Holds an entry for each holder that some
    /// rule of the project or level uses, an empty one where the issue names nobody; others are left out so that
    /// issues share keys.
    public var values: [DynamicHolder: Set<Principal>]
    /// Roles a team-managed project restricts the issue to; empty is unrestricted.
    public var restrictedToRoles: Set<EntityID>
    /// Restrictions of the comment or worklog, or of the comments that an attachment belongs to.
    public var restrictions: Set<Restriction>
    /// The issue, where nothing but Jira's own listing of it decides: in ``AccessMode/linked`` on every issue, in
    /// ``AccessMode/mirror`` on those with a level whose members the site does not tell. Absent elsewhere, so that
    /// issues share keys.
    public var issue: IssueID?

    public init(
        project: EntityID, level: EntityID? = nil, values: [DynamicHolder: Set<Principal>] = [:],
        restrictedToRoles: Set<EntityID> = [], restrictions: Set<Restriction> = [], issue: IssueID? = nil
    ) {
        self.project = project
        self.level = level
        self.values = values
        self.restrictedToRoles = restrictedToRoles
        self.restrictions = restrictions
        self.issue = issue
    }
}

/// A holder whose people depend on the issue.
public enum DynamicHolder: Hashable, Sendable {
    case reporter
    case assignee
    /// The account or accounts in a field.
    case accountField(EntityID)
    /// The group or groups in a field.
    case groupField(EntityID)

    init?(_ holder: Holder) {
        switch holder {
        case .reporter: self = .reporter
        case .assignee: self = .assignee
        case .accountField(let id): self = .accountField(id)
        case .groupField(let id): self = .groupField(id)
        default: return nil
        }
    }
}
