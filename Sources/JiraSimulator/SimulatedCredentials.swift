import SimulatedRules
public import SimulatedSite

/// How the people of a simulated site sign in. Nothing here is secret: a demonstration prints it.
public struct SimulatedCredential: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// Cloud: e-mail address and API token, at the site's own address.
        case apiToken
        /// Cloud: e-mail address and a token with scopes, at the API gateway only.
        case scopedToken
        /// Data Center: bearer token.
        case personalAccessToken
        /// Data Center: user name and password.
        case password
    }

    public var kind: Kind
    /// The e-mail address or user name to send; empty for a personal access token.
    public var user: String
    public var secret: String
    /// Position of the person in the site's users.
    public var person: Int
    public var displayName: String
    /// What a scoped token may read; nil when it is not limited.
    public var scopes: Set<Scope>?
    /// Whether an app sends it as a bearer token.
    public var isApp = false

    /// What a token with scopes may be allowed to read.
    public enum Scope: String, Sendable, CaseIterable {
        case work = "read:jira-work"
        case user = "read:jira-user"
        case configuration = "manage:jira-configuration"
        case agile = "read:board-scope:jira-software"
        case webhook = "manage:jira-webhook"
    }
}

/// The credentials of a whole site.
public struct SimulatedCredentials: Sendable {
    let site: SiteState

    public init(_ site: SiteState) {
        self.site = site
    }

    /// The address service accounts sign in with.
    public static let serviceAccountEmail = "drawbridge-sync@serviceaccount.atlassian.com"

    /// Everything `person` may sign in with.
    public func all(of person: User) -> [SimulatedCredential] {
        func make(
            _ kind: SimulatedCredential.Kind, _ user: String, _ secret: String,
            _ scopes: Set<SimulatedCredential.Scope>? = nil
        ) -> SimulatedCredential {
            SimulatedCredential(
                kind: kind, user: user, secret: secret, person: person.index, displayName: person.displayName,
                scopes: scopes)
        }
        guard site.configuration.flavour.isCloud else {
            return [
                make(.personalAccessToken, "", person.personalAccessToken),
                make(.password, person.name, person.password),
            ]
        }
        return [
            make(.apiToken, person.email, person.apiToken),
            make(
                .scopedToken, person.email, "scoped-" + person.apiToken, Set(SimulatedCredential.Scope.allCases)),
            // Reads issues, but neither people nor the rules of who may see what.
            make(.scopedToken, person.email, "narrow-" + person.apiToken, [.work]),
        ]
    }

    /// The bearer token of an OAuth 2.0 app that acts for `person`, good at the gateway; Cloud only.
    public func appToken(of person: User) -> SimulatedCredential {
        SimulatedCredential(
            kind: .scopedToken, user: "", secret: "oauth-token-of-\(person.name)", person: person.index,
            displayName: person.displayName, scopes: Set(SimulatedCredential.Scope.allCases), isApp: true)
    }

    /// The service account, which acts with the rights of the site's first administrator; Cloud only.
    public var serviceAccount: SimulatedCredential? {
        guard site.configuration.flavour.isCloud, let person = administrator else { return nil }
        return SimulatedCredential(
            kind: .scopedToken, user: Self.serviceAccountEmail, secret: "service-account-token", person: person.index,
            displayName: "Drawbridge service account", scopes: Set(SimulatedCredential.Scope.allCases))
    }

    /// The first person who administers the site.
    public var administrator: User? {
        let evaluator = PermissionEvaluator(site)
        return site.users.first { evaluator.isAdministrator(.user($0.index)) }
    }

    /// Who signs in with an e-mail address or name and a secret; nil when nobody does.
    func match(user: String, secret: String) -> SimulatedCredential? {
        if user == Self.serviceAccountEmail { return serviceAccount.flatMap { $0.secret == secret ? $0 : nil } }
        let folded = user.lowercased()
        let isCloud = site.configuration.flavour.isCloud
        // Two accounts may have one address; the secret tells them apart.
        for person in site.users where person.isActive && !person.isDeleted {
            guard (isCloud ? person.email : person.name).lowercased() == folded else { continue }
            let found = all(of: person).first {
                $0.secret == secret && $0.kind != .personalAccessToken
            }
            if let found { return found }
        }
        return nil
    }

    /// Who a bearer token belongs to; nil when nobody.
    func match(bearer token: String) -> SimulatedCredential? {
        let isCloud = site.configuration.flavour.isCloud
        guard
            let person = site.users.first(where: {
                (isCloud ? appToken(of: $0).secret : $0.personalAccessToken) == token
            }), person.isActive, !person.isDeleted
        else { return nil }
        return isCloud ? appToken(of: person) : all(of: person).first { $0.kind == .personalAccessToken }
    }
}
