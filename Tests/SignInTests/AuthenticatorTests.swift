import AccessControl
import HTTPMessages
import SignIn
import Store
import Testing
import Workspace

@Suite("Who is calling") struct AuthenticatorTests {
    @Test("a token is taken as bearer or in X-API-TOKEN, and nowhere else")
    func tokens() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let token = try await desk.token(of: member).token
        let good: [HTTPHeaders] = [
            ["Authorization": "Bearer \(token)"], ["authorization": "bearer \(token)"], ["X-API-TOKEN": token],
            ["x-api-token": token], ["X-API-TOKEN": token, "Authorization": "Bearer \(token)"],
        ]
        for headers in good { #expect(try await desk.caller(.get, headers).member == member, "\(headers)") }
        let bad: [HTTPHeaders] = [
            [:], ["Authorization": token], ["Authorization": "Basic \(token)"], ["Authorization": "Bearer"],
            ["Authorization": "Bearer \(token) more"], ["X-API-TOKEN": token + "x"], ["X-API-TOKEN": ""],
            ["X-API-TOKEN": String(token.dropLast())], ["X-API-TOKEN": String(token.dropFirst(4))],
            ["X-API-TOKEN": String(repeating: "x", count: 100_000)], ["Cookie": "drawbridge_session=\(token)"],
            ["X-API-TOKEN": token, "Authorization": "Bearer other"],
        ]
        for headers in bad { #expect(try await desk.caller(.get, headers).via == .anonymous, "\(headers)") }
    }

    @Test("a bad token is not made up for by a good session")
    func tokenFirst() async throws {
        let desk = try await TestDesk()
        let session = try await desk.session(of: try await desk.member())
        let caller = try await desk.caller(
            .get, ["Cookie": "drawbridge_session=\(session.secret)", "X-API-TOKEN": "dbt_unknown"])
        #expect(caller.via == .anonymous)
    }

    @Test("expired, revoked and unknown tokens make the same anonymous caller")
    func sameWords() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let expired = try await desk.token(of: member, days: 1)
        let revoked = try await desk.token(of: member)
        try await desk.services.accounts.revokeToken(revoked.record.id, by: .commandLine)
        desk.clock.advance(days: 1)
        for token in [expired.token, revoked.token, "dbt_unknown"] {
            let caller = try await desk.caller(token: token)
            #expect(caller == .anonymous(remote: "192.0.2.1"))
            #expect(throws: SignInError.notSignedIn) { try caller.require(.member(.read)) }
        }
    }

    @Test("over TLS only the cookie counts whose name no neighbour can set")
    func secureCookie() async throws {
        let desk = try await TestDesk(.init(publicOrigin: "https://drawbridge.acme.example"))
        let session = try await desk.session(of: try await desk.member())
        #expect(try await desk.caller(session: session.secret).member == nil)
        let caller = try await desk.caller(.get, ["Cookie": "a=b; __Host-drawbridge_session=\(session.secret); c=d"])
        #expect(caller.member != nil)
        let cookie = desk.services.authenticator.cookie.set(session.secret)
        #expect(cookie.hasPrefix("__Host-drawbridge_session=\(session.secret); Path=/; Max-Age=2592000; "))
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax"] { #expect(cookie.contains("; \(attribute)")) }
        #expect(!cookie.contains("Domain"))
        #expect(!SessionCookie(isSecure: false).set("x").contains("Secure"))
        #expect(SessionCookie(isSecure: false).clear.contains("Max-Age=0"))
    }

    @Test("two cookies that contradict each other are none")
    func plantedCookie() async throws {
        let desk = try await TestDesk()
        let session = try await desk.session(of: try await desk.member())
        let name = "drawbridge_session"
        #expect(
            try await desk.caller(.get, ["Cookie": "\(name)=planted; \(name)=\(session.secret)"]).via == .anonymous)
        #expect(
            try await desk.caller(.get, ["Cookie": "\(name)=\(session.secret); \(name)=\(session.secret)"]).member
                != nil)
    }

    @Test("nobody is nobody: an anonymous caller reads as nothing, not as Jira's anonymous")
    func anonymousReader() async throws {
        let desk = try await TestDesk()
        let caller = try await desk.caller(.get, [:])
        await #expect(throws: SignInError.notSignedIn) {
            try await desk.store.read { _ = try caller.reader(in: $0) }
        }
        let member = try await desk.caller(session: try await desk.session(of: try await desk.member()).secret)
        let reader = try await desk.store.read { try member.reader(in: $0) }
        #expect(reader == .accounts([:]))
    }

    struct RuleCase: CustomTestStringConvertible, Sendable {
        var role: Member.Role
        var scopes: Set<Scope>
        var allowed: [AccessRule]
        var testDescription: String { "\(role) with \(scopes.sorted().map(\.rawValue))" }
    }

    static let everyRule: [AccessRule] = [
        .anyone, .member(.read), .member(.write), .admin(.read), .admin(.admin), .owner(.admin),
    ]
    static let ruleCases = [
        RuleCase(role: .member, scopes: [], allowed: [.anyone]),
        RuleCase(role: .member, scopes: [.read], allowed: [.anyone, .member(.read)]),
        RuleCase(
            role: .member, scopes: [.read, .write, .admin], allowed: [.anyone, .member(.read), .member(.write)]),
        RuleCase(role: .admin, scopes: [.read], allowed: [.anyone, .member(.read), .admin(.read)]),
        RuleCase(
            role: .admin, scopes: [.read, .write, .admin],
            allowed: [.anyone, .member(.read), .member(.write), .admin(.read), .admin(.admin)]),
        RuleCase(role: .owner, scopes: [.read, .write, .admin], allowed: everyRule),
        RuleCase(role: .owner, scopes: [.write], allowed: [.anyone, .member(.write)]),
    ]

    @Test("what a role and scopes allow", arguments: ruleCases)
    func rules(_ example: RuleCase) {
        let member = Member(email: "ada@acme.example", role: example.role, added: TestClock().now)
        let caller = Caller(member: member, scopes: example.scopes, via: .token(TokenID(1)), remote: "")
        #expect(Self.everyRule.filter { caller.may($0) } == example.allowed)
        let anonymous = Caller.anonymous(remote: "")
        #expect(Self.everyRule.filter { anonymous.may($0) } == [.anyone])
    }
}

@Suite("Requests from other sites") struct CrossSiteTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var headers: [String: String]
        var isAllowed: Bool
        var body = ""

        init(_ name: String, _ isAllowed: Bool, _ headers: [String: String], body: String = "") {
            (testDescription, self.isAllowed, self.headers, self.body) = (name, isAllowed, headers, body)
        }
    }

    static let own = ["Host": "drawbridge.acme.example", "X-Drawbridge": "1"]
    static let form = ["Host": "drawbridge.acme.example", "Content-Type": "application/x-www-form-urlencoded"]

    static let cases = [
        Case("nothing but the cookie", false, ["Host": "drawbridge.acme.example"]),
        Case("our scripts' header", true, own),
        Case("the header with another value", false, own.with("X-Drawbridge", "0")),
        Case("our header, our origin", true, own.with("Origin", "https://drawbridge.acme.example")),
        Case("our header, our origin in capitals", true, own.with("Origin", "HTTPS://Drawbridge.Acme.Example")),
        Case("our header, another origin", false, own.with("Origin", "https://evil.example")),
        Case("our header, a neighbour's origin", false, own.with("Origin", "https://x.acme.example")),
        Case("our header, another port", false, own.with("Origin", "https://drawbridge.acme.example:8443")),
        Case("our header, an opaque origin", false, own.with("Origin", "null")),
        Case("our header, a file's origin", false, own.with("Origin", "file://drawbridge.acme.example")),
        Case("our header, the browser says same origin", true, own.with("Sec-Fetch-Site", "same-origin")),
        Case("our header, the browser says same site", false, own.with("Sec-Fetch-Site", "same-site")),
        Case("our header, the browser says another site", false, own.with("Sec-Fetch-Site", "cross-site")),
        Case("a form with this session's token", true, form, body: "a=1&form_token=TOKEN&b=2"),
        Case("a form without", false, form, body: "a=1&b=2"),
        Case("a form with another token", false, form, body: "form_token=AAAA"),
        Case("a form with an empty token", false, form, body: "form_token="),
        Case(
            "a form with the token from another site", false, form.with("Sec-Fetch-Site", "cross-site"),
            body: "form_token=TOKEN"),
        Case("the token in what is no form", false, form.with("Content-Type", "text/plain"), body: "form_token=TOKEN"),
    ]

    @Test("of a session's requests, only our own pages' change anything", arguments: cases)
    func session(_ example: Case) async throws {
        let desk = try await TestDesk(.init(publicOrigin: "https://drawbridge.acme.example"))
        let session = try await desk.session(of: try await desk.member())
        var headers: HTTPHeaders = ["Cookie": "__Host-drawbridge_session=\(session.secret)"]
        for (name, value) in example.headers { headers[name] = value }
        let body = example.body.split(separator: "TOKEN", omittingEmptySubsequences: false).joined(
            separator: Authenticator.formToken(of: session.secret))
        for method in [HTTPMethod.post, .put, .delete, HTTPMethod(rawValue: "PATCH")] {
            let request = headers
            let error = try await refusal { _ = try await desk.caller(method, request, body: body) }
            #expect(error?.code == (example.isAllowed ? nil : .crossSite))
        }
        #expect(try await desk.caller(.get, headers).member != nil)
    }

    @Test("where no public address is known, the origin must be the host that was asked")
    func host() throws {
        let check = CrossSiteCheck()
        let own: HTTPHeaders = ["Host": "10.0.0.5:8080", "Origin": "http://10.0.0.5:8080", "X-Drawbridge": "1"]
        try check.require(HTTPRequest(.post, "/", headers: own))
        var other = own
        other["Origin"] = "http://10.0.0.5:8081"
        #expect(throws: SignInError.self) { try check.require(HTTPRequest(.post, "/", headers: other)) }
    }

    @Test("a token's requests need no such proof, for no browser sends a token by itself")
    func token() async throws {
        let desk = try await TestDesk()
        let token = try await desk.token(of: try await desk.member()).token
        let caller = try await desk.caller(.post, ["X-API-TOKEN": token, "Origin": "https://evil.example"])
        #expect(caller.member != nil && caller.formToken == nil)
    }
}

extension [String: String] {
    fileprivate func with(_ name: String, _ value: String) -> Self { merging([name: value]) { $1 } }
}
