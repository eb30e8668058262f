import Cryptography
import Testing

@Suite("Signed tokens") struct SignedTokenTests {
    /// The example of RFC 7515, appendix A.1.
    @Test("the signature of the standard's example holds")
    func standard() throws {
        let text =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let key = try #require(
            Base64URL.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8))
        let token = try SignedToken(text)
        #expect(token.isSigned(with: key))
        #expect(String(decoding: token.header, as: UTF8.self).contains("HS256"))
        #expect(String(decoding: token.claims, as: UTF8.self).contains("joe"))
        #expect(!token.isSigned(with: key + [0]))
        #expect(!(try SignedToken(text.replacing("eyJpc3M", with: "eyJpc3N")).isSigned(with: key)))
    }

    @Test("what was made is taken apart again")
    func roundTrip() throws {
        let text = SignedToken.compact(claims: Array("{}".utf8), key: [1, 2, 3])
        #expect(try SignedToken(text).isSigned(with: [1, 2, 3]))
        #expect(try SignedToken(text).claims == Array("{}".utf8))
    }

    @Test("a token that is too long is not read")
    func tooLong() {
        let text = String(repeating: "a", count: SignedToken.byteLimit) + ".a.a"
        #expect { try SignedToken(text) } throws: { ($0 as? CryptographyError)?.code == .malformed }
    }

    @Test("bytes of every length come back from base64url", arguments: 0..<40)
    func base64(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
        let text = Base64URL.encode(bytes)
        #expect(Base64URL.decode(text.utf8) == bytes)
        #expect(!text.contains("="))
    }

    @Test("base64url has one spelling of each text", arguments: ["A", "AB", "ABC", "AA==", "A+", "A/", " AA", "AAAAA"])
    func strictness(_ text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
