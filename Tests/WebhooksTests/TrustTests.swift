import Cryptography
import FastJSON
import IssueModel
import Testing
import Webhooks

@Suite("Trust") struct TrustTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("the signature is that of the documented example")
    func vector() {
        let signature = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
        let key = "It's a Secret to Everybody"
        #expect(WebhookSignature.value(for: bytes("Hello World!"), key: key) == signature)
        #expect(WebhookSignature.isValid(signature, of: bytes("Hello World!"), key: key))
        #expect(WebhookSignature.isValid(signature.uppercased(), of: bytes("Hello World!"), key: key))
    }

    @Test(
        "another signature is refused",
        arguments: [
            "", "sha256=", "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
            "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c8",
            "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c",
            "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c900",
            "sha256=z4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
            "sha1=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
        ])
    func wrongSignature(_ value: String) {
        #expect(!WebhookSignature.isValid(value, of: bytes("Hello World!"), key: "It's a Secret to Everybody"))
    }

    @Test("one changed byte of the body breaks the signature")
    func changedBody() {
        let value = WebhookSignature.value(for: bytes(#"{"a": 1}"#), key: "k")
        #expect(!WebhookSignature.isValid(value, of: bytes(#"{"a":1}"#), key: "k"))
        #expect(!WebhookSignature.isValid(value, of: bytes(#"{"a": 1}"#), key: "K"))
    }

    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let second: Int64 = 1_800_000_000

    struct Claims: CustomTestStringConvertible, Sendable {
        let name: String
        let json: String
        let isValid: Bool
        var testDescription: String { name }
    }

    static let claims: [Claims] = [
        .init(
            name: "a minute old", json: #"{"iss":"app","iat":\#(second - 60),"exp":\#(second + 120)}"#, isValid: true),
        .init(
            name: "with fractions", json: #"{"iss":"app","iat":\#(second).5,"exp":\#(second + 120).5}"#, isValid: true),
        .init(
            name: "just ended, within the skew", json: #"{"iss":"app","iat":\#(second - 600),"exp":\#(second - 60)}"#,
            isValid: true),
        .init(name: "ended", json: #"{"iss":"app","iat":\#(second - 600),"exp":\#(second - 181)}"#, isValid: false),
        .init(
            name: "of the future", json: #"{"iss":"app","iat":\#(second + 300),"exp":\#(second + 600)}"#, isValid: false
        ),
        .init(
            name: "not begun", json: #"{"iss":"app","iat":\#(second),"nbf":\#(second + 300),"exp":\#(second + 600)}"#,
            isValid: false),
        .init(name: "without an end", json: #"{"iss":"app","iat":\#(second)}"#, isValid: false),
        .init(name: "without a beginning", json: #"{"iss":"app","exp":\#(second + 60)}"#, isValid: false),
        .init(
            name: "an end that is text", json: #"{"iss":"app","iat":\#(second),"exp":"\#(second + 60)"}"#,
            isValid: false),
        .init(name: "an absurd end", json: #"{"iss":"app","iat":\#(second),"exp":1e300}"#, isValid: false),
        .init(name: "of another app", json: #"{"iss":"other","iat":\#(second),"exp":\#(second + 60)}"#, isValid: false),
        .init(name: "of no app", json: #"{"iat":\#(second),"exp":\#(second + 60)}"#, isValid: false),
        .init(
            name: "with the hash of the request",
            json:
                #"{"iss":"app","iat":\#(second),"exp":\#(second + 60),"qsh":"\#(hash("POST&/webhooks/1/t&a=1&b=2"))"}"#,
            isValid: true),
        .init(
            name: "with the hash of the request below its prefix",
            json:
                #"{"iss":"app","iat":\#(second),"exp":\#(second + 60),"qsh":"\#(hash("POST&/base/webhooks/1/t&a=1&b=2"))"}"#,
            isValid: true),
        .init(
            name: "with the hash for any request",
            json: #"{"iss":"app","iat":\#(second),"exp":\#(second + 60),"qsh":"context-qsh"}"#, isValid: true),
        .init(
            name: "with the hash of another request",
            json: #"{"iss":"app","iat":\#(second),"exp":\#(second + 60),"qsh":"\#(hash("GET&/webhooks/1/t&"))"}"#,
            isValid: false),
        .init(name: "no object", json: "[]", isValid: false),
        .init(
            name: "nested too deep", json: String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
            isValid: false),
    ]

    private static func hash(_ text: String) -> String { Digest.hexadecimal(Digest.sha256(Array(text.utf8))) }

    private static let expectation = WebhookToken.Expectation(
        key: "client secret", issuer: "app", paths: ["/webhooks/1/t", "/base/webhooks/1/t"], query: "b=2&a=1")

    @Test("a token is believed for what it claims", arguments: claims)
    func token(_ claims: Claims) {
        let text = SignedToken.compact(claims: bytes(claims.json), key: bytes("client secret"))
        #expect(WebhookToken.isValid("Bearer \(text)", Self.expectation, at: Self.now) == claims.isValid)
        #expect(WebhookToken.isValid("JWT \(text)", Self.expectation, at: Self.now) == claims.isValid)
        #expect(!WebhookToken.isValid(text, Self.expectation, at: Self.now))
        let forged = SignedToken.compact(claims: bytes(claims.json), key: bytes("another"))
        #expect(!WebhookToken.isValid("Bearer \(forged)", Self.expectation, at: Self.now))
    }

    @Test(
        "a token chooses no other algorithm than HS256",
        arguments: [
            #"{"alg":"none"}"#, #"{"alg":"HS512"}"#, #"{"alg":"hs256"}"#, #"{"typ":"JWT"}"#, #"{"alg":["HS256"]}"#,
            #"{"alg":"HS256","crit":["x"]}"#, "HS256",
        ])
    func algorithm(_ header: String) {
        let claims = #"{"iss":"app","iat":\#(Self.second),"exp":\#(Self.second + 60)}"#
        let signed = Base64URL.encode(bytes(header)) + "." + Base64URL.encode(bytes(claims))
        let signature = Base64URL.encode(Digest.hmacSHA256(bytes(signed), key: bytes("client secret")))
        for text in [signed + "." + signature, signed + "."] {
            #expect(!WebhookToken.isValid("Bearer \(text)", Self.expectation, at: Self.now))
        }
    }

    @Test("a token that is no token is refused", arguments: ["", ".", "..", "a.b", "a.b.c.d", "a=.b.c", "é.b.c"])
    func noToken(_ text: String) {
        #expect(!WebhookToken.isValid("Bearer \(text)", Self.expectation, at: Self.now))
    }

    @Test("an address has 192 unguessable bits, and is recognised by their hash")
    func path() throws {
        let secrets = try WebhookSecrets()
        #expect(secrets.token.count == 32)
        #expect(try WebhookSecrets().token != secrets.token)
        let path = try #require(WebhookPath("/webhooks/7/\(secrets.token)"))
        #expect(path.source == 7)
        #expect(path.hash == secrets.pathHash)
        #expect(WebhookPath("/behind/a/proxy/webhooks/7/\(secrets.token)/") == path)
        #expect(
            WebhookPath.url("https://d.example.com/x", source: 7, secrets).hasSuffix("/x/webhooks/7/\(secrets.token)"))
    }

    @Test(
        "what no webhook of ours has is no path",
        arguments: [
            "", "/", "/webhooks", "/webhooks/1", "/webhooks/1/short", "/webhooks/-1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "/webhooks/x/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/webhooks/1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%",
            "/hooks/1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/webhooks/1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/more",
        ])
    func noPath(_ path: String) {
        #expect(WebhookPath(path) == nil)
    }

    @Test("sealed secrets open with their key and for their source only, and are never printed")
    func sealing() throws {
        let key = try SecretKey()
        let secrets = try WebhookSecrets(signingKey: "client secret", issuer: "app")
        let sealed = try secrets.sealed(with: key, source: 1)
        #expect(try WebhookSecrets(opening: sealed, with: key, source: 1) == secrets)
        let other = try SecretKey()
        #expect(throws: WebhookError.self) { try WebhookSecrets(opening: sealed, with: key, source: 2) }
        #expect(throws: WebhookError.self) { try WebhookSecrets(opening: sealed, with: other, source: 1) }
        var dumped = ""
        dump(secrets, to: &dumped)
        #expect(!"\(secrets) \(String(reflecting: secrets)) \(dumped)".contains(secrets.token))
        #expect(!dumped.contains("client secret"))
    }
}
