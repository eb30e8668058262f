public import IssueModel

/// Everything of one site that decides who may see what there, as Jira's administration endpoints tell it.
///
/// What could not be read is simply absent, and absence grants nobody: a project without its permission scheme, a level
/// without its members, a group without its people.
public struct AccessFacts: Sendable, Hashable {
    /// By which rules the source is judged.
    public var mode: AccessMode
    /// True on Data Center and Server, where a group's name is its identity and compares without regard to case.
    public var groupsAreNames: Bool
    public var projects: [EntityID: ProjectFacts]
    public var permissionSchemes: [EntityID: PermissionScheme]
    /// Security levels of all schemes, by level id.
    public var securityLevels: [EntityID: SecurityLevel]
    public var groups: [GroupID: Group]
    /// Groups inside a group (Data Center with nested groups; Cloud has none), by parent.
    public var subgroups: [GroupID: [GroupID]]
    /// Direct members. May stay empty where ``Membership`` is given an account's direct groups instead.
    public var memberships: [GroupID: [AccountID]]
    public var applicationRoles: [ApplicationRole]
    /// Accounts known to the site. May stay empty like ``memberships``.
    public var accounts: [AccountID: Person]

    public init(
        mode: AccessMode = .mirror, groupsAreNames: Bool = false, projects: [ProjectFacts] = [],
        permissionSchemes: [PermissionScheme] = [], securityLevels: [SecurityLevel] = [], groups: [Group] = [],
        subgroups: [GroupID: [GroupID]] = [:],
        memberships: [GroupID: [AccountID]] = [:], applicationRoles: [ApplicationRole] = [], accounts: [Person] = []
    ) {
        self.mode = mode
        self.groupsAreNames = groupsAreNames
        self.projects = Dictionary(projects.map { ($0.id, $0) }) { _, last in last }
        self.permissionSchemes = Dictionary(permissionSchemes.map { ($0.id, $0) }) { _, last in last }
        self.securityLevels = Dictionary(securityLevels.map { ($0.id, $0) }) { _, last in last }
        self.groups = Dictionary(groups.map { ($0.id, $0) }) { _, last in last }
        self.subgroups = subgroups
        self.memberships = memberships
        self.applicationRoles = applicationRoles
        self.accounts = Dictionary(accounts.map { ($0.id, $0) }) { _, last in last }
    }

    /// One project's part in access.
    public struct ProjectFacts: Sendable, Hashable {
        public var id: EntityID
        public var key: String
        public var style: Project.Style
        /// Jira's `isPrivate`, which is said from the asking account's point of view and therefore decides nothing here.
        public var isPrivate: Bool
        public var lead: AccountID?
        /// `nil` where the scheme could not be read: then nobody may browse.
        public var permissionScheme: EntityID?
        /// The project's scheme of security levels; `nil` where it has none or the site does not tell.
        public var securityScheme: EntityID?
        public var roles: [RoleActors]

        public init(
            id: EntityID, key: String, style: Project.Style = .company, isPrivate: Bool = false, lead: AccountID? = nil,
            permissionScheme: EntityID?, securityScheme: EntityID? = nil, roles: [RoleActors] = []
        ) {
            self.id = id
            self.key = key
            self.style = style
            self.isPrivate = isPrivate
            self.lead = lead
            self.permissionScheme = permissionScheme
            self.securityScheme = securityScheme
            self.roles = roles
        }
    }

    /// What of an account matters for access.
    public struct Person: Sendable, Hashable {
        public var id: AccountID
        public var kind: Account.Kind
        public var isActive: Bool
        /// For ``AccessExplanation`` only; no rule looks at it.
        public var displayName: String

        public init(id: AccountID, kind: Account.Kind = .person, isActive: Bool = true, displayName: String = "") {
            self.id = id
            self.kind = kind
            self.isActive = isActive
            self.displayName = displayName
        }

        public init(_ account: Account) {
            self.init(
                id: account.id, kind: account.kind, isActive: account.isActive, displayName: account.displayName)
        }
    }

    /// Whether an attachment added in a restricted comment shares its restriction: Cloud documents that it does, Data
    /// Center shows attachments to everybody who sees the issue.
    public var attachmentsFollowComments: Bool { !groupsAreNames }

    /// A group's identity as it compares on this site.
    public func normalized(_ group: GroupID) -> GroupID {
        groupsAreNames ? GroupID(group.rawValue.lowercased()) : group
    }
}
