import Cryptography
import TestSigning
import Testing

@Suite("Public keys") struct PublicKeyTests {
    static let message = Array("header.claims".utf8)

    @Test("a signature by the private half holds, and by no other key", arguments: [PrivateKey.Kind.rsa, .p256])
    func signatures(_ kind: PrivateKey.Kind) throws {
        let signer = try #require(PrivateKey(kind))
        let other = try #require(PrivateKey(kind))
        let signature = signer.sign(Self.message)
        #expect(try signer.publicKey.verifies(signature, of: Self.message))
        #expect(try !other.publicKey.verifies(signature, of: Self.message))
        #expect(try !signer.publicKey.verifies(signature, of: Self.message + [0]))
        #expect(try !signer.publicKey.verifies(signature + [0], of: Self.message))
        #expect(try !signer.publicKey.verifies([], of: Self.message))
        var changed = signature
        changed[7] ^= 1
        #expect(try !signer.publicKey.verifies(changed, of: Self.message))
    }

    /// r = s = 0 was once taken for a signature of everything (CVE-2022-21449).
    @Test("a signature of zeros is none")
    func zeros() throws {
        let key = try #require(PrivateKey(.p256)).publicKey
        #expect(try !key.verifies([UInt8](repeating: 0, count: 64), of: Self.message))
    }

    @Test("the key says which algorithm its signatures are of")
    func algorithms() throws {
        #expect(PublicKey.rsa(modulus: [], exponent: []).algorithm == "RS256")
        #expect(PublicKey.p256(x: [], y: []).algorithm == "ES256")
    }

    @Test("what is no key is not used as one", arguments: Self.noKeys)
    func unusable(_ key: PublicKey) {
        #expect { try key.verifies([1], of: [2]) } throws: { ($0 as? CryptographyError)?.code == .malformed }
    }

    static var noKeys: [PublicKey] {
        let modulus = [0x80] + [UInt8](repeating: 1, count: 255)
        return [
            .rsa(modulus: [], exponent: [1, 0, 1]),
            .rsa(modulus: Array(modulus.prefix(128)), exponent: [1, 0, 1]),
            .rsa(modulus: [UInt8](repeating: 0, count: 200) + modulus.prefix(128), exponent: [1, 0, 1]),
            .rsa(modulus: [UInt8](repeating: 255, count: 1_025), exponent: [1, 0, 1]),
            .rsa(modulus: modulus, exponent: []), .rsa(modulus: modulus, exponent: [1]),
            .rsa(modulus: modulus, exponent: [2]),
            .p256(x: [], y: []),
            .p256(x: [UInt8](repeating: 1, count: 32), y: [UInt8](repeating: 1, count: 32)),
            .p256(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)),
        ]
    }

    @Test("a compact token is checked with a public key")
    func token() throws {
        let signer = try #require(PrivateKey(.rsa))
        let signed = Base64URL.encode(Array(#"{"alg":"RS256"}"#.utf8)) + "." + Base64URL.encode(Array("{}".utf8))
        let text = signed + "." + Base64URL.encode(signer.sign(Array(signed.utf8)))
        #expect(try SignedToken(text).isSigned(by: signer.publicKey))
        #expect(
            try !SignedToken(text.replacing("RS256", with: "none").replacing(".e30.", with: ".e31d."))
                .isSigned(by: signer.publicKey))
    }
}

@Suite("Digests others chose") struct LegacyDigestTests {
    /// RFC 1321 §A.5.
    @Test(
        "MD5 is the standard's",
        arguments: [
            ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ])
    func md5(_ text: String, _ digest: String) throws {
        #expect(Digest.hexadecimal(try Digest.md5(Array(text.utf8))) == digest)
    }

    /// FIPS 180-1, appendices A and B.
    @Test(
        "SHA-1 is the standard's",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
        ])
    func sha1(_ text: String, _ digest: String) throws {
        #expect(Digest.hexadecimal(try Digest.sha1(Array(text.utf8))) == digest)
    }

    /// RFC 2202 §3, cases 1, 2 and 6.
    @Test(
        "HMAC-SHA1 is the standard's",
        arguments: [
            ([UInt8](repeating: 0x0b, count: 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
            (Array("Jefe".utf8), "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (
                [UInt8](repeating: 0xaa, count: 80), "Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112"
            ),
            ([], "", "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"),
        ])
    func hmac(_ key: [UInt8], _ message: String, _ tag: String) throws {
        #expect(Digest.hexadecimal(try Digest.hmacSHA1(Array(message.utf8), key: key)) == tag)
    }
}
