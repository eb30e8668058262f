import Database
@testable import SignIn
import Store
import Testing
import Workspace

@Suite("Looking after members") struct AdministrationTests {
    @Test("the last active owner can't be removed, demoted or suspended, by whatever way")
    func lastOwner() async throws {
        let desk = try await TestDesk()
        let members = desk.services.members
        let owner = try await desk.member("owner@acme.example", .owner)
        let resting = try await desk.member("resting@acme.example", .owner)
        _ = try await members.change(resting.id, .init(state: .suspended), by: .commandLine)
        let tries: [@Sendable () async throws -> Void] = [
            { _ = try await members.remove(owner.id, by: .commandLine) },
            { _ = try await members.change(owner.id, .init(role: .admin), by: .commandLine) },
            { _ = try await members.change(owner.id, .init(state: .suspended), by: .commandLine) },
        ]
        for body in tries { #expect(try await refusal(body)?.code == .lastOwner) }
        for sql in [
            "DELETE FROM member WHERE role = 'owner'", "UPDATE member SET role = 'member'",
            "UPDATE member SET state = 'suspended'",
        ] {
            await #expect(throws: DatabaseError.self) {
                try await desk.store.write { try $0.connection.executeScript(sql) }
            }
        }
        _ = try await members.change(resting.id, .init(state: .active), by: .commandLine)
        _ = try await members.change(owner.id, .init(role: .member), by: .commandLine)
        _ = try await members.remove(owner.id, by: .commandLine)
    }

    @Test("an admin makes, changes, removes and lets in anybody but owners")
    func admins() async throws {
        let desk = try await TestDesk()
        let owner = try await desk.member("owner@acme.example", .owner, password: TestDesk.password)
        let admin = try await desk.member("admin@acme.example", .admin)
        let caller = try await desk.caller(session: try await desk.session(of: admin).secret)
        let (members, authority) = (desk.services.members, try Authority(caller))
        let tries: [@Sendable () async throws -> Void] = [
            { _ = try await members.add(.init(email: "new@acme.example", role: .owner), by: authority) },
            { _ = try await members.invite(.init(email: "new@acme.example", role: .owner), by: authority) },
            { _ = try await members.change(admin.id, .init(role: .owner), by: authority) },
            { _ = try await members.change(owner.id, .init(name: "x"), by: authority) },
            { _ = try await members.makeLink(for: owner.id, by: authority) },
            { _ = try await members.endSessions(of: owner.id, by: authority) },
            { _ = try await members.removeSecondFactor(of: owner.id, by: authority) },
            { _ = try await members.remove(owner.id, by: authority) },
        ]
        for body in tries { #expect(try await refusal(body)?.code == .forbidden) }
        let made = try await members.add(.init(email: "new@acme.example", role: .admin), by: authority)
        _ = try await members.change(made.id, .init(name: "New", role: .member, state: .suspended), by: authority)
        _ = try await members.remove(made.id, by: authority)
        #expect(
            try await desk.trail() == [
                "member.added", "member.added", "member.added", "member.changed", "member.removed",
            ])
    }

    @Test("a link that an admin made for a member is worth nothing once the member is an owner or has another password")
    func linksDoNotOutliveRoles() async throws {
        let desk = try await TestDesk()
        let owner = try await desk.member("owner@acme.example", .owner)
        let admin = try await desk.member("admin@acme.example", .admin)
        let members = desk.services.members
        let caller = try await desk.caller(session: try await desk.session(of: admin).secret)
        let invited = try await members.invite(.init(email: "new@acme.example"), by: try Authority(caller))
        let owning = try await desk.caller(session: try await desk.session(of: owner).secret)
        _ = try await members.change(invited.member.id, .init(role: .owner), by: try Authority(owning))
        func isRefused(_ link: OneUseLinks.Created) async throws -> Bool {
            try await refusal {
                _ = try await desk.services.desk.accept(
                    link: link.secret, password: TestDesk.password, from: .init(remote: "192.0.2.1"))
            }?.code == .linkInvalid
        }
        #expect(try await isRefused(invited.link))
        let member = try await desk.member(password: TestDesk.password)
        let link = try await members.makeLink(for: member.id, by: try Authority(caller)).link
        let own = try await desk.caller(session: try await desk.session(of: member).secret)
        _ = try await desk.services.accounts.changePassword(
            of: own, from: TestDesk.password, to: TestDesk.password + " of mine", agent: "test")
        #expect(try await isRefused(link))
    }

    @Test("members, and tokens without the scope admin, administer nothing")
    func others() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let admin = try await desk.member("admin@acme.example", .admin)
        let callers = [
            try await desk.caller(session: try await desk.session(of: member).secret),
            try await desk.caller(token: try await desk.token(of: admin, [.write]).token),
        ]
        for caller in callers { #expect(throws: SignInError.forbidden) { try Authority(caller) } }
        #expect(throws: SignInError.notSignedIn) { try Authority(.anonymous(remote: "")) }
        _ = try Authority(try await desk.caller(token: try await desk.token(of: admin, [.admin]).token))
    }

    @Test(
        "names that hide what they are are refused",
        arguments: ["", "a\nb", "a\u{0}", "\u{202E}nimda", String(repeating: "x", count: 201)])
    func names(_ name: String) async throws {
        let desk = try await TestDesk()
        let refused = try await refusal {
            _ = try await desk.services.members.add(.init(email: "a@acme.example", name: name), by: .commandLine)
        }
        #expect(refused?.code == .invalid)
    }
}

@Suite("API tokens") struct TokenTests {
    @Test("scopes include what is below them and never exceed the role's")
    func scopes() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let admin = try await desk.member("admin@acme.example", .admin)
        #expect(try await desk.token(of: member, [.write]).record.scopes == [.read, .write])
        #expect(try await desk.token(of: admin, [.admin]).record.scopes == [.read, .write, .admin])
        #expect(try await refusal { _ = try await desk.token(of: member, [.admin]) }?.code == .invalid)
        #expect(try await refusal { _ = try await desk.token(of: member, []) }?.code == .invalid)
        for days in [0, -1, 367] {
            #expect(try await refusal { _ = try await desk.token(of: member, days: days) }?.code == .invalid)
        }
    }

    @Test("a token makes no other token without the scope admin")
    func tokensMakeTokens() async throws {
        let desk = try await TestDesk()
        let admin = try await desk.member("admin@acme.example", .admin)
        let accounts = desk.services.accounts
        let low = try await desk.caller(token: try await desk.token(of: admin, [.write]).token)
        let refused = try await refusal { _ = try await accounts.createToken(for: low, name: "x", scopes: [.read]) }
        #expect(refused?.code == .forbidden)
        let high = try await desk.caller(token: try await desk.token(of: admin, [.admin]).token)
        _ = try await accounts.createToken(for: high, name: "x", scopes: [.read])
        let session = try await desk.caller(session: try await desk.session(of: admin).secret)
        _ = try await accounts.createToken(for: session, name: "x", scopes: [.admin])
    }

    @Test("members revoke their own, admins those of members and admins, owners all")
    func revoking() async throws {
        let desk = try await TestDesk()
        let accounts = desk.services.accounts
        var callers: [Caller] = []
        var tokens: [TokenID] = []
        for (name, role) in [("a", Member.Role.member), ("b", .member), ("c", .admin), ("d", .owner)] {
            let member = try await desk.member("\(name)@acme.example", role)
            callers.append(try await desk.caller(session: try await desk.session(of: member).secret))
            tokens.append(try await desk.token(of: member).record.id)
        }
        func may(_ caller: Int, _ token: Int) async throws -> Bool {
            let (caller, token) = (callers[caller], tokens[token])
            return try await refusal { try await accounts.revokeToken(token, by: caller) } == nil
        }
        for (caller, token) in [(0, 1), (0, 2), (0, 3), (2, 3)] { #expect(try await !may(caller, token)) }
        for (caller, token) in [(0, 0), (2, 1), (3, 2), (3, 3)] { #expect(try await may(caller, token)) }
        #expect(try await !may(3, 3))
    }

    @Test("the token's text is shown once and kept nowhere")
    func shownOnce() async throws {
        let desk = try await TestDesk()
        let made = try await desk.token(of: try await desk.member())
        #expect(made.token.hasPrefix("dbt_") && made.token.utf8.count == 47)
        let path = desk.folder.file("data")
        for name in ["drawbridge.sqlite", "drawbridge.sqlite-wal"] {
            let bytes = try TestFiles.bytes(path + "/" + name)
            #expect(bytes.firstRange(of: Array(made.token.utf8)) == nil)
            #expect(bytes.firstRange(of: Array(made.token.utf8.dropFirst(4))) == nil)
        }
    }
}

@Suite("Links for one use") struct LinkTests {
    @Test("an invited member sets a password with the link and is in; the link is then worth nothing")
    func invitation() async throws {
        let desk = try await TestDesk()
        let (member, link) = try await desk.services.members.invite(
            .init(email: "ada@acme.example"), by: .commandLine)
        #expect(link.kind == .invitation && link.path == "/welcome#\(link.secret)")
        #expect(try await desk.services.desk.view(link: link.secret).member == member)
        let weak = try await refusal {
            _ = try await desk.services.desk.accept(link: link.secret, password: "short", from: .init(remote: ""))
        }
        #expect(weak?.code == .weakPassword)
        let signedIn = try await desk.services.desk.accept(
            link: link.secret, password: TestDesk.password, from: .init(remote: "192.0.2.1"))
        #expect(try await desk.caller(session: try #require(signedIn).session.secret).member == member)
        let again = try await refusal {
            _ = try await desk.services.desk.accept(
                link: link.secret, password: "another long phrase", from: .init(remote: ""))
        }
        #expect(again?.code == .linkInvalid)
        _ = try await desk.signIn()
        #expect(
            try await desk.trail() == [
                "member.added", "member.invited", "invitation.accepted", "session.started", "session.started",
            ])
    }

    @Test("a reset link ends every session, and does not get around the second factor")
    func reset() async throws {
        let desk = try await TestDesk()
        let (caller, _, codes) = try await desk.memberWithSecondFactor()
        let member = try #require(caller.member)
        let session = try await desk.session(of: member)
        let link = try await desk.services.members.makeLink(for: member.id, by: .commandLine).link
        #expect(link.kind == .reset)
        let signedIn = try await desk.services.desk.accept(
            link: link.secret, password: "another long phrase", from: .init(remote: ""))
        #expect(signedIn == nil)
        #expect(try await desk.caller(session: session.secret).member == nil)
        _ = try await desk.signIn(member.email, "another long phrase", code: codes[0])
    }

    @Test("links expire, a new one replaces the old, and a suspended member's are worth nothing")
    func invalid() async throws {
        let desk = try await TestDesk()
        let members = desk.services.members
        func isGood(_ link: OneUseLinks.Created) async throws -> Bool {
            try await refusal { _ = try await desk.services.desk.view(link: link.secret) } == nil
        }
        let (member, first) = try await members.invite(.init(email: "ada@acme.example"), by: .commandLine)
        let second = try await members.makeLink(for: member.id, by: .commandLine).link
        #expect(try await !isGood(first))
        #expect(try await isGood(second))
        _ = try await members.change(member.id, .init(state: .suspended), by: .commandLine)
        #expect(try await !isGood(second))
        let refused = try await refusal { _ = try await members.makeLink(for: member.id, by: .commandLine) }
        #expect(refused?.code == .conflict)
        _ = try await members.change(member.id, .init(state: .active), by: .commandLine)
        #expect(try await isGood(second))
        desk.clock.advance(days: 7)
        #expect(try await !isGood(second))
        #expect(try await refusal { _ = try await desk.services.desk.view(link: "dbl_x") }?.code == .linkInvalid)
    }

    @Test("the setup link makes the first owner, once, within a day, and never where there is one")
    func setup() async throws {
        let desk = try await TestDesk()
        func setUp(_ secret: String, _ email: String = "owner@acme.example") async throws -> SignInError? {
            try await refusal {
                _ = try await desk.services.desk.setUp(
                    link: secret, email: email, name: "The Owner", password: TestDesk.password,
                    from: .init(remote: "192.0.2.1"))
            }
        }
        let replaced = try #require(try await desk.services.desk.makeSetupLink())
        let late = try #require(try await desk.services.desk.makeSetupLink())
        #expect(try await setUp(replaced.secret)?.code == .linkInvalid)
        desk.clock.advance(days: 1)
        #expect(try await setUp(late.secret)?.code == .linkInvalid)
        let good = try #require(try await desk.services.desk.makeSetupLink())
        #expect(try await setUp("dbl_guess")?.code == .linkInvalid)
        #expect(try await setUp(good.secret) == nil)
        #expect(try await setUp(good.secret, "second@acme.example")?.code == .linkInvalid)
        #expect(try await desk.services.desk.makeSetupLink() == nil)
        let owner = try await desk.signIn("owner@acme.example").member
        #expect(owner.role == .owner && owner.emailVerified && owner.name == "The Owner")
    }

    @Test("a setup link is worth nothing once the operator added an owner")
    func setupTooLate() async throws {
        let desk = try await TestDesk()
        let link = try #require(try await desk.services.desk.makeSetupLink())
        try await desk.member("owner@acme.example", .owner)
        #expect(try await refusal { _ = try await desk.services.desk.view(link: link.secret) }?.code == .linkInvalid)
        let invitation = try await desk.services.members.invite(.init(email: "a@acme.example"), by: .commandLine).link
        let refused = try await refusal {
            _ = try await desk.services.desk.setUp(
                link: invitation.secret, email: "b@acme.example", name: nil, password: TestDesk.password,
                from: .init(remote: ""))
        }
        #expect(refused?.code == .linkInvalid)
    }
}
