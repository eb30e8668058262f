public import Cryptography
public import HTTPMessages
internal import SignIn
public import SingleSignOn
internal import Workspace

/// The company's sign-in provider: how it is asked, and whom it lets in as what.
public struct ProviderSignIn: Sendable {
    /// The path of the redirect address, below the server's public URL; see docs/single-sign-on.md.
    public static let callbackPath = "/sign-in/sso/callback"

    let exchange: SingleSignOn
    let policy: AdmissionPolicy

    /// What is set about it.
    public struct Configuration: Hashable, Sendable {
        public var issuer: String
        public var clientID: String
        /// A secret; `nil` for a client that has none.
        public var clientSecret: String?
        /// The claim that lists groups.
        public var groupClaim: String?
        /// `group=role, group=role`; with it, only who is in one of the groups comes in.
        public var groupRules: String?
        public var admitsNewMembers = false
        /// Domains of new members' addresses; empty for every one.
        public var domains: [String] = []

        public init(issuer: String, clientID: String, clientSecret: String?) {
            self.issuer = issuer
            self.clientID = clientID
            self.clientSecret = clientSecret
        }
    }

    /// - Parameters:
    ///   - publicURL: Where people reach this server, without a slash at the end.
    ///   - transport: Must not follow redirects.
    ///   - key: Seals what browsers carry while they are at the provider.
    ///   - clock: Seconds since 1970.
    /// - Throws: `SingleSignOnError` with `misconfigured`.
    public init(
        _ configuration: Configuration, publicURL: String, transport: any HTTPTransport, key: SecretKey,
        clock: @escaping @Sendable () -> Int64
    ) throws(SingleSignOnError) {
        var settings = SingleSignOnSettings(
            issuer: configuration.issuer, clientID: configuration.clientID, clientSecret: configuration.clientSecret,
            redirectURI: publicURL + Self.callbackPath)
        settings.groupClaim = configuration.groupClaim
        let roles: [Member.Role] = [.owner, .admin, .member]
        let rules = try GroupRules(configuration.groupRules ?? "", roles: roles.map(\.rawValue))
        guard rules.isEmpty || configuration.groupClaim != nil else {
            throw SingleSignOnError(.misconfigured, "Group rules need the claim that lists groups (sso.groups).")
        }
        exchange = try SingleSignOn(settings, transport: transport, key: key, clock: clock)
        var byGroup: [String: Member.Role] = [:]
        // The weightiest comes first: a group that is named twice keeps it.
        for rule in rules.rules { byGroup[rule.group] = byGroup[rule.group] ?? Member.Role(rawValue: rule.role) }
        policy = AdmissionPolicy(
            admitsNewMembers: configuration.admitsNewMembers, domains: configuration.domains,
            requiredGroups: rules.rules.map(\.group), roles: byGroup)
    }
}
