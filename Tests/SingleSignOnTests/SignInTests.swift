import Cryptography
import FastJSON
import HTTPMessages
import SingleSignOn
import TestSigning
import Testing

@Suite("Signing in with a provider") struct SignInTests {
    static func code(_ body: () async throws -> ProvenIdentity) async -> SingleSignOnError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? SingleSignOnError)?.code
        }
    }

    @Test("a person comes back with what the provider says of them")
    func signsIn() async throws {
        let browser = try Browser()
        let person = try await browser.signIn()
        #expect(person.subject == "1")
        #expect(person.email == "ada@example.com")
        #expect(person.name == "Ada")
        #expect(person.groups == ["staff", "admins"])
        #expect(person.returnTo == "/search?q=1")
        #expect("\(person)" == "ProvenIdentity")
    }

    @Test("the provider is asked with a code challenge whose secret redeems the code")
    func challenge() async throws {
        let browser = try Browser()
        let begun = try await browser.signOn.begin(returnTo: "/")
        let query = Browser.query(begun.url)
        #expect(query["response_type"] == "code")
        #expect(query["scope"] == "openid email profile")
        #expect(query["code_challenge_method"] == "S256")
        #expect(query["redirect_uri"] == "https://drawbridge.example.com/sign-in/sso/callback")
        #expect(!begun.url.contains("s3cret"))
        _ = try await browser.signIn()
        let request = try #require(browser.provider.requests(to: "/token").first)
        let form = Browser.query("?" + String(decoding: request.body, as: UTF8.self))
        #expect(form["grant_type"] == "authorization_code")
        #expect(form["code"] == "c0de")
        #expect(form["client_secret"] == nil)
        #expect(form["code_verifier"]?.utf8.count == 43)
        #expect(request.headers["Authorization"] == "Basic " + Base64.encode("drawbridge:s3cret"))
    }

    @Test("the secret goes into the form where the provider takes it nowhere else, and nowhere without one")
    func clientAuthentication() async throws {
        let browser = try Browser()
        browser.provider.change { $0.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"] }
        _ = try await browser.signIn()
        let request = try #require(browser.provider.requests(to: "/token").first)
        #expect(Browser.query("?" + String(decoding: request.body, as: UTF8.self))["client_secret"] == "s3cret")
        #expect(request.headers["Authorization"] == nil)
        let open = try Browser { $0.clientSecret = nil }
        _ = try await open.signIn()
        let other = try #require(open.provider.requests(to: "/token").first)
        #expect(Browser.query("?" + String(decoding: other.body, as: UTF8.self))["client_id"] == "drawbridge")
        #expect(other.headers["Authorization"] == nil)
    }

    @Test("a sign-in ends only in the browser it began in, within ten minutes")
    func binding() async throws {
        let browser = try Browser()
        #expect(await Self.code { try await browser.signIn(ticket: { _ in nil }) } == .notStartedHere)
        #expect(await Self.code { try await browser.signIn(ticket: { $0 + "A" }) } == .notStartedHere)
        #expect(await Self.code { try await browser.signIn(answer: { $0.state = nil }) } == .notStartedHere)
        #expect(await Self.code { try await browser.signIn(answer: { $0.state = "other" }) } == .notStartedHere)
        let earlier = try await browser.signOn.begin(returnTo: "/").ticket
        #expect(await Self.code { try await browser.signIn(ticket: { _ in earlier }) } == .notStartedHere)
        let code = await Self.code {
            try await browser.signIn(ticket: {
                browser.clock.advance(by: 600)
                return $0
            })
        }
        #expect(code == .tooLate)
        #expect(browser.provider.requests(to: "/token").isEmpty, "no code was redeemed")
    }

    @Test("another provider's answer is not taken for this one's")
    func mixUp() async throws {
        let browser = try Browser()
        let wrong = await Self.code { try await browser.signIn(answer: { $0.issuer = "https://evil.example.com" }) }
        #expect(wrong == .providerInvalid)
        _ = try await browser.signIn(answer: { $0.issuer = FakeProvider.issuer })
        let strict = try Browser()
        strict.provider.change { $0.document["authorization_response_iss_parameter_supported"] = true }
        #expect(await Self.code { try await strict.signIn() } == .providerInvalid)
    }

    @Test(
        "a refusal says what it is",
        arguments: [
            ("access_denied", SingleSignOnError.Code.refused), ("login_required", .refused), ("odd", .refused),
            ("invalid_scope", .misconfigured), ("temporarily_unavailable", .unreachable),
        ])
    func refusals(_ error: String, _ code: SingleSignOnError.Code) async throws {
        let browser = try Browser()
        let found = await Self.code {
            try await browser.signIn(answer: {
                $0.code = nil
                $0.error = error
            })
        }
        #expect(found == code)
    }

    @Test(
        "a refused exchange says what it is",
        arguments: [
            (401, "invalid_client", SingleSignOnError.Code.exchangeRefused), (400, "invalid_grant", .exchangeRefused),
            (400, "odd", .exchangeRefused), (503, "odd", .unreachable),
        ])
    func exchange(_ status: Int, _ error: String, _ code: SingleSignOnError.Code) async throws {
        let browser = try Browser()
        browser.provider.change {
            $0.tokenStatus = status
            $0.tokenAnswer = ["error": .string(error)]
        }
        #expect(await Self.code { try await browser.signIn() } == code)
        browser.provider.change {
            $0.tokenStatus = 200; $0.tokenAnswer = ["id_token": 1]
        }
        #expect(await Self.code { try await browser.signIn() } == .providerInvalid)
        browser.provider.change { $0.isDown = true }
        #expect(await Self.code { try await browser.signIn() } == .unreachable)
    }

    @Test(
        "an address counts only where the provider says that it verified it",
        arguments: [
            (JSONValue.bool(true), true), (.string("true"), true), (.bool(false), false), (.string("yes"), false),
            (.integer(1), false), (.null, false),
        ])
    func verified(_ claim: JSONValue, _ counts: Bool) async throws {
        let browser = try Browser()
        browser.provider.change { $0.claims["email_verified"] = claim }
        let person = try await browser.signIn()
        #expect(person.email == (counts ? "ada@example.com" : nil))
        #expect(person.hasUnverifiedEmail == !counts)
    }

    @Test("what the token leaves out is asked for, and another person's answer is not taken")
    func userInfo() async throws {
        let browser = try Browser()
        browser.provider.change {
            $0.claims["email"] = nil
            $0.userInfo = ["sub": "1", "email": "eve@example.com", "email_verified": false]
        }
        let person = try await browser.signIn()
        // The token's own "verified" is not about the address that the other answer names.
        #expect(person.email == nil)
        #expect(person.hasUnverifiedEmail)
        let request = try #require(browser.provider.requests(to: "/me").first)
        #expect(request.headers["Authorization"] == "Bearer access")
        browser.provider.change { $0.userInfo = ["sub": "2", "email": "eve@example.com", "email_verified": true] }
        #expect(await Self.code { try await browser.signIn() } == .providerInvalid)
    }

    @Test(
        "a person returns to this server and nowhere else",
        arguments: [
            ("/issue/PAY-1?x=1#a", "/issue/PAY-1?x=1#a"), ("//evil.example.com", "/"), ("/\\evil.example.com", "/"),
            ("https://evil.example.com", "/"), ("", "/"), ("/a\r\nSet-Cookie: x", "/"), ("/\t/evil.example.com", "/"),
        ])
    func returning(_ asked: String, _ given: String) async throws {
        let person = try await Browser().signIn(returnTo: asked)
        #expect(person.returnTo == given)
    }

    @Test("ending the session leads to the provider")
    func endSession() async throws {
        let browser = try Browser()
        let url = try await browser.signOn.endSessionURL(hint: "a.b.c", returnTo: "https://drawbridge.example.com/")
        #expect(
            url
                == "https://login.example.com/end?id_token_hint=a.b.c&client_id=drawbridge&post_logout_redirect_uri=https%3A%2F%2Fdrawbridge.example.com%2F"
        )
        let without = try Browser()
        without.provider.change { $0.document["end_session_endpoint"] = nil }
        #expect(try await without.signOn.endSessionURL(hint: nil, returnTo: "https://x.example.com/") == nil)
    }
}
