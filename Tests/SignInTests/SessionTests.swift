import Database
import HTTPMessages
import IssueModel
@testable import SignIn
import Store
import Testing
import Workspace

@Suite("Sessions") struct SessionTests {
    @Test("a session whose stream is open ends when nobody has used it, however often the server looks")
    func idleUnderStream() async throws {
        let desk = try await TestDesk()
        let session = try await desk.session(of: try await desk.member())
        let request = HTTPRequest(.get, "/events", headers: ["Cookie": "drawbridge_session=\(session.secret)"])
        for day in 1...8 {
            desk.clock.advance(hours: 24)
            let caller = try await desk.services.authenticator.caller(of: request, remote: "192.0.2.1", isUse: false)
            #expect((caller.member != nil) == (day < 7))
        }
    }

    @Test("a restored backup brings back no session and no link for one use, and tokens as they were") func restored()
        async throws
    {
        let desk = try await TestDesk()
        let member = try await desk.member(password: TestDesk.password)
        let session = try await desk.session(of: member)
        let token = try await desk.token(of: member)
        _ = try await desk.services.members.makeLink(for: member.id, by: .commandLine)
        try await desk.store.write { try SignInUpkeep.beginAnew(in: $0.connection) }
        #expect(try await desk.caller(session: session.secret).member == nil)
        #expect(try await desk.count("SELECT count(*) FROM one_use_link") == 0)
        #expect(try await desk.caller(token: token.token).member == member)
        let empty = try Database(path: desk.folder.file("empty.sqlite"))
        try await empty.write { try SignInUpkeep.beginAnew(in: $0) }
        await empty.close()
    }

    @Test("a session's secret is nowhere in the database")
    func hashedAtRest() async throws {
        let desk = try await TestDesk()
        let started = try await desk.session(of: try await desk.member())
        #expect(started.secret.utf8.count == 43)
        let hits = try await desk.count(
            "SELECT count(*) FROM session WHERE instr(CAST(secret_hash AS TEXT), '\(started.secret)') > 0")
        #expect(hits == 0)
        let caller = try await desk.caller(session: started.secret)
        #expect(caller.via == .session(started.id) && caller.scopes == [.read, .write])
    }

    @Test("a session ends a week after it was last used, and a month after it began")
    func limits() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let idle = try await desk.session(of: member)
        let busy = try await desk.session(of: member)
        for day in 1...29 {
            desk.clock.advance(days: 1)
            #expect(try await desk.caller(session: busy.secret).member == member, "day \(day)")
        }
        #expect(try await desk.caller(session: idle.secret).member == nil)
        desk.clock.advance(days: 1)
        #expect(try await desk.caller(session: busy.secret).member == nil)
        #expect(try await desk.count("SELECT count(*) FROM session") == 0)
    }

    @Test("a clock that is set back revives no session, token or link that had expired, whether seen expiring or not")
    func clockSetBack() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let session = try await desk.session(of: member)
        let token = try await desk.token(of: member, days: 5)
        let link = try await desk.services.members.makeLink(for: member.id, by: .commandLine).link
        desk.clock.advance(days: 8)
        // Anything that is noted tells how late it was.
        try await desk.store.write { try SignInUpkeep.sweep(in: $0) }
        desk.clock.advance(days: -7)
        #expect(try await desk.caller(session: session.secret).member == nil)
        #expect(try await desk.caller(token: token.token).member == nil)
        let refused = try await refusal { _ = try await desk.services.desk.view(link: link.secret) }
        #expect(refused?.code == .linkInvalid)
    }

    @Test("after a clock jumped far ahead and back, sessions begun since still end")
    func clockJump() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        desk.clock.advance(days: 20_000)
        try await desk.store.write { try SignInUpkeep.sweep(in: $0) }
        desk.clock.advance(days: -20_000)
        let session = try await desk.session(of: member)
        desk.clock.advance(days: 6)
        #expect(try await desk.caller(session: session.secret).member == member)
        desk.clock.advance(days: 8)
        #expect(try await desk.caller(session: session.secret).member == nil)
    }

    @Test("a suspended member's sessions and tokens stop at once, also when changed behind our back")
    func suspended() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let session = try await desk.session(of: member)
        let token = try await desk.token(of: member)
        try await desk.store.write { context in
            try context.connection.execute("UPDATE member SET state = 'suspended' WHERE id = ?", member.id.rawValue)
        }
        #expect(try await desk.caller(session: session.secret).member == nil)
        #expect(try await desk.caller(token: token.token).member == nil)
    }

    @Test("another role ends every session and cuts tokens down to it")
    func roleChange() async throws {
        let desk = try await TestDesk()
        try await desk.member("owner@acme.example", .owner)
        let admin = try await desk.member("kim@acme.example", .admin)
        let session = try await desk.session(of: admin)
        let token = try await desk.token(of: admin, [.admin])
        #expect(try await desk.caller(token: token.token).may(.admin(.admin)))
        _ = try await desk.services.members.change(admin.id, .init(role: .member), by: .commandLine)
        #expect(try await desk.caller(session: session.secret).member == nil)
        let caller = try await desk.caller(token: token.token)
        #expect(caller.scopes == [.read, .write] && !caller.may(.admin(.admin)))
    }

    @Test("a member has at most fifty sessions; the one unused the longest goes")
    func manySessions() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let first = try await desk.session(of: member)
        for _ in 0..<Sessions.limitPerMember {
            desk.clock.advance(seconds: 1)
            _ = try await desk.session(of: member)
        }
        #expect(try await desk.count("SELECT count(*) FROM session") == Sessions.limitPerMember)
        #expect(try await desk.caller(session: first.secret).member == nil)
    }

    @Test("use is noted once a minute, not at every request")
    func noting() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let session = try await desk.session(of: member)
        let token = try await desk.token(of: member)
        let began = desk.clock.now
        desk.clock.advance(seconds: 59)
        _ = try await desk.caller(session: session.secret)
        let early = try await desk.store.read { try Sessions.list(of: member.id, now: began, in: $0) }
        #expect(early.map(\.seen) == [began])
        desk.clock.advance(seconds: 1)
        _ = try await desk.caller(session: session.secret)
        _ = try await desk.caller(token: token.token)
        let now = desk.clock.now
        let (late, tokens) = try await desk.store.read {
            (try Sessions.list(of: member.id, now: now, in: $0), try ApiTokens.list(of: member.id, in: $0))
        }
        #expect(late.map(\.seen) == [now] && tokens.map(\.lastUsed) == [now])
    }

    @Test("a session that gets a new secret is known by that alone")
    func rotation() async throws {
        let desk = try await TestDesk()
        let old = try await desk.session(of: try await desk.member())
        let new = try await desk.store.write { try Sessions.rotate(old.id, in: $0) }
        #expect(new.id == old.id)
        #expect(try await desk.caller(session: old.secret).member == nil)
        #expect(try await desk.caller(session: new.secret).member != nil)
    }

    @Test("signing in and changing the password end the sessions that they replace")
    func replaced() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member(password: TestDesk.password)
        let elsewhere = try await desk.session(of: member)
        let first = try await desk.signIn()
        let caller = try await desk.caller(session: first.session.secret)
        let second = try await desk.services.desk.signIn(
            email: member.email, password: TestDesk.password, from: .init(caller, agent: "test"))
        #expect(try await desk.caller(session: first.session.secret).member == nil)
        let again = try await desk.caller(session: second.session.secret)
        let third = try await desk.services.accounts.changePassword(
            of: again, from: TestDesk.password, to: "another long phrase", agent: "test")
        #expect(try await desk.caller(session: second.session.secret).member == nil)
        #expect(try await desk.caller(session: elsewhere.secret).member == nil)
        #expect(try await desk.caller(session: third.session.secret).member == member)
        #expect(try await refusal { _ = try await desk.signIn() }?.code == .wrongCredentials)
        _ = try await desk.signIn(member.email, "another long phrase")
    }
}
