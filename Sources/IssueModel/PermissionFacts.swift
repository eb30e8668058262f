/// What a grant or a security level's member names, as Jira says it (`holder` in permission and security schemes).
public enum Holder: Hashable, Sendable {
    case anyone
    /// Licensed for the application, or for any application where `key` is absent.
    case applicationRole(key: String?)
    case group(GroupID)
    case account(AccountID)
    case projectRole(EntityID)
    case projectLead
    case reporter
    case assignee
    /// The account or accounts in this field of the issue.
    case accountField(EntityID)
    /// The group or groups in this field of the issue.
    case groupField(EntityID)
    /// Service-desk customers through the portal; they are nobody in Drawbridge.
    case portalCustomer
    /// A holder this version does not know. Grants nobody; kept so that admins are told.
    case unknown(type: String)
}

public struct PermissionScheme: Hashable, Sendable {
    public var id: EntityID
    public var name: String
    public var grants: [Grant]

    public struct Grant: Hashable, Sendable {
        /// `BROWSE_PROJECTS`, `SERVICEDESK_AGENT`, …
        public var permission: String
        public var holder: Holder

        public init(permission: String, holder: Holder) {
            self.permission = permission
            self.holder = holder
        }
    }

    public init(id: EntityID, name: String, grants: [Grant]) {
        self.id = id
        self.name = name
        self.grants = grants
    }
}

public struct SecurityLevel: Hashable, Sendable {
    public var id: EntityID
    public var schemeID: EntityID?
    public var name: String
    /// `nil` where the site does not let us read the members (Data Center): then the level admits nobody.
    public var members: [Holder]?

    public init(id: EntityID, schemeID: EntityID? = nil, name: String, members: [Holder]?) {
        self.id = id
        self.schemeID = schemeID
        self.name = name
        self.members = members
    }
}

/// Who plays a role in one project.
public struct RoleActors: Hashable, Sendable {
    public var role: Entity
    public var accounts: [AccountID]
    public var groups: [GroupID]

    public init(role: Entity, accounts: [AccountID], groups: [GroupID]) {
        self.role = role
        self.accounts = accounts
        self.groups = groups
    }
}
