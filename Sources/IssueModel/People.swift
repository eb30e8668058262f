/// One Jira identity.
public struct Account: Hashable, Sendable {
    public var id: AccountID
    /// Data Center's login name; Cloud has none.
    public var name: String?
    public var displayName: String
    /// `nil` where the person's privacy settings hide it, a normal state.
    public var email: String?
    public var kind: Kind
    public var isActive: Bool
    public var timeZone: String?

    public enum Kind: String, Hashable, Sendable {
        case person = "atlassian"
        case app, customer, unknown
    }

    public init(
        id: AccountID, name: String? = nil, displayName: String, email: String? = nil, kind: Kind = .person,
        isActive: Bool = true, timeZone: String? = nil
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.email = email
        self.kind = kind
        self.isActive = isActive
        self.timeZone = timeZone
    }
}

public struct Group: Hashable, Sendable {
    public var id: GroupID
    public var name: String

    public init(id: GroupID, name: String) {
        self.id = id
        self.name = name
    }
}

/// A product's licence as permission schemes name it, with the groups that carry it.
public struct ApplicationRole: Hashable, Sendable {
    /// `jira-software`, `jira-servicedesk`, …
    public var key: String
    public var name: String
    public var groups: [GroupID]

    public init(key: String, name: String, groups: [GroupID]) {
        self.key = key
        self.name = name
        self.groups = groups
    }
}
