import WebAPI
import IssueModel
import FastJSON
import HTTPMessages
import SignIn
import Store
import Testing
import Workspace

@Suite("Signing in over the API") struct SignInAPITests {
    @Test("from the setup link to a second owner's first session")
    func fromTheStart() async throws {
        let api = try await TestAPI()
        let setup = try #require(try await api.services.signIn.desk.makeSetupLink())
        let look = try await api.ask(.post, "links/view", ["secret": .string(setup.secret)])
        #expect(look.status == 200 && look["kind"] == "setup" && look["email"] == .null)
        let owner = try await api.ask(
            .post, "setup",
            ["secret": .string(setup.secret), "email": "owner@acme.example", "password": .string(TestAPI.password)])
        #expect(owner.status == 200 && owner["member"]?["role"] == "owner")
        let session = TestAPI.Way.session(try #require(owner.session))
        let added = try await api.ask(
            .post, "members", ["email": "ada@acme.example", "name": "Ada", "role": "owner"], as: session)
        #expect(added.status == 201 && added.headers["Location"] == "/api/v1/members/2")
        let url = try #require(added["link"]?["url"]?.string)
        #expect(url.hasPrefix("http://drawbridge.example/welcome#dbl_"))
        let secret = String(url.drop { $0 != "#" }.dropFirst())
        let seen = try await api.ask(.post, "links/view", ["secret": .string(secret)])
        #expect(seen["email"] == "ada@acme.example" && seen["kind"] == "invitation")
        let body: JSONValue = ["secret": .string(secret), "password": .string(TestAPI.password)]
        let accepted = try await api.ask(.post, "links/accept", body)
        #expect(accepted.status == 200 && accepted["member"]?["name"] == "Ada")
        let ada = TestAPI.Way.session(try #require(accepted.session))
        #expect(try await api.ask(.get, "me", as: ada)["email"] == "ada@acme.example")
        #expect(try await api.ask(.post, "links/accept", body).code == "link_invalid")
        #expect(try await api.ask(.delete, "session", as: ada).status == 204)
        #expect(try await api.ask(.get, "me", as: ada).status == 401)
    }

    @Test("what is wrong about an address or a password is not told, and too many tries have to wait")
    func refused() async throws {
        let api = try await TestAPI()
        try await api.member("ada@acme.example", password: TestAPI.password)
        var answers: Set<JSONValue> = []
        for (email, password) in [
            ("ada@acme.example", "a wrong long phrase"), ("nobody@acme.example", "a wrong long phrase"),
            ("", ""),
        ] {
            let reply = try await api.ask(
                .post, "session", ["email": .string(email), "password": .string(password)],
                headers: ["X-Request-Id": "always-the-same"])
            #expect(reply.status == 401 && reply.session == nil)
            answers.insert(reply.json)
        }
        #expect(answers.count == 1)
        var last: TestAPI.Reply?
        for _ in 0..<5 {
            last = try await api.ask(.post, "session", ["email": "nobody@acme.example", "password": "x"])
        }
        #expect(last?.status == 429 && last?.code == "too_many_attempts" && last?.headers["Retry-After"] == "1")
        let good = try await api.ask(
            .post, "session", ["email": "ada@acme.example", "password": .string(TestAPI.password)])
        #expect(good.status == 200)
        #expect(good.headers["Set-Cookie"]?.contains("; HttpOnly; SameSite=Lax") == true)
        #expect(good["formToken"]?.string == good.session.map { Authenticator.formToken(of: $0) })
    }

    @Test("another site can neither sign somebody in nor act for them")
    func crossSite() async throws {
        let api = try await TestAPI()
        try await api.member("ada@acme.example", password: TestAPI.password)
        let body: JSONValue = ["email": "ada@acme.example", "password": .string(TestAPI.password)]
        for headers in [
            ["X-Drawbridge": "no"], ["Origin": "https://evil.example"], ["Sec-Fetch-Site": "cross-site"],
        ] {
            let reply = try await api.ask(.post, "session", body, headers: headers)
            #expect(reply.status == 403 && reply.code == "cross_site_request" && reply.session == nil)
        }
        let session = try await api.session("bo@acme.example")
        let forged = try await api.ask(
            .post, "tokens", ["name": "x", "scopes": ["read"]], as: session, headers: ["X-Drawbridge": "no"])
        #expect(forged.code == "cross_site_request")
        let own = try await api.ask(
            .post, "tokens", ["name": "x", "scopes": ["read"]], as: session,
            headers: ["Origin": "http://drawbridge.example", "Sec-Fetch-Site": "same-origin"])
        #expect(own.status == 201)
    }

    @Test("a second factor is set up, asked for, and turned off")
    func secondFactor() async throws {
        let api = try await TestAPI()
        try await api.member("ada@acme.example", password: TestAPI.password)
        var body: JSONValue = ["email": "ada@acme.example", "password": .string(TestAPI.password)]
        let session = TestAPI.Way.session(try #require(try await api.ask(.post, "session", body).session))
        let wrong = try await api.ask(.post, "account/second-factor", ["password": "wrong"], as: session)
        #expect(wrong.status == 401)
        let offer = try await api.ask(
            .post, "account/second-factor", ["password": .string(TestAPI.password)], as: session)
        let secret = try #require(offer["secret"]?.string)
        #expect(offer["address"]?.string?.hasSuffix("?secret=\(secret)&issuer=Drawbridge") == true)
        func code() throws -> JSONValue {
            .string(try TimeCode.code(Self.bytes(base32: secret), step: api.now.rawValue / 30_000))
        }
        let confirmed = try await api.ask(.put, "account/second-factor", ["code": try code()], as: session)
        let codes = confirmed["recoveryCodes"]?.array?.compactMap(\.string) ?? []
        try #require(codes.count == 10)
        #expect(confirmed.status == 200)
        #expect(try await api.ask(.get, "account", as: session)["secondFactor"] == true)
        #expect(try await api.ask(.post, "session", body).code == "second_factor_needed")
        body = [
            "email": "ada@acme.example", "password": .string(TestAPI.password), "code": .string(codes[0]),
        ]
        #expect(try await api.ask(.post, "session", body).status == 200)
        #expect(try await api.ask(.post, "session", body).code == "second_factor_needed")
        api.advance(seconds: 60)
        let proofs: JSONValue = ["password": .string(TestAPI.password), "code": try code()]
        #expect(try await api.ask(.post, "account/second-factor/removal", proofs, as: session).status == 204)
        let account = try await api.ask(.get, "account", as: session)
        #expect(account["secondFactor"] == false && account["recoveryCodesLeft"] == 0)
    }

    @Test("a changed password ends the other sessions and gives this one a new cookie")
    func password() async throws {
        let api = try await TestAPI()
        let member = try await api.member("ada@acme.example", password: TestAPI.password)
        let other = try await api.session(of: member)
        let session = try await api.session(of: member)
        let body: JSONValue = ["current": .string(TestAPI.password), "new": "another long phrase"]
        let changed = try await api.ask(.post, "account/password", body, as: session)
        #expect(changed.status == 200)
        #expect(try await api.ask(.get, "me", as: session).status == 401)
        #expect(try await api.ask(.get, "me", as: other).status == 401)
        let new = TestAPI.Way.session(try #require(changed.session))
        let sessions = try await api.ask(.get, "account/sessions", as: new)["sessions"]?.array
        #expect(sessions?.count == 1 && sessions?.first?["isThis"] == true)
        #expect(try await api.ask(.post, "account/password", body, as: new).code == "wrong_credentials")
        let weak: JSONValue = ["current": "another long phrase", "new": "password1234"]
        #expect(try await api.ask(.post, "account/password", weak, as: new).code == "password_not_acceptable")
    }

    @Test("no API token may change how its owner signs in")
    func tokensMayNot() async throws {
        let api = try await TestAPI()
        let admin = try await api.member("kim@acme.example", .admin, password: TestAPI.password)
        let token = TestAPI.Way.token(
            try await api.services.signIn.accounts.createToken(
                for: admin, name: "x", scopes: [.admin], by: .commandLine
            ).token)
        let password = JSONValue.string(TestAPI.password)
        let tries: [(HTTPMethod, String, JSONValue)] = [
            (.post, "account/password", ["current": password, "new": "another long phrase"]),
            (.post, "account/second-factor", ["password": password]),
            (.put, "account/second-factor", ["code": "123456"]),
            (.post, "account/second-factor/removal", ["password": password, "code": "123456"]),
            (.post, "account/recovery-codes", ["password": password, "code": "123456"]),
        ]
        for (method, path, body) in tries {
            let reply = try await api.ask(method, path, body, as: token)
            #expect(reply.status == 403, "\(path)")
        }
    }

    private static func bytes(base32 text: String) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var (bytes, word, bits): ([UInt8], UInt32, UInt32) = ([], 0, 0)
        for character in text.utf8 {
            word = (word << 5 | UInt32(alphabet.firstIndex(of: character) ?? 0)) & 0xFFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
            }
        }
        return bytes
    }
}
