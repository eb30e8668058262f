import Database
import Cryptography
import IssueModel
import Store
import Testing
import Workspace

@testable import SignIn

@Suite("Second factors") struct SecondFactorTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        var seconds: Int64
        var code: String
        var testDescription: String { "at \(seconds)" }
    }

    /// RFC 6238, appendix B, SHA-1.
    static let vectors = [
        Vector(seconds: 59, code: "94287082"), Vector(seconds: 1_111_111_109, code: "07081804"),
        Vector(seconds: 1_111_111_111, code: "14050471"), Vector(seconds: 1_234_567_890, code: "89005924"),
        Vector(seconds: 2_000_000_000, code: "69279037"), Vector(seconds: 20_000_000_000, code: "65353130"),
    ]

    @Test("codes are those of RFC 6238", arguments: vectors)
    func published(_ vector: Vector) throws {
        let secret = Array("12345678901234567890".utf8)
        let code = try TimeCode.code(secret, step: vector.seconds / TimeCode.period, digits: 8)
        #expect(code == vector.code)
        let short = try TimeCode.code(secret, step: vector.seconds / TimeCode.period)
        #expect(short == vector.code.suffix(6))
    }

    @Test("a code is good one step before and behind its own, and no further")
    func window() throws {
        let secret = Array("12345678901234567890".utf8)
        let code = try TimeCode.code(secret, step: 1_000)
        for (step, isGood) in [(998, false), (999, true), (1_000, true), (1_001, true), (1_002, false)] {
            let found = try TimeCode.step(of: code, secret, at: Int64(step) * 30 + 29, after: 0)
            #expect(found == (isGood ? 1_000 : nil), "at step \(step)")
        }
        let spaced = try TimeCode.step(of: "\(code.prefix(3)) \(code.suffix(3))", secret, at: 30_000, after: 0)
        #expect(spaced == 1_000)
    }

    /// RFC 4648 §10, without padding.
    @Test(
        "base32 is that of RFC 4648",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ])
    func base32(_ plain: String, _ encoded: String) {
        #expect(Base32.encode(Array(plain.utf8)) == encoded)
    }

    @Test("a member turns it on with the app's first code, and then needs one to come in")
    func turnedOn() async throws {
        let desk = try await TestDesk()
        let (caller, secret) = try await desk.memberWithOffer()
        _ = try await desk.signIn()
        let wrong = try await refusal {
            _ = try await desk.services.accounts.confirmSecondFactor(of: caller, code: "000000")
        }
        #expect(wrong?.code == .invalid)
        let codes = try await desk.services.accounts.confirmSecondFactor(of: caller, code: try desk.code(secret))
        #expect(codes.count == 10 && Set(codes).count == 10 && codes.allSatisfy { $0.utf8.count == 19 })
        #expect(try await refusal { _ = try await desk.signIn() } == SignInDesk.codeNeeded)
        #expect(
            try await refusal { _ = try await desk.signIn("ada@acme.example", "a wrong phrase", code: "123456") }
                == SignInDesk.wrong)
        desk.clock.advance(seconds: 30)
        _ = try await desk.signIn(code: try desk.code(secret))
    }

    @Test("a code is good once, even while it is still shown")
    func once() async throws {
        let desk = try await TestDesk()
        let secret = try await desk.memberWithSecondFactor().secret
        desk.clock.advance(seconds: 60)
        let code = try desk.code(secret)
        _ = try await desk.signIn(code: code)
        #expect(try await refusal { _ = try await desk.signIn(code: code) } == SignInDesk.codeWrong)
        // Nor is an older one that was never used.
        let older = try TimeCode.code(secret, step: desk.clock.now.rawValue / 30_000 - 1)
        #expect(try await refusal { _ = try await desk.signIn(code: older) } == SignInDesk.codeWrong)
        let other = try await desk.inAnotherProcess()
        let again = try await refusal {
            _ = try await other.desk.signIn(
                email: "ada@acme.example", password: TestDesk.password, code: code, from: .init(remote: "192.0.2.9"))
        }
        #expect(again == SignInDesk.codeWrong)
    }

    @Test("each recovery code is good once")
    func recovery() async throws {
        let desk = try await TestDesk()
        let codes = try await desk.memberWithSecondFactor().codes
        _ = try await desk.signIn(code: codes[0])
        _ = try await desk.signIn(code: codes[1].uppercased().filter { $0 != "-" })
        #expect(try await refusal { _ = try await desk.signIn(code: codes[0]) } == SignInDesk.codeWrong)
        #expect(try await desk.count("SELECT count(*) FROM recovery_code") == 8)
        let stored = try await desk.count(
            "SELECT count(*) FROM recovery_code WHERE instr(CAST(hash AS TEXT), '\(codes[2])') > 0")
        #expect(stored == 0)
    }

    @Test("guessing codes is slowed down like guessing passwords")
    func guessing() async throws {
        let desk = try await TestDesk()
        _ = try await desk.memberWithSecondFactor()
        var last: SignInError?
        for _ in 0..<6 { last = try await refusal { _ = try await desk.signIn(code: "000000") } }
        #expect(last?.code == .throttled)
    }

    @Test("turning it off takes the password and a code; new recovery codes replace the old")
    func turnedOff() async throws {
        let desk = try await TestDesk()
        let (caller, secret, codes) = try await desk.memberWithSecondFactor()
        let accounts = desk.services.accounts
        let refused = try await refusal {
            try await accounts.removeSecondFactor(of: caller, password: "wrong", code: codes[0])
        }
        #expect(refused?.code == .wrongCredentials)
        let wrong = try await refusal {
            try await accounts.removeSecondFactor(of: caller, password: TestDesk.password, code: "000000")
        }
        #expect(wrong?.code == .invalid)
        let renewed = try await accounts.renewRecoveryCodes(of: caller, password: TestDesk.password, code: codes[0])
        #expect(Set(renewed).isDisjoint(with: codes))
        #expect(try await refusal { _ = try await desk.signIn(code: codes[1]) } == SignInDesk.codeWrong)
        desk.clock.advance(seconds: 30)
        try await accounts.removeSecondFactor(
            of: caller, password: TestDesk.password, code: try desk.code(secret))
        _ = try await desk.signIn()
        #expect(try await desk.count("SELECT count(*) FROM recovery_code") == 0)
    }

    @Test("the secret is sealed, for this member alone")
    func sealed() async throws {
        let desk = try await TestDesk()
        let (_, secret, _) = try await desk.memberWithSecondFactor()
        let stored = try await desk.store.read { connection in
            try connection.first("SELECT secret FROM second_factor") { $0.blob(0) }
        }
        #expect(stored?.firstRange(of: secret) == nil)
        let sealed = try #require(stored)
        let (key, other) = (try desk.store.secretKey(), try SecretKey())
        let opened = try key.open(sealed, context: SecondFactors.sealed.context(["1"]))
        #expect(opened == secret)
        #expect(throws: CryptographyError.self) { try key.open(sealed, context: SecondFactors.sealed.context(["2"])) }
        #expect(throws: CryptographyError.self) { try other.open(sealed, context: SecondFactors.sealed.context(["1"])) }
        desk.clock.advance(seconds: 30)
        _ = try await desk.signIn(code: try desk.code(secret))
    }

    @Test("the address for apps names issuer and account, escaped")
    func address() {
        let address = TimeCode.address(Array("foobar".utf8), account: "ada+x@acme.example", issuer: "Acme Jira")
        #expect(
            address == "otpauth://totp/Acme%20Jira:ada%2Bx%40acme.example?secret=MZXW6YTBOI&issuer=Acme%20Jira")
    }
}

extension TestDesk {
    func code(_ secret: [UInt8]) throws -> String {
        try TimeCode.code(secret, step: clock.now.rawValue / 30_000)
    }

    /// A member in a session who was offered a second factor.
    func memberWithOffer() async throws -> (caller: Caller, secret: [UInt8]) {
        try await member(password: Self.password)
        let caller = try await caller(session: try await signIn().session.secret)
        _ = try await services.accounts.offerSecondFactor(to: caller, password: Self.password)
        let id = try #require(caller.member?.id)
        let key = try store.secretKey()
        let sealed = try await store.read { connection in
            try connection.first("SELECT secret FROM second_factor") { $0.blob(0) } ?? []
        }
        return (caller, try key.open(sealed, context: "second factor of member \(id)"))
    }

    func memberWithSecondFactor() async throws -> (caller: Caller, secret: [UInt8], codes: [String]) {
        let (caller, secret) = try await memberWithOffer()
        let codes = try await services.accounts.confirmSecondFactor(of: caller, code: try code(secret))
        return (caller, secret, codes)
    }
}
