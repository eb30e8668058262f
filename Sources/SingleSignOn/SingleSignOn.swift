public import Cryptography
import FastJSON
public import HTTPMessages

/// Signs people in with an OpenID Connect provider: the authorization code flow with PKCE (OpenID Connect Core 1.0 §3.1).
///
/// ```swift
/// let begun = try await signOn.begin(returnTo: "/")             // redirect to begun.url, set begun.ticket as a cookie
/// let person = try await signOn.finish(answer, ticket: cookie)  // on the way back
/// ```
public final class SingleSignOn: Sendable {
    private let settings: SingleSignOnSettings
    private let provider: ProviderConnection
    private let key: SecretKey
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - transport: Must not follow redirects.
    ///   - key: Seals what browsers carry.
    ///   - clock: Seconds since 1970.
    /// - Throws: `misconfigured`.
    public init(
        _ settings: SingleSignOnSettings, transport: any HTTPTransport, key: SecretKey,
        clock: @escaping @Sendable () -> Int64
    ) throws(SingleSignOnError) {
        try settings.validate()
        self.settings = settings
        self.key = key
        self.clock = clock
        provider = ProviderConnection(settings, transport)
    }

    /// A sign-in that has begun.
    public struct Begun: Hashable, Sendable {
        /// Where the browser goes.
        public var url: String
        /// What it carries meanwhile, as a cookie that only this server reads: HttpOnly, SameSite=Lax.
        public var ticket: String
        /// How long the cookie holds, in seconds.
        public var lifetime: Int64
    }

    /// Begins a sign-in.
    ///
    /// - Parameter returnTo: A path within this server for afterwards; another address becomes `/`.
    /// - Throws: ``SingleSignOnError`` where the provider's document cannot be had.
    public func begin(returnTo: String) async throws(SingleSignOnError) -> Begun {
        let now = clock()
        let document = try await provider.document(now: now)
        do throws(CryptographyError) {
            let flow = try SignInFlow(issuer: settings.issuer, returnTo: returnTo)
            let scope = (["openid"] + settings.scopes.filter { $0 != "openid" }).joined(separator: " ")
            let query = PercentEncoding.query([
                ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", settings.redirectURI),
                ("scope", scope), ("state", flow.state), ("nonce", flow.nonce), ("code_challenge", flow.challenge),
                ("code_challenge_method", "S256"),
            ])
            let joint = document.authorizationEndpoint.contains("?") ? "&" : "?"
            return Begun(
                url: document.authorizationEndpoint + joint + query, ticket: try flow.sealed(key: key, now: now),
                lifetime: SignInFlow.lifetime)
        } catch {
            throw SingleSignOnError(.misconfigured, "The sign-in could not begin: \(error.message).")
        }
    }

    /// What the provider gives a browser to bring back (RFC 6749 §4.1.2, RFC 9207).
    public struct Answer: Hashable, Sendable {
        public var code: String?
        public var state: String?
        public var error: String?
        public var issuer: String?

        /// Of the names and values of the query, each at its first place.
        public init(query: [(name: String, value: String)]) {
            func first(_ name: String) -> String? { query.first { $0.name == name }?.value }
            (code, state, error, issuer) = (first("code"), first("state"), first("error"), first("iss"))
        }
    }

    /// Ends a sign-in: redeems the code, and believes the identity token after every check.
    ///
    /// - Parameter ticket: The cookie that ``begin(returnTo:)`` gave; to be deleted whatever comes of it.
    /// - Throws: ``SingleSignOnError``; its message is for the person.
    public func finish(_ answer: Answer, ticket: String?) async throws(SingleSignOnError) -> ProvenIdentity {
        let now = clock()
        let flow = try SignInFlow(opening: ticket, key: key, now: now)
        guard flow.issuer == settings.issuer,
            ConstantTime.areEqual(Array((answer.state ?? "").utf8), Array(flow.state.utf8))
        else { throw SignInFlow.notStartedHere }
        let document = try await provider.document(now: now)
        guard answer.issuer.map({ $0 == settings.issuer }) ?? !document.namesIssuer else {
            throw SingleSignOnError(.providerInvalid, "The answer comes from another provider than the one asked.")
        }
        if let error = answer.error { throw Self.refusal(error) }
        guard let code = answer.code, !code.isEmpty, code.utf8.count <= 4_096 else {
            throw SingleSignOnError(.providerInvalid, "The provider sent neither a code nor a reason.")
        }
        let tokens = try await redeem(code, flow, document)
        let identity = try IdentityToken(tokens.identity)
        try await provider.verify(identity, document, now: now)
        try identity.check(
            .init(
                issuer: settings.issuer, clientID: settings.clientID, nonce: flow.nonce, accessToken: tokens.access,
                now: now))
        return try await person(identity, tokens, flow, document)
    }

    /// Where to send a browser so that the provider's own session ends too (OpenID Connect RP-Initiated Logout 1.0).
    ///
    /// - Parameters:
    ///   - hint: ``ProvenIdentity/identityToken``.
    ///   - returnTo: Where the provider sends the browser afterwards; must be registered there.
    /// - Returns: `nil` where the provider does not offer it.
    public func endSessionURL(hint: String?, returnTo: String) async throws(SingleSignOnError) -> String? {
        guard let endpoint = try await provider.document(now: clock()).endSessionEndpoint else { return nil }
        var items = [("client_id", settings.clientID), ("post_logout_redirect_uri", returnTo)]
        if let hint { items.insert(("id_token_hint", hint), at: 0) }
        return endpoint + (endpoint.contains("?") ? "&" : "?")
            + PercentEncoding.query(items.map { (name: $0.0, value: $0.1) })
    }

    private static func refusal(_ error: String) -> SingleSignOnError {
        switch error {
        case "access_denied":
            SingleSignOnError(.refused, "The provider did not sign you in. Ask whoever runs it for access.")
        case "login_required", "interaction_required", "consent_required", "account_selection_required":
            SingleSignOnError(.refused, "The provider wants you to sign in there first. Begin again.")
        case "invalid_scope":
            SingleSignOnError(.misconfigured, "The provider does not know a scope that is asked for.")
        case "server_error", "temporarily_unavailable":
            SingleSignOnError(.unreachable, "The provider cannot sign anybody in at present. Try again later.")
        default: SingleSignOnError(.refused, "The provider refused the sign-in.")
        }
    }
}

// MARK: Behind the browser's back

extension SingleSignOn {
    fileprivate struct Tokens {
        var identity: String
        var access: String?
    }

    /// Redeems the code (RFC 6749 §4.1.3, RFC 7636 §4.5).
    fileprivate func redeem(
        _ code: String, _ flow: SignInFlow, _ document: ProviderDocument
    ) async throws(SingleSignOnError) -> Tokens {
        var items: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.redirectURI),
            ("code_verifier", flow.verifier),
        ]
        var headers: HTTPHeaders = [
            "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded",
        ]
        let id = settings.clientID
        switch settings.clientSecret {
        case let secret? where document.takesBasic:
            headers["Authorization"] =
                "Basic " + Base64.encode(PercentEncoding.encode(id) + ":" + PercentEncoding.encode(secret))
        case let secret?: items += [("client_id", id), ("client_secret", secret)]
        case nil: items.append(("client_id", id))
        }
        let body = Array(PercentEncoding.query(items).utf8)
        let response = try await provider.send(
            HTTPRequest(.post, document.tokenEndpoint, headers: headers, body: body))
        let json = IdentityToken.parse(response.body)
        guard response.status == 200 else { throw Self.exchangeRefusal(json?["error"]?.string, response.status) }
        guard let token = json?["id_token"]?.string else {
            throw SingleSignOnError(.providerInvalid, "The provider gave no identity token. Allow the scope openid.")
        }
        return Tokens(identity: token, access: json?["access_token"]?.string)
    }

    private static func exchangeRefusal(_ error: String?, _ status: Int) -> SingleSignOnError {
        switch error {
        case "invalid_client", "unauthorized_client":
            SingleSignOnError(
                .exchangeRefused, "The provider does not accept the client id and secret. Copy them from there again.")
        case "invalid_grant":
            SingleSignOnError(
                .exchangeRefused,
                "The provider no longer accepts the code, or the redirect address differs from the one registered there. Begin again."
            )
        case _ where status >= 500:
            SingleSignOnError(.unreachable, "The provider fails at present (status \(status)). Try again later.")
        default:
            SingleSignOnError(.exchangeRefused, "The provider refused to redeem the code (status \(status)).")
        }
    }

    fileprivate func person(
        _ identity: IdentityToken, _ tokens: Tokens, _ flow: SignInFlow, _ document: ProviderDocument
    ) async throws(SingleSignOnError) -> ProvenIdentity {
        let claims = identity.claims
        let subject = claims["sub"]?.string ?? ""
        var sources = [claims]
        let lacksGroups = settings.groupClaim.map { Self.groups($0, claims) == nil } ?? false
        if claims["email"]?.string == nil || lacksGroups, let access = tokens.access,
            let endpoint = document.userInfoEndpoint
        {
            sources.append(try await userInfo(endpoint, access, subject))
        }
        // An address and the word that it was verified must come from the same place.
        let named = sources.first { $0["email"]?.string != nil }
        let isVerified = named?["email_verified"]?.bool == true || named?["email_verified"]?.string == "true"
        let email = named?["email"]?.string.flatMap { $0.utf8.count <= 254 ? $0 : nil }
        return ProvenIdentity(
            issuer: settings.issuer, subject: subject, email: isVerified ? email : nil,
            hasUnverifiedEmail: email != nil && !isVerified,
            name: sources.lazy.compactMap { $0["name"]?.string ?? $0["preferred_username"]?.string }.first
                .map { String($0.prefix(200)) },
            groups: settings.groupClaim.flatMap { claim in sources.lazy.compactMap { Self.groups(claim, $0) }.first },
            identityToken: tokens.identity, returnTo: flow.returnTo)
    }

    /// OpenID Connect Core §5.3. Another person's answer must not be taken for this one's (§5.3.2).
    private func userInfo(
        _ endpoint: String, _ access: String, _ subject: String
    ) async throws(SingleSignOnError) -> JSONValue {
        let response = try await provider.send(
            HTTPRequest(.get, endpoint, headers: ["Accept": "application/json", "Authorization": "Bearer " + access]))
        guard response.status == 200, let json = IdentityToken.parse(response.body), json["sub"]?.string == subject
        else {
            throw SingleSignOnError(
                .providerInvalid, "The provider did not tell more about you (status \(response.status)).")
        }
        return json
    }

    /// A list of names, or one; `realm_access.roles` looks inside where no claim has the whole name.
    private static func groups(_ claim: String, _ claims: JSONValue) -> [String]? {
        var value = claims[claim]
        if value == nil {
            value = claim.split(separator: ".").reduce(Optional(claims)) { $0?[String($1)] }
        }
        if let one = value?.string { return [one] }
        return value?.array.map { $0.prefix(1_000).compactMap(\.string) }
    }
}
