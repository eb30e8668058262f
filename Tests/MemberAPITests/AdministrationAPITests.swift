import IssueModel
import AuditTrail
import Database
import FastJSON
import HTTPMessages
import SignIn
import Store
import Testing
import Workspace

@Suite("Members, tokens and the trail over the API") struct AdministrationAPITests {
    @Test("an admin looks after members, but not after owners")
    func members() async throws {
        let api = try await TestAPI()
        let owner = try await api.member("owner@acme.example", .owner)
        let admin = try await api.session("admin@acme.example", .admin)
        let added = try await api.ask(
            .post, "members", ["email": "ada@acme.example", "invite": false, "emailVerified": false], as: admin)
        #expect(added.status == 201 && added["link"] == .null && added["member"]?["emailVerified"] == false)
        let id = try #require(added["member"]?["id"]?.string)
        let twice = try await api.ask(.post, "members", ["email": "ADA@acme.example"], as: admin)
        #expect(twice.status == 409 && twice.code == "member_exists")
        let none = try await api.ask(.post, "members", ["email": "no address"], as: admin)
        #expect(none.status == 400)
        let changed = try await api.ask(
            .patch, "members/\(id)", ["name": "Ada L.", "role": "admin", "state": "suspended"], as: admin)
        #expect(changed["name"] == "Ada L." && changed["role"] == "admin" && changed["state"] == "suspended")
        #expect(try await api.ask(.post, "members/\(id)/link", as: admin).code == "conflict")
        #expect(try await api.ask(.delete, "members/\(id)", as: admin).status == 204)
        #expect(try await api.ask(.get, "members/\(id)", as: admin).status == 404)
        for (method, path, body) in [
            (HTTPMethod.patch, "", ["role": "member"] as JSONValue?), (.delete, "", nil), (.post, "/link", nil),
            (.delete, "/sessions", nil), (.delete, "/second-factor", nil),
        ] {
            let reply = try await api.ask(method, "members/\(owner.id)\(path)", body, as: admin)
            #expect(reply.status == 403 && reply.code == "forbidden", "\(method) \(path)")
        }
        #expect(
            try await api.ask(.post, "members", ["email": "x@acme.example", "role": "owner"], as: admin).status == 403)
        let own = try await api.session(of: owner)
        let last = try await api.ask(.patch, "members/\(owner.id)", ["role": "member"], as: own)
        #expect(last.status == 409 && last.code == "last_owner")
        #expect(try await api.ask(.delete, "members/\(owner.id)", as: own).code == "last_owner")
    }

    @Test("members are listed page by page")
    func pages() async throws {
        let api = try await TestAPI()
        let admin = try await api.session("admin@acme.example", .admin)
        for number in 0..<4 { try await api.member("p\(number)@acme.example") }
        var (emails, cursor): ([String], String?) = ([], nil)
        repeat {
            let query = cursor.map { "&cursor=\($0)" } ?? ""
            let page = try await api.ask(.get, "members?limit=2\(query)", as: admin)
            #expect(page["total"] == 5)
            emails += page["members"]?.array?.compactMap { $0["email"]?.string } ?? []
            cursor = page["cursor"]?.string
        } while cursor != nil
        #expect(emails == ["admin"].map { "\($0)@acme.example" } + (0..<4).map { "p\($0)@acme.example" })
        #expect(try await api.ask(.get, "members?cursor=x", as: admin).code == "invalid_cursor")
        for id in ["0", "-1", "01", "x", "99", "9999999999999999999"] {
            #expect(try await api.ask(.get, "members/\(id)", as: admin).status == 404)
        }
    }

    @Test("a token is shown once, works at once, and is worth nothing when revoked")
    func tokens() async throws {
        let api = try await TestAPI()
        let session = try await api.session("ada@acme.example")
        let body: JSONValue = ["name": "reports", "scopes": ["write"], "days": 7]
        let made = try await api.ask(.post, "tokens", body, as: session, headers: ["Idempotency-Key": "one"])
        let again = try await api.ask(.post, "tokens", body, as: session, headers: ["Idempotency-Key": "one"])
        #expect(made.status == 201 && again.json == made.json && again.headers["Idempotency-Replayed"] == "true")
        let token = try #require(made["token"]?.string)
        let me = try await api.ask(.get, "me", as: .token(token))
        #expect(me["scopes"] == ["read", "write"] && me["via"] == "token")
        let listed = try await api.ask(.get, "tokens", as: .token(token))
        #expect(listed["total"] == 1 && listed["tokens"]?[0]?["token"] == nil)
        #expect(listed["tokens"]?[0]?["lastUsed"]?.string == api.now.rfc3339)
        let more = try await api.ask(.post, "tokens", body, as: .token(token))
        #expect(more.status == 403)
        #expect(try await api.ask(.post, "tokens", ["name": "x", "scopes": ["admin"]], as: session).status == 422)
        let id = try #require(made["id"]?.string)
        let other = try await api.session("bo@acme.example")
        #expect(try await api.ask(.delete, "tokens/\(id)", as: other).status == 404)
        #expect(try await api.ask(.delete, "tokens/\(id)", as: session).status == 204)
        #expect(try await api.ask(.get, "me", as: .token(token)).status == 401)
        #expect(try await api.trail().filter { $0.hasPrefix("token.") } == ["token.created", "token.revoked"])
    }

    @Test("no password, token or link stands in clear in the database, whatever way it came")
    func nothingInClear() async throws {
        let api = try await TestAPI()
        let owner = try await api.member("owner@acme.example", .owner, password: TestAPI.password)
        let session = try await api.session(of: owner)
        let key = ["Idempotency-Key": "k1"]
        let token = try await api.ask(.post, "tokens", ["name": "x", "scopes": ["read"]], as: session, headers: key)
        let link = try await api.ask(
            .post, "members", ["email": "ada@acme.example"], as: session, headers: ["Idempotency-Key": "k2"])
        _ = try await api.ask(
            .post, "account/password", ["current": .string(TestAPI.password), "new": "another long phrase"],
            as: session,
            headers: ["Idempotency-Key": "k3"])
        let secrets = [
            TestAPI.password, "another long phrase", try #require(token["token"]?.string),
            String(try #require(link["link"]?["url"]?.string).drop { $0 != "#" }.dropFirst()),
        ]
        for name in ["drawbridge.sqlite", "drawbridge.sqlite-wal"] {
            let bytes = try TestFiles.bytes(api.folder.file("data") + "/" + name)
            for secret in secrets { #expect(bytes.firstRange(of: Array(secret.utf8)) == nil, "\(name)") }
        }
    }

    @Test("the trail is read by admins, page by page, and verified against a head kept elsewhere")
    func audit() async throws {
        let api = try await TestAPI()
        let member = try await api.session("ada@acme.example")
        let admin = try await api.session("admin@acme.example", .admin)
        for number in 0..<5 {
            _ = try await api.ask(.post, "members", ["email": .string("p\(number)@acme.example")], as: admin)
        }
        #expect(try await api.ask(.get, "audit", as: member).status == 403)
        let first = try await api.ask(.get, "audit?limit=7", as: admin)
        #expect(first["total"] == 12 && first["events"]?.array?.count == 7)
        #expect(first["events"]?[0]?["action"] == "member.invited")
        #expect(first["events"]?[0]?["actorName"] == "admin@acme.example")
        #expect(first["events"]?[0]?["remote"] == "192.0.2.1")
        let cursor = try #require(first["cursor"]?.string)
        let second = try await api.ask(.get, "audit?limit=7&cursor=\(cursor)", as: admin)
        #expect(second["events"]?.array?.last?["number"] == 1 && second["cursor"] == nil)
        let head = try #require(first["head"]?.string)
        let good = try await api.ask(.get, "audit/verification?head=\(head)", as: admin)
        #expect(good["holds"] == true && good["head"]?.string == head)
        try await api.store.write {
            try $0.connection.executeScript(
                "DROP TRIGGER audit_event_kept; DELETE FROM audit_event WHERE number > 10")
        }
        let cut = try await api.ask(.get, "audit/verification?head=\(head)", as: admin)
        #expect(cut["holds"] == false && cut["problem"] == "cutOff" && cut["number"] == 10)
        #expect(
            try await api.ask(.get, "audit/verification?head=" + String(repeating: "x", count: 70), as: admin).status
                == 400)
    }

    @Test("a removed, suspended or demoted member's session stops at once")
    func atOnce() async throws {
        let api = try await TestAPI()
        let owner = try await api.session("owner@acme.example", .owner)
        for change in ["remove", "suspend", "demote"] {
            let admin = try await api.member("\(change)@acme.example", .admin)
            let session = try await api.session(of: admin)
            #expect(try await api.ask(.get, "members", as: session).status == 200)
            switch change {
            case "remove": _ = try await api.ask(.delete, "members/\(admin.id)", as: owner)
            case "suspend":
                _ = try await api.ask(.patch, "members/\(admin.id)", ["state": "suspended"], as: owner)
            default: _ = try await api.ask(.patch, "members/\(admin.id)", ["role": "member"], as: owner)
            }
            #expect(try await api.ask(.get, "members", as: session).status == 401, "\(change)")
        }
    }
}
