public import Workspace

/// What an identity provider says of a person who signed in there, once its token was verified.
public struct ProviderIdentity: Hashable, Sendable {
    /// The issuer, which with ``subject`` names the person for good (OpenID Connect Core §5.7).
    public var provider: String
    public var subject: String
    public var email: String?
    /// Whether the provider vouches for the address: its `email_verified`, and nothing else.
    public var emailVerified: Bool
    public var name: String?
    /// The values of the claim that names groups.
    public var groups: [String]

    public init(
        provider: String, subject: String, email: String? = nil, emailVerified: Bool = false, name: String? = nil,
        groups: [String] = []
    ) {
        self.provider = provider
        self.subject = subject
        self.email = email
        self.emailVerified = emailVerified
        self.name = name
        self.groups = groups
    }
}

/// Whom single sign-on lets in, and as what.
public struct AdmissionPolicy: Hashable, Sendable {
    /// Whether somebody nobody added becomes a member by signing in. Defaults to no.
    public var admitsNewMembers: Bool
    /// Domains of addresses that may: everything behind the `@`, ASCII case ignored. Empty admits every domain of the
    /// provider.
    public var domains: [String]
    /// Only who is in one of these groups comes in; empty asks for none.
    public var requiredGroups: [String]
    /// What role the members of a group have. Where this is not empty the provider decides the role at each sign-in: the
    /// highest of the person's groups, else ``Member/Role/member``.
    public var roles: [String: Member.Role]

    public init(
        admitsNewMembers: Bool = false, domains: [String] = [], requiredGroups: [String] = [],
        roles: [String: Member.Role] = [:]
    ) {
        self.admitsNewMembers = admitsNewMembers
        self.domains = domains
        self.requiredGroups = requiredGroups
        self.roles = roles
    }

    /// The role that the person's groups give; `nil` where the provider does not decide it.
    public func role(for groups: [String]) -> Member.Role? {
        if roles.isEmpty { return nil }
        let given = Set(groups.compactMap { roles[$0] })
        return [.owner, .admin].first { given.contains($0) } ?? .member
    }

    func admits(groups: [String]) -> Bool {
        requiredGroups.isEmpty || !Set(requiredGroups).isDisjoint(with: groups)
    }

    func admits(domainOf email: String) -> Bool {
        guard !domains.isEmpty else { return true }
        guard let at = email.utf8.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let domain = email.utf8[email.utf8.index(after: at)...].map(Self.fold)
        return domains.contains { $0.utf8.map(Self.fold) == domain }
    }

    private static func fold(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
