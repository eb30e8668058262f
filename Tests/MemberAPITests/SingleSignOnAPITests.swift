import Cryptography
import FastJSON
import HTTPMessages
import SignIn
import SingleSignOn
import Synchronization
import TestSigning
import Testing
import WebAPI
import Workspace

@Suite("Single sign-on over the API") struct SingleSignOnAPITests {
    @Test("a browser goes to the provider, comes back with a session, and lands where it wanted to")
    func there() async throws {
        let provider = try StubProvider()
        let api = try await provider.api()
        try await api.member("ada@acme.example")
        let back = try await provider.visit(api, to: "/search?q=1")
        #expect(back.status == 303 && back.headers["Location"] == "/search?q=1", "\(back)")
        let cookies = back.headers.values(of: "Set-Cookie")
        #expect(cookies.first?.hasPrefix("drawbridge_sso=; Path=/; Max-Age=0") == true)
        let session = try #require(cookies.last?.split(separator: ";").first?.split(separator: "=").last)
        let me = try await api.ask(.get, "me", as: .session(String(session)))
        #expect(me["email"] == "ada@acme.example")
        let listed = try await api.ask(.get, "account", as: .session(String(session)))
        #expect(listed["providers"] == [.string(StubProvider.issuer)] && listed["passwordChanged"] == .null)
    }

    @Test("somebody nobody added, an unverified address and a group that gives nothing do not come in")
    func notAdmitted() async throws {
        let provider = try StubProvider()
        let api = try await provider.api { $0.groupRules = "it=admin" }
        #expect(try await provider.visit(api).code == "not_admitted")
        try await api.member("ada@acme.example")
        #expect(try await provider.visit(api).code == "not_admitted")
        provider.change(["groups": ["it"], "email_verified": false])
        #expect(try await provider.visit(api).code == "not_admitted")
        provider.change(["email_verified": true])
        #expect(try await provider.visit(api).status == 303)
        #expect(try await api.trail().contains("member.changed"))
    }

    @Test("who may come in without being added becomes a member")
    func admitted() async throws {
        let provider = try StubProvider()
        let api = try await provider.api {
            $0.admitsNewMembers = true
            $0.domains = ["acme.example"]
        }
        #expect(try await provider.visit(api).status == 303)
        provider.change(["sub": "2", "email": "eve@evil.example"])
        #expect(try await provider.visit(api).code == "not_admitted")
    }

    @Test("an answer that this browser did not ask for signs nobody in")
    func foreign() async throws {
        let provider = try StubProvider()
        let api = try await provider.api()
        try await api.member("ada@acme.example")
        let stray = try await api.ask(.get, ProviderSignIn.callbackPath + "?code=1&state=x")
        #expect(stray.status == 400 && stray.code == "sso_not_started_here" && stray.session == nil)
        let mine = try await api.ask(.get, "/sign-in/sso")
        let ticket = try #require(mine.headers["Set-Cookie"]?.split(separator: ";").first)
        let other = try await api.ask(
            .get, ProviderSignIn.callbackPath + "?code=1&state=other&session_state=s",
            headers: ["Cookie": String(ticket)])
        #expect(other.code == "sso_not_started_here")
        let refused = try await provider.visit(api, answer: "error=access_denied&error_description=no")
        #expect(refused.status == 403 && refused.code == "sso_refused")
    }

    @Test("where it is not set up there is nothing")
    func notSet() async throws {
        let api = try await TestAPI()
        #expect(try await api.ask(.get, "/sign-in/sso").status == 404)
        #expect(try await api.ask(.get, ProviderSignIn.callbackPath).status == 404)
    }

    @Test("group rules without the claim that lists groups are a mistake that is named")
    func misconfigured() throws {
        let error = #expect(throws: SingleSignOnError.self) {
            var configuration = StubProvider.configuration
            configuration.groupClaim = nil
            configuration.groupRules = "it=admin"
            _ = try ProviderSignIn(
                configuration, publicURL: "https://drawbridge.example", transport: NoNetwork(), key: SecretKey()
            ) { 0 }
        }
        #expect(error?.code == .misconfigured)
    }
}

/// A provider that signs whatever a test wants to be true.
final class StubProvider: HTTPTransport {
    static let issuer = "https://login.acme.example"
    static let configuration: ProviderSignIn.Configuration = {
        var configuration = ProviderSignIn.Configuration(
            issuer: issuer, clientID: "drawbridge", clientSecret: "not so secret")
        configuration.groupClaim = "groups"
        return configuration
    }()
    /// Making one takes a while.
    private static let key = PrivateKey(.p256)

    private let claims: Mutex<[String: JSONValue]>
    private let key: PrivateKey

    init() throws {
        guard let key = Self.key else { throw HTTPTransportError(.other) }
        self.key = key
        claims = Mutex([
            "iss": .string(Self.issuer), "aud": "drawbridge", "sub": "1", "email": "ada@acme.example",
            "email_verified": true, "name": "Ada", "groups": ["staff"], "exp": 1_790_000_300, "iat": 1_790_000_000,
        ])
    }

    func change(_ changes: [String: JSONValue]) { claims.withLock { $0.merge(changes) { $1 } } }

    func api(_ change: (inout ProviderSignIn.Configuration) -> Void = { _ in }) async throws -> TestAPI {
        var configuration = Self.configuration
        change(&configuration)
        return try await TestAPI { [configuration] key in
            try ProviderSignIn(
                configuration, publicURL: "https://drawbridge.example", transport: self, key: key
            ) { 1_790_000_000 }
        }
    }

    /// Goes there with a browser, and back.
    func visit(_ api: TestAPI, to path: String = "/", answer: String = "code=c1") async throws -> TestAPI.Reply {
        let begun = try await api.ask(.get, "/sign-in/sso?to=" + PercentEncoding.encode(path))
        try #require(begun.status == 303)
        let ticket = try #require(begun.headers["Set-Cookie"]?.split(separator: ";").first)
        let query = try #require(begun.headers["Location"]?.split(separator: "?").last)
        func value(_ name: String) -> String {
            query.split(separator: "&").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
                ?? ""
        }
        change(["nonce": .string(value("nonce"))])
        return try await api.ask(
            .get, "\(ProviderSignIn.callbackPath)?\(answer)&state=\(value("state"))&session_state=s",
            headers: ["Cookie": String(ticket)])
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        switch request.url {
        case let url where url.hasSuffix("/.well-known/openid-configuration"):
            return Self.answer([
                "issuer": .string(Self.issuer), "authorization_endpoint": .string(Self.issuer + "/authorize"),
                "token_endpoint": .string(Self.issuer + "/token"), "jwks_uri": .string(Self.issuer + "/keys"),
            ])
        case let url where url.hasSuffix("/keys"):
            guard case .p256(let x, let y) = key.publicKey else { return HTTPResponse(status: 500) }
            return Self.answer([
                "keys": [
                    [
                        "kty": "EC", "crv": "P-256", "kid": "one", "x": .string(Base64URL.encode(x)),
                        "y": .string(Base64URL.encode(y)),
                    ]
                ]
            ])
        case let url where url.hasSuffix("/token"):
            let members = claims.withLock { $0.map { JSONValue.Member($0.key, $0.value) } }
            let header: JSONValue = ["alg": "ES256", "kid": "one"]
            let token = key.token(header: header.serialized(), claims: JSONValue.object(members).serialized())
            return Self.answer(["access_token": "a", "token_type": "Bearer", "id_token": .string(token)])
        default: return HTTPResponse(status: 404)
        }
    }

    private static func answer(_ value: JSONValue) -> HTTPResponse {
        HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: value.serialized())
    }
}
