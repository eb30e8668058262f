import Cryptography
import FastJSON
import SingleSignOn
import TestSigning
import Testing

@Suite("Identity tokens") struct IdentityTokenTests {
    struct Flaw: Sendable, CustomTestStringConvertible {
        let name: String
        let code: SingleSignOnError.Code?
        let change: @Sendable (inout FakeProvider.State) -> Void

        init(
            _ name: String, _ code: SingleSignOnError.Code?,
            _ change: @escaping @Sendable (inout FakeProvider.State) -> Void
        ) {
            (self.name, self.code, self.change) = (name, code, change)
        }

        var testDescription: String { name }
    }

    static let now = FakeProvider.now
    static let flaws: [Flaw] = [
        Flaw("sound", nil) { _ in },
        Flaw("another issuer", .tokenInvalid) { $0.claims["iss"] = "https://login.example.com/other" },
        Flaw("no issuer", .tokenInvalid) { $0.claims["iss"] = nil },
        Flaw("another audience", .tokenInvalid) { $0.claims["aud"] = "other" },
        Flaw("no audience", .tokenInvalid) { $0.claims["aud"] = nil },
        Flaw("an audience of numbers", .tokenInvalid) { $0.claims["aud"] = [1] },
        Flaw("one audience in a list", nil) { $0.claims["aud"] = ["drawbridge"] },
        Flaw("several audiences, no party", .tokenInvalid) { $0.claims["aud"] = ["drawbridge", "other"] },
        Flaw("several audiences, our party", nil) {
            $0.claims["aud"] = ["drawbridge", "other"]
            $0.claims["azp"] = "drawbridge"
        },
        Flaw("another party", .tokenInvalid) { $0.claims["azp"] = "other" },
        Flaw("another nonce", .tokenInvalid) { $0.claims["nonce"] = "other" },
        Flaw("an empty nonce", .tokenInvalid) { $0.claims["nonce"] = "" },
        Flaw("no subject", .tokenInvalid) { $0.claims["sub"] = nil },
        Flaw("an empty subject", .tokenInvalid) { $0.claims["sub"] = "" },
        Flaw("a long subject", .tokenInvalid) { $0.claims["sub"] = .string(String(repeating: "x", count: 256)) },
        Flaw("expired within the skew", nil) { $0.claims["exp"] = .integer(now - 59) },
        Flaw("expired", .clockSkew) { $0.claims["exp"] = .integer(now - 60) },
        Flaw("no expiry", .tokenInvalid) { $0.claims["exp"] = nil },
        Flaw("an expiry in words", .tokenInvalid) { $0.claims["exp"] = "tomorrow" },
        Flaw("an endless expiry", .tokenInvalid) { $0.claims["exp"] = .double(1e300) },
        Flaw("a fraction in the expiry", nil) { $0.claims["exp"] = .double(Double(now) + 0.5) },
        Flaw("no issue time", .tokenInvalid) { $0.claims["iat"] = nil },
        Flaw("issued within the skew", nil) { $0.claims["iat"] = .integer(now + 60) },
        Flaw("issued in the future", .clockSkew) { $0.claims["iat"] = .integer(now + 61) },
        Flaw("not valid yet", .clockSkew) { $0.claims["nbf"] = .integer(now + 61) },
        Flaw("the hash of another access token", .tokenInvalid) { $0.claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" },
        Flaw("the hash of its access token", nil) {
            $0.claims["at_hash"] = .string(
                Base64URL.encode(Array(Digest.sha256(Array("access".utf8)).prefix(16))))
        },
        Flaw("no algorithm", .tokenInvalid) { $0.header["alg"] = "none" },
        Flaw("a shared secret's algorithm", .tokenInvalid) { $0.header["alg"] = "HS256" },
        Flaw("an algorithm of another key", .keyUnknown) { $0.header["alg"] = "ES256" },
        Flaw("a header to be understood", .tokenInvalid) { $0.header["crit"] = ["b64"] },
        Flaw("a stranger's signature", .tokenInvalid) { $0.signer = FakeProvider.otherKey },
        Flaw("an unknown key", .keyUnknown) { $0.header["kid"] = "other" },
        Flaw("no token", .tokenInvalid) { $0.tokenAnswer["id_token"] = "a.b" },
        Flaw("a token that is too long", .tokenInvalid) {
            $0.claims["x"] = .string(String(repeating: "x", count: 70_000))
        },
    ]

    @Test("a token is believed only when everything holds", arguments: flaws)
    func checks(_ flaw: Flaw) async throws {
        let browser = try Browser()
        browser.provider.change(flaw.change)
        #expect(await SignInTests.code { try await browser.signIn() } == flaw.code)
    }

    @Test("a key on P-256 signs too, and its signature is not taken for RSA's")
    func ellipticCurve() async throws {
        let key = try #require(PrivateKey(.p256))
        let browser = try Browser()
        browser.provider.change {
            $0.keys = [("ec", key)]
            $0.header["alg"] = "ES256"
        }
        _ = try await browser.signIn()
        browser.provider.change { $0.header["alg"] = "RS256" }
        browser.clock.advance(by: 60)
        #expect(await SignInTests.code { try await browser.signIn() } == .keyUnknown)
    }

    @Test("a new key is found when a token names it, and inventing names makes no flood")
    func rotation() async throws {
        let browser = try Browser()
        _ = try await browser.signIn()
        let key = try #require(FakeProvider.otherKey)
        browser.provider.change { $0.keys = [("two", key)] }
        #expect(await SignInTests.code { try await browser.signIn() } == .keyUnknown, "looked a moment ago")
        browser.clock.advance(by: 30)
        _ = try await browser.signIn()
        #expect(browser.provider.requests(to: "/keys").count == 2)
        browser.provider.change { $0.header["kid"] = "invented" }
        browser.clock.advance(by: 30)
        for _ in 0..<5 { #expect(await SignInTests.code { try await browser.signIn() } == .keyUnknown) }
        #expect(browser.provider.requests(to: "/keys").count == 3)
    }

    @Test("a provider that is down is asked anew only after a pause, and then found again") func providerIsDown()
        async throws
    {
        let browser = try Browser()
        browser.provider.change { $0.isDown = true }
        for _ in 0..<5 { #expect(await SignInTests.code { try await browser.signIn() } == .unreachable) }
        #expect(browser.provider.requests(to: "/.well-known/openid-configuration").count == 1)
        browser.provider.change { $0.isDown = false }
        browser.clock.advance(by: 5)
        _ = try await browser.signIn()
    }

    @Test("a clock that is set back keeps nobody from a new key") func clockSetBack() async throws {
        let browser = try Browser()
        _ = try await browser.signIn()
        let key = try #require(FakeProvider.otherKey)
        browser.provider.change { $0.keys = [("two", key)] }
        browser.clock.advance(by: -50)
        _ = try await browser.signIn()
        #expect(browser.provider.requests(to: "/keys").count == 2)
    }

    @Test("without names every published key may have signed, also after they changed")
    func namelessKeys() async throws {
        let (first, second) = (try #require(FakeProvider.key), try #require(FakeProvider.otherKey))
        let browser = try Browser()
        browser.provider.change {
            $0.keys = [(nil, first), (nil, second)]
            $0.signer = second
        }
        _ = try await browser.signIn()
        let third = try #require(PrivateKey(.rsa))
        browser.provider.change {
            $0.keys = [(nil, third)]
            $0.signer = third
        }
        browser.clock.advance(by: 30)
        _ = try await browser.signIn()
    }

    @Test(
        "the provider's document must be its own and protected",
        arguments: [
            ("issuer", JSONValue.string("https://login.example.com/main/"), SingleSignOnError.Code.misconfigured),
            ("issuer", .string("https://evil.example.com"), .misconfigured), ("issuer", .null, .providerInvalid),
            ("token_endpoint", .string("http://login.example.com/token"), .providerInvalid),
            ("token_endpoint", .null, .providerInvalid), ("jwks_uri", .string("file:///etc/passwd"), .providerInvalid),
            ("authorization_endpoint", .string("javascript:alert(1)"), .providerInvalid),
            ("id_token_signing_alg_values_supported", .array(["HS256"]), .misconfigured),
            ("code_challenge_methods_supported", .array(["plain"]), .misconfigured),
            ("token_endpoint_auth_methods_supported", .array(["private_key_jwt"]), .misconfigured),
        ])
    func document(_ name: String, _ value: JSONValue, _ code: SingleSignOnError.Code) async throws {
        let browser = try Browser()
        browser.provider.change { $0.document[name] = value }
        #expect(await SignInTests.code { try await browser.signIn() } == code)
    }

    @Test(
        "settings that cannot work are refused at once",
        arguments: [
            SingleSignOnSettings(
                issuer: "login.example.com", clientID: "a", clientSecret: nil, redirectURI: "https://a.b/c"),
            SingleSignOnSettings(
                issuer: "http://login.example.com", clientID: "a", clientSecret: nil, redirectURI: "https://a.b/c"),
            SingleSignOnSettings(
                issuer: "https://l.example.com?x", clientID: "a", clientSecret: nil, redirectURI: "https://a.b/c"),
            SingleSignOnSettings(
                issuer: "https://l.example.com", clientID: "", clientSecret: nil, redirectURI: "https://a.b/c"),
            SingleSignOnSettings(
                issuer: "https://l.example.com", clientID: "a", clientSecret: "", redirectURI: "https://a.b/c"),
            SingleSignOnSettings(
                issuer: "https://l.example.com", clientID: "a", clientSecret: nil, redirectURI: "http://a.b/c"),
        ])
    func settings(_ settings: SingleSignOnSettings) {
        #expect { try settings.validate() } throws: { ($0 as? SingleSignOnError)?.code == .misconfigured }
    }

    @Test("groups give the weightiest role, and none where no rule applies")
    func groups() throws {
        let rules = try GroupRules(
            " everyone = member, cn=admins,ou=x=admin ,ops=owner".replacing(",ou", with: ";ou"),
            roles: ["owner", "admin", "member"])
        #expect(rules.role(of: ["everyone", "cn=admins;ou=x"]) == "admin")
        #expect(rules.role(of: ["ops", "everyone"]) == "owner")
        #expect(rules.role(of: ["Everyone"]) == nil)
        #expect(rules.role(of: []) == nil)
        #expect(try GroupRules("", roles: []).isEmpty)
        for text in ["admins", "=admin", "admins=king"] {
            #expect(throws: SingleSignOnError.self) { try GroupRules(text, roles: ["admin"]) }
        }
    }
}
