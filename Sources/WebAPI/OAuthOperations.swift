internal import AccessEngine
internal import AuditTrail
internal import FastJSON
public import HTTPMessages
internal import IssueModel
internal import JiraClient
public import JiraOAuth
internal import SignIn
internal import SourceAdministration
public import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// What connecting by OAuth needs.
public struct OAuthService: Sendable {
    let consents: ConsentFlow
    let transport: any HTTPTransport
    let gatewayURL: String

    /// - Parameter transport: Reaches Jira, with the tokens of grants; see `OAuthTransport`.
    public init(store: Store, transport: any HTTPTransport, endpoints: OAuthEndpoints = OAuthEndpoints()) {
        consents = ConsentFlow(store: store, transport: transport, endpoints: endpoints)
        self.transport = transport
        gatewayURL = endpoints.api
    }
}

/// Letting this program read Jira Cloud by OAuth: for a source, and for members' own accounts.
enum OAuthOperations {
    static let all = [begin, beginOwn, callback, grants]

    private static let purposes = Schema.list(
        of: .choice(OAuthPurpose.allCases.map(\.rawValue)), 0...OAuthPurpose.allCases.count)

    private static let begun = Answer.json(
        "Where to send the browser; the answer also sets a cookie that it must bring back",
        .object([
            .required("url", .text()), .required("callback", .text().saying("to register with Atlassian, exactly")),
            .required("scopes", .list(of: .text())),
        ]))

    private static let begin = Operation(
        .post, "/api/v1/oauth/jira/consents", id: "oauth.begin",
        summary: "Begin to let an app of yours read a Jira Cloud site, for a source",
        details:
            "Afterwards the callback tells the grant and its sites, for a credential of kind oauth when adding a source or giving it another.",
        rule: .admin(.admin),
        body: .json(
            .input([
                .required("clientId", .text(1...255)),
                .required("clientSecret", .text(1...1_024).saying("never shown again")),
                .optional("purposes", purposes.saying("reading and mirroring without it")),
            ])), answers: [200: begun], problems: [409]
    ) { call in
        let purposes = call.givenList("purposes")?.compactMap { OAuthPurpose(rawValue: $0) } ?? [.mirroring]
        let app = OAuthApp(clientID: call.given("clientId") ?? "", clientSecret: call.given("clientSecret") ?? "")
        return try await start(call, app, Set(purposes), member: nil, note: "")
    }

    private static let beginOwn = Operation(
        .post, "/api/v1/me/jira-consents", id: "oauth.begin-own",
        summary: "Begin to prove which Jira account you are, by allowing the source's app to read for you",
        details: "For sources that are connected by OAuth: the same app asks you.", rule: .member(.write),
        body: .json(.input([.required("source", Schemas.sourceName)])), answers: [200: begun], problems: [409]
    ) { call in
        let source = try await call.services.administration.present(call.given("source") ?? "")
        let key = try call.services.store.secretKey()
        let app = try await call.services.store.read { connection in
            try GrantRecords.grant(ofSource: source, key: key, in: connection)
                .flatMap { try GrantRecords.app($0.app, key: key, in: connection) }
        }
        guard let app else {
            throw Problem.conflict(
                "source_without_app", "\(source.name) is not connected by OAuth. Link with a token of your own instead."
            )
        }
        return try await start(call, app, [], member: try call.member().id, note: source.name)
    }

    private static func start(
        _ call: Call, _ app: OAuthApp, _ purposes: Set<OAuthPurpose>, member: MemberID?, note: String
    ) async throws -> WebResponse {
        let redirect = try CallbackCheck.address(publicURL: call.services.publicURL ?? "")
        let event = call.caller.origin.event(
            "oauth.consent_begun", subject: note, details: .object([.init("client", .string(app.clientID))]))
        let begun = try await call.oauth().consents.begin(
            .init(app: app, redirectURI: redirect, purposes: purposes, member: member, note: note)
        ) { try AuditTrail.append(event, in: $0) }
        var response = WebResponse.json { json in
            json.member("url", begun.url)
            json.member("callback", redirect)
            json.key("scopes")
            json.array { json in OAuthPurpose.scopes(for: purposes).forEach { json.string($0) } }
        }
        response.headers["Set-Cookie"] = ticket(begun.ticket, for: begun.lifetime, redirect)
        return response
    }

    private static let callback = Operation(
        .get, CallbackCheck.path, id: "oauth.callback", summary: "Where Atlassian sends the browser back to",
        details: "Stores the grant. Where a member began it for themselves, it links them to the account at once.",
        rule: .member(.read),
        parameters: [
            .query("code", .text(0...8_192), "to redeem"), .query("state", .text(0...512), "ties it to the browser"),
            .query("error", .text(0...512), "why there is no code"),
            .query("error_description", .text(0...8_192), "the same in words"),
        ],
        answers: [
            200: .json(
                "The grant",
                .object([
                    .required("grant", .integer()), .required("sites", .list(of: site)),
                    .required("missing", .list(of: .text()).saying("purposes that were asked for and not allowed")),
                    .required("account", .text().orNull.saying("the account that the member is now linked to")),
                ]))
        ], problems: [409, 422, 502]
    ) { call in
        let member = try call.member()
        let host = call.request.message.headers["Host"] ?? ""
        let origin = call.caller.origin
        let consent = try await call.oauth().consents.finish(
            arrived: "\(call.request.isSecure ? "https" : "http")://\(host)\(call.request.path)",
            query: call.request.query.map { ($0.name, $0.value) }, ticket: ticket(in: call.request.message.headers),
            member: member.id
        ) { consent, context in
            let details = JSONValue.object([.init("grant", .integer(consent.grant))])
            try AuditTrail.append(
                origin.event("oauth.consent_given", subject: consent.note, details: details), in: context)
        }
        // What an admin began, only an admin ends: it makes a credential of a source.
        guard consent.member != nil || call.isAdmin else { throw Problem.notFound() }
        let account = consent.member == nil ? nil : try await link(member, consent, call)
        var response = WebResponse.json { json in
            json.member("grant", Int(consent.grant))
            write(consent.sites, to: &json)
            json.key("missing")
            json.array { json in consent.missing.forEach { json.string($0.rawValue) } }
            json.member("account", account)
        }
        response.headers["Set-Cookie"] = ticket("", for: 0, call.services.publicURL ?? "")
        return response
    }

    private static func link(_ member: Member, _ consent: ConsentFlow.Consent, _ call: Call) async throws -> String {
        let services = call.services
        let source = try await services.administration.present(consent.note)
        guard let site = consent.sites.first(where: { $0.id == source.siteID }) else {
            throw OAuthError(
                .noSite, "The account you chose has no access to the site of \(source.name). Choose another account.")
        }
        let oauth = try call.oauth()
        let link = PersonalLink(store: services.store, transport: oauth.transport, gatewayURL: oauth.gatewayURL)
        let origin = call.caller.origin
        let account = try await link.link(
            member, to: source, with: .oauth(grant: consent.grant, site: site.id)
        ) { account, context in
            let details: JSONValue = .object([
                .init("source", .string(source.name)), .init("account", .string(account.id.rawValue)),
            ])
            try AuditTrail.append(
                origin.event("identity.proven", subject: member.email, details: details), in: context)
        }
        services.wake()
        return account.id.rawValue
    }

    private static let site = Schema.object([
        .required("id", .text()), .required("url", .text()), .required("name", .text()),
    ])

    private static func write(_ sites: [GrantedSite], to json: inout JSONWriter) {
        json.key("sites")
        json.array { json in
            for site in sites {
                json.object { json in
                    json.member("id", site.id)
                    json.member("url", site.url)
                    json.member("name", site.name)
                }
            }
        }
    }

    private static let grants = Operation(
        .get, "/api/v1/oauth/jira/grants", id: "oauth.grants", summary: "The grants of sources, and how long they hold",
        rule: .admin(.read),
        answers: [
            200: .json(
                "Every grant that is no member's own",
                Schemas.list(
                    "grants",
                    of: .object([
                        .required("grant", .integer()), .required("sites", .list(of: site)),
                        .required("scopes", .list(of: .text())), .required("granted", .time),
                        .required("expires", .time), .required("ended", .text().orNull),
                    ])))
        ]
    ) { call in
        let now = call.services.now
        let grants = try await call.services.store.read { try GrantRecords.all(in: $0) }.filter { $0.member == nil }
        return .json { json in
            json.key("grants")
            json.array { json in
                for grant in grants {
                    json.object { json in
                        json.member("grant", Int(grant.id))
                        write(grant.sites, to: &json)
                        json.key("scopes")
                        json.array { json in grant.scopes.forEach { json.string($0) } }
                        json.member("granted", grant.granted.rfc3339)
                        json.member("expires", grant.lifetime(at: now).end.rfc3339)
                        json.key("ended")
                        grant.ended.map { json.string($0.rawValue) } ?? json.null()
                    }
                }
            }
        }
    }

    // MARK: The cookie

    private static let cookie = "drawbridge_consent"

    private static func ticket(_ value: String, for seconds: Int64, _ redirect: String) -> String {
        "\(cookie)=\(value); Path=\(CallbackCheck.path); Max-Age=\(seconds); HttpOnly; SameSite=Lax"
            + (redirect.hasPrefix("https:") ? "; Secure" : "")
    }

    private static func ticket(in headers: HTTPHeaders) -> String? {
        for header in headers.values(of: "Cookie") where header.utf8.count <= 16_384 {
            for pair in header.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                if pair.hasPrefix(cookie + "=") { return String(pair.dropFirst(cookie.count + 1)) }
            }
        }
        return nil
    }
}

extension Call {
    fileprivate func oauth() throws(Problem) -> OAuthService {
        if let oauth = services.oauth { return oauth }
        throw Problem(503, "oauth_unavailable", "Not at present", detail: "This server does not connect by OAuth.")
    }

    /// The credential that a body describes; a grant must be one for sources, not a member's own.
    func credential(_ body: JSONValue) async throws -> Credential {
        guard body["kind"]?.string == "oauth" else { return try Credential(body) }
        guard let id = body["grant"]?.integer, let site = body["site"]?.string else {
            throw Problem.badRequest(
                "credential_incomplete",
                "A credential of kind oauth needs 'grant' and 'site', as the callback told them.")
        }
        let grant = try await services.store.read { try GrantRecords.grant(Int64(id), in: $0) }
        guard let grant, grant.member == nil, grant.sites.contains(where: { $0.id == site }) else {
            throw Problem.badRequest("grant_unknown", "There is no such grant for a source, or it is for another site.")
        }
        return .oauth(grant: grant.id, site: site)
    }
}
