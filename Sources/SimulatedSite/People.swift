public import SimulatedData

/// A person or program with an account. Positions in ``SiteState/users`` are stable for the life of a site.
public struct User: Sendable, Hashable {
    public enum Kind: String, Sendable { case atlassian, app, customer }

    public let index: Int
    /// Cloud's stable identity.
    public var accountID: String
    /// Data Center's stable identity, for example `JIRAUSER10100`.
    public var key: String
    /// Data Center's login name; wiki markup mentions it.
    public var name: String
    public var displayName: String
    public var email: String
    /// Whether others see the e-mail address.
    public var showsEmail: Bool
    public var kind: Kind
    public var isActive: Bool
    /// A deleted Cloud account stays as an inactive "Former user".
    public var isDeleted: Bool
    public var timeZone: SiteTimeZone
    public var locale: String

    /// What this person types with ``email`` on Cloud.
    public var apiToken: String { "cloud-token-of-\(name)" }
    /// What this person sends as a bearer token on Data Center.
    public var personalAccessToken: String { "pat-of-\(name)" }
    /// What this person types with ``name`` on Data Center.
    public var password: String { "password-of-\(name)" }
}

/// A named set of people; on Data Center it may hold other groups.
public struct Group: Sendable, Hashable {
    public let index: Int
    /// Cloud's identifier. Data Center knows only the name.
    public var id: String
    public var name: String
    /// Positions in ``SiteState/users``.
    public var members: [Int]
    /// Positions in ``SiteState/groups``; always empty on Cloud.
    public var subgroups: [Int]
}

/// A product licence and the groups whose members hold it.
public struct ApplicationRole: Sendable, Hashable {
    /// For example `jira-software`.
    public var key: String
    public var name: String
    public var groups: [Int]
}

/// Who asks.
public enum Caller: Hashable, Sendable {
    case anonymous
    /// A position in ``SiteState/users``.
    case user(Int)
}
