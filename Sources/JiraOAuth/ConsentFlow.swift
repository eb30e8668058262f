import Cryptography
import FastJSON
public import HTTPMessages
import IssueModel
public import JiraClient
public import Store
public import Workspace

/// Asks a person to let this program read Jira for them, and takes what Atlassian gives (RFC 6749 §4.1).
///
/// ```swift
/// let begun = try await flow.begin(request)                       // redirect to begun.url, set begun.ticket as a cookie
/// let consent = try await flow.finish(arrived: url, ticket: cookie)
/// let credential = Credential.oauth(grant: consent.grant, site: consent.sites[0].id)
/// ```
public struct ConsentFlow: Sendable {
    /// How long a person may take, in seconds.
    public static let lifetime: Int64 = 600
    private static let purpose = "jira consent"

    private let store: Store
    private let endpoint: TokenEndpoint
    private let time: TimeSource

    public init(
        store: Store, transport: any HTTPTransport, endpoints: OAuthEndpoints = OAuthEndpoints(),
        time: TimeSource = .system
    ) {
        self.store = store
        self.time = time
        endpoint = TokenEndpoint(endpoints: endpoints, transport: transport) { time.now().rawValue }
    }

    /// What a consent is for.
    public struct Request: Hashable, Sendable {
        public var app: OAuthApp
        /// See ``CallbackCheck/address(publicURL:)``.
        public var redirectURI: String
        public var purposes: Set<OAuthPurpose>
        /// Whose own grant it will be; `nil` for a source's.
        public var member: MemberID?
        /// What to go on with afterwards, in the caller's own words, at most 1,024 bytes.
        public var note: String

        public init(
            app: OAuthApp, redirectURI: String, purposes: Set<OAuthPurpose>, member: MemberID? = nil, note: String = ""
        ) {
            self.app = app
            self.redirectURI = redirectURI
            self.purposes = purposes
            self.member = member
            self.note = note
        }
    }

    /// A consent that has begun.
    public struct Begun: Hashable, Sendable {
        /// Where the browser goes.
        public var url: String
        /// What it carries meanwhile, as a cookie that only this server reads: HttpOnly, SameSite=Lax.
        public var ticket: String
        /// How long the cookie holds, in seconds.
        public var lifetime: Int64
    }

    /// A consent that was given, with its grant stored.
    public struct Consent: Hashable, Sendable {
        /// `oauth_grant.id`, for `Credential.oauth`.
        public var grant: Int64
        /// The sites the person chose; at least one. The same grant serves them all.
        public var sites: [GrantedSite]
        public var member: MemberID?
        public var note: String
        /// What was asked for and not given: the person may lack the rights, or the app the permission.
        public var missing: [OAuthPurpose]
    }

    /// What the browser carries.
    private struct Ticket {
        var state: String
        var app: Int64
        var redirectURI: String
        var purposes: [OAuthPurpose]
        var member: MemberID?
        var note: String
    }

    /// Stores the app and begins a consent.
    ///
    /// - Parameter also: What else belongs to the transaction in which the app is stored.
    /// - Throws: ``OAuthError`` with `misconfigured`.
    public func begin(
        _ request: Request, also: @escaping @Sendable (WriteContext) throws -> Void = { _ in }
    ) async throws -> Begun {
        guard !request.app.clientID.isEmpty, !request.app.clientSecret.isEmpty else {
            throw OAuthError(
                .misconfigured, "The app's client id or secret is missing. Both are in Atlassian's developer console.")
        }
        guard URLParts(request.redirectURI) != nil, request.note.utf8.count <= 1_024 else {
            throw OAuthError(.misconfigured, "The callback address is none. Set the server's public URL.")
        }
        let key = try store.secretKey()
        let app = try await store.write { context in
            try also(context)
            return try GrantRecords.put(request.app, key: key, in: context)
        }
        let state = Base64URL.encode(try Random.bytes(24))
        var json = JSONWriter()
        json.object { json in
            json.member("state", state)
            json.member("app", Int(app))
            json.member("redirect", request.redirectURI)
            json.member("purposes", request.purposes.map(\.rawValue).sorted().joined(separator: " "))
            json.member("member", request.member.map { Int($0.rawValue) })
            json.member("note", request.note)
        }
        let ticket = try SealedTicket.seal(
            json.bytes, purpose: Self.purpose, expires: time.now().rawValue / 1_000 + Self.lifetime, key: key)
        let query = PercentEncoding.query([
            ("audience", "api.atlassian.com"), ("client_id", request.app.clientID),
            ("scope", OAuthPurpose.scopes(for: request.purposes).joined(separator: " ")),
            ("redirect_uri", request.redirectURI), ("state", state), ("response_type", "code"), ("prompt", "consent"),
        ])
        return Begun(
            url: endpoint.endpoints.authorization + "/authorize?" + query, ticket: ticket, lifetime: Self.lifetime)
    }

    /// Ends a consent: checks where the browser came back, redeems the code, lists the sites, and stores the grant.
    ///
    /// - Parameters:
    ///   - arrived: The whole address the browser came back to, as the browser has it.
    ///   - query: Its names and values, decoded.
    ///   - ticket: The cookie that ``begin(_:)`` gave; to be deleted whatever comes of it.
    ///   - member: Who is signed in now; must be who began, where a member began.
    ///   - also: What else belongs to the transaction in which the grant is stored.
    /// - Throws: ``OAuthError``; its message is for the person.
    public func finish(
        arrived: String, query: [(name: String, value: String)], ticket: String?, member: MemberID?,
        also: @escaping @Sendable (Consent, WriteContext) throws -> Void = { _, _ in }
    ) async throws -> Consent {
        let key = try store.secretKey()
        let flow = try Self.open(ticket, key: key, now: time.now().rawValue / 1_000)
        func first(_ name: String) -> String? { query.first { $0.name == name }?.value }
        if let mistake = CallbackCheck.mistake(arrived: arrived, registered: flow.redirectURI) {
            throw OAuthError(
                .callbackMismatch,
                "Atlassian sent the browser back to another address than the one it was given: \(mistake). Correct the server's public URL or the callback address in the developer console."
            )
        }
        guard ConstantTime.areEqual(Array((first("state") ?? "").utf8), Array(flow.state.utf8)),
            flow.member == nil || flow.member == member
        else { throw Self.notStartedHere }
        if let error = first("error") { throw Self.refusal(error) }
        guard let code = first("code"), !code.isEmpty, code.utf8.count <= 8_192 else {
            throw OAuthError(.refused, "Atlassian sent neither a code nor a reason. Begin again.")
        }
        guard let app = try await store.read({ try GrantRecords.app(flow.app, key: key, in: $0) }) else {
            throw Self.notStartedHere
        }
        let tokens = try await endpoint.redeem(code, app, redirectURI: flow.redirectURI)
        let sites = try await endpoint.sites(tokens.access)
        let granted = Set(tokens.scopes).union(sites.flatMap(\.scopes))
        try Self.check(tokens, granted, sites)
        let scopes = granted.sorted()
        return try await store.write { context in
            var kept = tokens
            kept.scopes = scopes
            let grant = try GrantRecords.add(
                kept, app: flow.app, member: flow.member, sites: sites, key: key, in: context)
            let consent = Consent(
                grant: grant, sites: sites, member: flow.member, note: flow.note,
                missing: flow.purposes.filter { !$0.isServed(by: granted) })
            try also(consent, context)
            return consent
        }
    }

    private static func check(
        _ tokens: TokenSet, _ granted: Set<String>, _ sites: [GrantedSite]
    ) throws(OAuthError) {
        guard !sites.isEmpty else {
            throw OAuthError(
                .noSite,
                "The account may use no Jira site with this app. Sign in to Atlassian with an account that has one.")
        }
        guard tokens.refresh != nil else {
            throw OAuthError(
                .scopeMissing, "The grant cannot be renewed: Atlassian gave no refresh token. Allow offline_access.")
        }
        guard OAuthPurpose.reading.isServed(by: granted) else {
            throw OAuthError(
                .scopeMissing,
                "The app may not read Jira. Add the Jira API with read:jira-work and read:jira-user in the developer console, under Permissions."
            )
        }
    }

    private static let notStartedHere = OAuthError(
        .notStartedHere, "This consent did not begin in this browser. Begin again, and allow cookies for this server.")

    private static func refusal(_ error: String) -> OAuthError {
        switch error {
        case "access_denied": OAuthError(.refused, "You did not allow it. Nothing was connected.")
        case "invalid_scope", "unauthorized_client":
            OAuthError(
                .scopeMissing,
                "Atlassian does not let the app ask for this. Add the permissions in the developer console, and share the app with other accounts under Distribution."
            )
        case "server_error", "temporarily_unavailable":
            OAuthError(.unavailable, "Atlassian's sign-in fails at present. Try again later.")
        default: OAuthError(.refused, "Atlassian refused the consent. Begin again.")
        }
    }

    private static func open(_ ticket: String?, key: SecretKey, now: Int64) throws(OAuthError) -> Ticket {
        let bytes: [UInt8]
        do throws(CryptographyError) {
            bytes = try SealedTicket.open(ticket ?? "", purpose: purpose, now: now, key: key)
        } catch {
            if error.code == .expired {
                throw OAuthError(.tooLate, "The consent took more than ten minutes. Begin again.")
            }
            throw notStartedHere
        }
        guard let json = try? JSONValue(parsing: bytes), let state = json["state"]?.string,
            let app = json["app"]?.integer, let redirect = json["redirect"]?.string
        else { throw notStartedHere }
        return Ticket(
            state: state, app: Int64(app), redirectURI: redirect,
            purposes: (json["purposes"]?.string ?? "").split(separator: " ")
                .compactMap { OAuthPurpose(rawValue: String($0)) },
            member: json["member"]?.integer.map { MemberID(Int64($0)) }, note: json["note"]?.string ?? "")
    }
}
