import Cryptography
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct SecretKeyTests {
    @Test("what was sealed opens with the same key and context", arguments: [0, 1, 15, 16, 17, 4_096])
    func roundTrip(_ length: Int) throws {
        let key = try SecretKey()
        let secret = try Random.bytes(length)
        let sealed = try key.seal(secret, context: "source 1")
        #expect(try key.open(sealed, context: "source 1") == secret)
        #expect(length < 8 || !sealed.indices.contains { Array(sealed[$0...].prefix(length)) == secret })
    }

    @Test("the same secret is sealed differently every time")
    func freshNonce() throws {
        let key = try SecretKey()
        #expect(try key.seal(bytes("token"), context: "") != key.seal(bytes("token"), context: ""))
    }

    @Test("a change of any byte is noticed")
    func tampering() throws {
        let key = try SecretKey()
        let sealed = try key.seal(bytes("token"), context: "source 1")
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: CryptographyError.self) { try key.open(changed, context: "source 1") }
        }
        for length in 0..<sealed.count {
            #expect(throws: CryptographyError.self) { try key.open(Array(sealed.prefix(length)), context: "source 1") }
        }
    }

    @Test("another context and another key do not open it")
    func wrongContext() throws {
        let key = try SecretKey()
        let sealed = try key.seal(bytes("token"), context: "source 1")
        let contextError = #expect(throws: CryptographyError.self) { try key.open(sealed, context: "source 2") }
        #expect(contextError?.code == .notAuthentic)
        let keyError = #expect(throws: CryptographyError.self) { try SecretKey().open(sealed, context: "source 1") }
        #expect(keyError?.code == .notAuthentic)
    }

    @Test("a key of the wrong length is refused, and a key never prints its bytes")
    func shape() throws {
        #expect(throws: CryptographyError.self) { try SecretKey(bytes: [1, 2, 3]) }
        let key = try SecretKey(bytes: [UInt8](repeating: 171, count: 32))
        #expect("\(key)" == "SecretKey")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("171"))
    }
}

@Suite struct DigestTests {
    @Test("SHA-256 agrees with the examples of FIPS 180")
    func sha256() {
        #expect(
            Digest.hexadecimal(Digest.sha256(bytes("abc")))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Digest.hexadecimal(Digest.sha256([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("HMAC-SHA256 agrees with RFC 4231, cases 2 and 6")
    func hmac() {
        #expect(
            Digest.hexadecimal(Digest.hmacSHA256(bytes("what do ya want for nothing?"), key: bytes("Jefe")))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = [UInt8](repeating: 0xAA, count: 131)
        #expect(
            Digest.hexadecimal(
                Digest.hmacSHA256(bytes("Test Using Larger Than Block-Size Key - Hash Key First"), key: long))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }
}

@Suite struct PasswordTests {
    @Test("a password matches its own hash only")
    func matches() throws {
        let hash = try PasswordHash(of: "correct horse")
        #expect(hash.text.hasPrefix("$argon2id$"))
        #expect(hash.matches("correct horse"))
        #expect(!hash.matches("correct horsf"))
        #expect(!hash.matches(""))
        #expect(!PasswordHash(text: "nonsense").matches("correct horse"))
        #expect(PasswordHash(text: hash.text).matches("correct horse"))
    }

    @Test("an empty password and an endless one are refused", arguments: [0, 1_025])
    func limits(_ length: Int) {
        #expect(throws: CryptographyError.self) { try PasswordHash(of: String(repeating: "a", count: length)) }
    }
}
