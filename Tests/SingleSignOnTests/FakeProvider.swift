import Cryptography
import FastJSON
import HTTPMessages
import SingleSignOn
import Synchronization
import TestSigning

/// A provider made of values, to be wrong in every way a test wants.
final class FakeProvider: HTTPTransport {
    struct State {
        var document: [String: JSONValue]
        var keys: [(id: String?, key: PrivateKey)]
        var header: [String: JSONValue] = ["alg": "RS256", "typ": "JWT"]
        var claims: [String: JSONValue]
        var userInfo: JSONValue = ["sub": "1", "email": "ada@example.com", "email_verified": true]
        var tokenStatus = 200
        var tokenAnswer: [String: JSONValue] = ["access_token": "access", "token_type": "Bearer"]
        /// Signs in the place of the first published key.
        var signer: PrivateKey?
        var requests: [HTTPRequest] = []
        var isDown = false
    }

    static let issuer = "https://login.example.com/main"
    static let now: Int64 = 1_800_000_000
    /// Making one takes a while.
    static let key = PrivateKey(.rsa)
    static let otherKey = PrivateKey(.rsa)
    let state: Mutex<State>

    init() throws {
        guard let key = Self.key else { throw HTTPTransportError(.other) }
        state = Mutex(
            State(
                document: [
                    "issuer": .string(Self.issuer), "authorization_endpoint": "https://login.example.com/authorize",
                    "token_endpoint": "https://login.example.com/token", "jwks_uri": "https://keys.example.com/keys",
                    "userinfo_endpoint": "https://login.example.com/me",
                    "end_session_endpoint": "https://login.example.com/end",
                ], keys: [("one", key)],
                claims: [
                    "iss": .string(Self.issuer), "aud": "drawbridge", "sub": "1", "exp": .integer(Self.now + 300),
                    "iat": .integer(Self.now), "email": "ada@example.com", "email_verified": true, "name": "Ada",
                    "groups": ["staff", "admins"],
                ]))
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func requests(to path: String) -> [HTTPRequest] {
        state.withLock { $0.requests.filter { $0.url.hasSuffix(path) } }
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let answer: HTTPResponse? = state.withLock { state in
            state.requests.append(request)
            guard !state.isDown else { return nil }
            switch request.url {
            case let url where url.hasSuffix("/.well-known/openid-configuration"): return Self.json(state.document)
            case let url where url.hasSuffix("/keys"):
                return Self.json(["keys": .array(state.keys.map { Self.jwk($0.id, $0.key.publicKey) })])
            case let url where url.hasSuffix("/token"): return Self.tokens(state)
            case let url where url.hasSuffix("/me"):
                return HTTPResponse(status: 200, body: state.userInfo.serialized())
            default: return HTTPResponse(status: 404)
            }
        }
        guard let answer else { throw HTTPTransportError(.cannotConnect) }
        return answer
    }

    private static func tokens(_ state: State) -> HTTPResponse {
        var answer = state.tokenAnswer
        if state.tokenStatus == 200, answer["id_token"] == nil {
            var header = state.header
            if header["kid"] == nil, let id = state.keys.first?.id { header["kid"] = .string(id) }
            let signer = state.signer ?? state.keys[0].key
            answer["id_token"] = .string(
                signer.token(header: object(header).serialized(), claims: object(state.claims).serialized()))
        }
        return HTTPResponse(status: state.tokenStatus, body: object(answer).serialized())
    }

    static func object(_ members: [String: JSONValue]) -> JSONValue {
        .object(members.map { JSONValue.Member($0.key, $0.value) })
    }

    private static func json(_ members: [String: JSONValue]) -> HTTPResponse {
        HTTPResponse(status: 200, body: object(members).serialized())
    }

    static func jwk(_ id: String?, _ key: PublicKey) -> JSONValue {
        var members: [String: JSONValue] =
            switch key {
            case .rsa(let modulus, let exponent):
                [
                    "kty": "RSA", "n": .string(Base64URL.encode(modulus)), "e": .string(Base64URL.encode(exponent)),
                    "use": "sig", "alg": "RS256",
                ]
            case .p256(let x, let y):
                ["kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode(x)), "y": .string(Base64URL.encode(y))]
            }
        if let id { members["kid"] = .string(id) }
        return object(members)
    }
}

/// A browser between the provider and the program under test.
struct Browser {
    let provider: FakeProvider
    let signOn: SingleSignOn
    let clock = TestClock(FakeProvider.now)

    final class TestClock: Sendable {
        let value: Mutex<Int64>
        init(_ value: Int64) { self.value = Mutex(value) }
        var now: Int64 { value.withLock { $0 } }
        func advance(by seconds: Int64) { value.withLock { $0 += seconds } }
    }

    init(_ change: (inout SingleSignOnSettings) -> Void = { _ in }) throws {
        provider = try FakeProvider()
        var settings = SingleSignOnSettings(
            issuer: FakeProvider.issuer, clientID: "drawbridge", clientSecret: "s3cret",
            redirectURI: "https://drawbridge.example.com/sign-in/sso/callback", groupClaim: "groups")
        change(&settings)
        signOn = try SingleSignOn(settings, transport: provider, key: SecretKey(), clock: { [clock] in clock.now })
    }

    /// Goes to the provider and back; what the provider signs then has this sign-in's nonce unless the test set another.
    func signIn(
        returnTo: String = "/search?q=1", answer: (inout SingleSignOn.Answer) -> Void = { _ in },
        ticket: (String) -> String? = { $0 }
    ) async throws -> ProvenIdentity {
        let begun = try await signOn.begin(returnTo: returnTo)
        let query = Self.query(begun.url)
        provider.change { state in
            if state.claims["nonce"] == nil { state.claims["nonce"] = .string(query["nonce"] ?? "") }
        }
        defer { provider.change { $0.claims["nonce"] = nil } }
        var back = SingleSignOn.Answer(query: [("code", "c0de"), ("state", query["state"] ?? "")])
        answer(&back)
        return try await signOn.finish(back, ticket: ticket(begun.ticket))
    }

    static func query(_ url: String) -> [String: String] {
        let items = url.split(separator: "?").last?.split(separator: "&") ?? []
        return Dictionary(
            items.map { item in
                let parts = item.split(separator: "=", omittingEmptySubsequences: false)
                return (String(parts[0]), parts[1].removingPercentEncoding ?? "")
            }, uniquingKeysWith: { first, _ in first })
    }
}

extension StringProtocol {
    var removingPercentEncoding: String? {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
