import Cryptography
import Store
import Testing
import Workspace

@testable import SignIn

@Suite("Passwords") struct PasswordTests {
    static let refused = [
        "", "short", "elevenchars", "ada@acme.example", "ADA@ACME.EXAMPLE", "aaaaaaaaaaaa", "abababababab",
        "abcabcabcabc", "abcdefghijkl", "zyxwvutsrqpo", "123456789012", "password1234", "Password2026!",
        "P@ssword2026", "qwertyuiop12", "CorrectHorseBatteryStaple", "correct horse battery staple", "drawbridge2026",
        "letmeinplease", "administrator", "Welcome20261", "            ", String(repeating: "x y z", count: 300),
        "passwordpassword",
    ]

    @Test("short, common and patterned passwords are refused", arguments: refused)
    func refuses(_ password: String) throws {
        let error = #expect(throws: SignInError.self) { try PasswordRules.check(password, for: "ada@acme.example") }
        #expect(error?.code == .weakPassword)
    }

    static let accepted = [
        "a long enough phrase", "twelve chars", "kW9#vQ2$mB7!", "ein Satz mit Ümläuten", "密码密码很长的一个密码真的很长",
        (100..<300).map { "x\($0)" }.joined(), "horse battery staple correct",
    ]

    @Test("long ones are good, whatever they are made of", arguments: accepted)
    func accepts(_ password: String) throws {
        try PasswordRules.check(password, for: "ada@acme.example")
    }

    @Test("the hash that stands in for nobody's costs what a real one does")
    func standIn() throws {
        func costs(_ hash: PasswordHash) -> [Substring] { Array(hash.text.split(separator: "$").prefix(3)) }
        #expect(costs(PasswordHasher.nobodys) == costs(try PasswordHash(of: TestDesk.password)))
        #expect(PasswordHasher.nobodys.text.utf8.count == (try PasswordHash(of: "x")).text.utf8.count)
    }

    @Test("an unknown address, a wrong password, a member without one and a suspended member are answered alike")
    func noEnumeration() async throws {
        let desk = try await TestDesk()
        try await desk.member("ada@acme.example", password: TestDesk.password)
        try await desk.member("nopassword@acme.example")
        let gone = try await desk.member("gone@acme.example", password: TestDesk.password)
        _ = try await desk.services.members.change(gone.id, .init(state: .suspended), by: .commandLine)
        let tries = [
            ("ada@acme.example", "a wrong long phrase"), ("ada@acme.example", ""), ("nobody@acme.example", "a phrase"),
            ("nopassword@acme.example", "a wrong long phrase"), ("gone@acme.example", TestDesk.password),
            ("gone@acme.example", "a wrong long phrase"), ("", ""), ("'; DROP TABLE member", "a phrase"),
            (String(repeating: "x", count: 10_000), "a phrase"),
            ("ada@acme.example", String(repeating: "x", count: 2_000)),
        ]
        var answers: Set<SignInError> = []
        for (number, (email, password)) in tries.enumerated() {
            let error = try await refusal {
                _ = try await desk.signIn(email, password, remote: "192.0.2.\(number)")
            }
            answers.insert(try #require(error))
        }
        #expect(answers == [SignInDesk.wrong])
        // Addresses compare as everywhere: the case of ASCII letters does not count.
        _ = try await desk.signIn("ADA@acme.example")
    }

    @Test("more sign-ins at once than two wait, and too many are refused")
    func bounded() async throws {
        let hasher = PasswordHasher()
        let total = PasswordHasher.queueLimit + PasswordHasher.width + 20
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<total {
                group.addTask {
                    do {
                        return try await hasher.matches("x", PasswordHash(text: "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"))
                    } catch let error as SignInError where error.code == .busy { return true }
                }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.count == total)
        #expect(try await hasher.matches("x", nil) == false)
    }
}

@Suite("Guessing is slowed down") struct ThrottleTests {
    /// How many wrong tries go through at once, and how long the next has to wait.
    private func exhaust(
        _ desk: TestDesk, email: (Int) -> String, remote: (Int) -> String, limit: Int = 60
    ) async throws -> (tries: Int, wait: Int) {
        for number in 0..<limit {
            let (email, remote) = (email(number), remote(number))
            do {
                try await desk.services.desk.countTry(email: email, .init(remote: remote))
            } catch let error as SignInError where error.code == .throttled {
                return (number, error.retryAfter ?? 0)
            }
        }
        return (limit, 0)
    }

    @Test("one client guessing at one address")
    func pair() async throws {
        let desk = try await TestDesk()
        let found = try await exhaust(desk, email: { _ in "ada@acme.example" }, remote: { _ in "192.0.2.1" })
        #expect(found == (5, 1))
        // Another client is not kept out.
        try await desk.services.desk.countTry(email: "ada@acme.example", .init(remote: "192.0.2.2"))
    }

    @Test("one client guessing at many addresses")
    func client() async throws {
        let desk = try await TestDesk()
        let found = try await exhaust(desk, email: { "p\($0)@acme.example" }, remote: { _ in "192.0.2.1" })
        #expect(found == (20, 1))
        #expect(try await desk.trail() == ["sign_in.slowed"])
    }

    @Test("an IPv6 network of 64 bits is one client")
    func network() async throws {
        let desk = try await TestDesk()
        let found = try await exhaust(
            desk, email: { "p\($0)@acme.example" },
            remote: { $0.isMultiple(of: 2) ? "2001:db8::\($0)" : "2001:db8:0:0:\($0)::1" })
        #expect(found == (20, 1))
        #expect(SignInThrottle.client("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2")
        #expect(SignInThrottle.client("2001:db8::7") == "2001:db8:0:0")
        #expect(SignInThrottle.client("::1") == "0:0:0:0")
        #expect(SignInThrottle.client("::ffff:192.0.2.1") == "::ffff:192.0.2.1")
        #expect(SignInThrottle.client("192.0.2.1") == "192.0.2.1")
    }

    @Test("many clients guessing at one address have to wait a minute at most, so nobody is locked out")
    func address() async throws {
        let desk = try await TestDesk()
        let found = try await exhaust(
            desk, email: { _ in "ada@acme.example" }, remote: { "192.0.2.\($0)" })
        #expect(found == (20, 1))
        for number in 0..<20 {
            desk.clock.advance(minutes: 1)
            let wait = try await refusal {
                try await desk.services.desk.countTry(email: "ada@acme.example", .init(remote: "198.51.100.\(number)"))
            }
            #expect(wait == nil)
        }
    }

    @Test("each further failure doubles the wait, up to a limit")
    func doubles() {
        let waits = (4...20).map { SignInThrottle.wait(after: $0, SignInThrottle.pair) }
        #expect(waits == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900, 900])
        #expect(SignInThrottle.wait(after: Int.max, SignInThrottle.client) == 3_600)
    }

    @Test("a restart and a clock set back forget nothing; a day without failures does")
    func remembered() async throws {
        let desk = try await TestDesk()
        for _ in 0..<12 {
            try? await desk.services.desk.countTry(email: "ada@acme.example", .init(remote: "192.0.2.1"))
            desk.clock.advance(seconds: 200)
        }
        try? await desk.services.desk.countTry(email: "ada@acme.example", .init(remote: "192.0.2.1"))
        desk.clock.advance(days: -2)
        let other = try await desk.inAnotherProcess()
        let refused = try await refusal {
            _ = try await other.desk.signIn(
                email: "Ada@acme.example", password: "x", from: .init(remote: "192.0.2.1"))
        }
        #expect(refused?.code == .throttled && (refused?.retryAfter ?? 0) > 100)
        desk.clock.advance(days: 4)
        try await desk.store.write { try SignInUpkeep.sweep(in: $0) }
        #expect(try await desk.count("SELECT count(*) FROM sign_in_throttle") == 0)
        try await desk.services.desk.countTry(email: "ada@acme.example", .init(remote: "192.0.2.1"))
    }

    @Test("a success clears the address, but not what the client did to others")
    func success() async throws {
        let desk = try await TestDesk()
        try await desk.member(password: TestDesk.password)
        for number in 0..<18 {
            try await desk.services.desk.countTry(email: "p\(number)@acme.example", .init(remote: "192.0.2.1"))
        }
        _ = try await desk.signIn()
        try await desk.services.desk.countTry(email: "q@acme.example", .init(remote: "192.0.2.1"))
        try await desk.services.desk.countTry(email: "r@acme.example", .init(remote: "192.0.2.1"))
        let refused = try await refusal { _ = try await desk.signIn() }
        #expect(refused?.code == .throttled)
    }

    @Test("tries that go on at once are all counted")
    func atOnce() async throws {
        let desk = try await TestDesk()
        let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    try await refusal { _ = try await desk.signIn("nobody@acme.example", "x") }?.code == .throttled
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refused == 7)
    }
}
