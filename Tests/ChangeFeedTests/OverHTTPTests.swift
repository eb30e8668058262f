import AccessControl
import AuditTrail
import ChangeFeed
import FastJSON
import HTTPClient
import HTTPMessages
import IssueModel
import SearchIndex
import SignIn
import SimulatedAccess
import SiteConnection
import SourceAdministration
import Store
import Testing
import WebAPI
import WebFrame
import WebServer
import Workspace

/// The API over a simulated site that was read, on a socket.
private struct Server: Sendable {
    let scene: FeedScene
    let feed: FeedService
    let receiver = Receiver()
    let url: String
    private let client = CurlTransport()

    static func serving(_ body: (Server) async throws -> Void) async throws {
        try await FeedScene.lent { scene in
            let receiver = Receiver()
            let feed = try FeedService(store: scene.store, transport: receiver)
            var services = Services(
                store: scene.store, authenticator: Authenticator(store: scene.store),
                searcher: Searcher(scene.store.database),
                administration: SourceAdministration(store: scene.store, setup: scene.setup, service: scene.service))
            services.feed = feed
            let api = API.server(services)
            let web = WebServer(WebServerConfiguration()) { api.answer($0) ?? api.notFound($0) }
            try web.start()
            do {
                try await body(Server(scene: scene, feed: feed, url: web.url))
            } catch {
                feed.events.end()
                await web.stop()
                throw error
            }
            feed.events.end()
            await web.stop()
        }
    }

    /// A member who is a person of the site, with a token.
    func member(_ name: String, as user: Int, _ scopes: Set<Scope> = [.write]) async throws -> ApiTokens.Created {
        let (source, account) = (try await scene.source(), scene.account(user))
        return try await scene.store.write { context in
            let member = try MemberRecords.add(Member(email: "\(name)@acme.example", added: context.now), in: context)
            try IdentityLinks.set(account, for: member, source: source, at: context.now, in: context)
            return try ApiTokens.create(for: member, name: "test", scopes: scopes, days: 1, in: context)
        }
    }

    func ask(
        _ method: HTTPMethod, _ path: String, _ token: ApiTokens.Created, _ body: JSONValue? = nil,
        _ headers: HTTPHeaders = [:]
    ) async throws -> HTTPResponse {
        var headers = headers
        headers["Authorization"] = "Bearer \(token.token)"
        if body != nil { headers["Content-Type"] = "application/json" }
        return try await client.send(
            HTTPRequest(method, url + "/api/v1/" + path, headers: headers, body: body?.serialized() ?? []))
    }
}

extension HTTPResponse {
    fileprivate var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}

@Suite struct OverHTTPTests {
    @Test("pages hold what the member may see, and go on from their cursor")
    func pages() async throws {
        try await Server.serving { server in
            let token = try await server.member("dev", as: TinySite.developer, [.read])
            let visible = try await server.scene.visible(to: server.scene.reader(TinySite.developer))
            var (told, cursor): (Set<String>, String?) = ([], nil)
            while true {
                let page = try await server.ask(.get, "changes?limit=3" + (cursor.map { "&after=\($0)" } ?? ""), token)
                #expect(page.status == 200)
                for entry in page.json["changes"]?.array ?? [] { if let id = entry["id"]?.string { told.insert(id) } }
                cursor = page.json["cursor"]?.string
                if page.json["more"]?.bool != true { break }
            }
            #expect(told == Set(visible.map(\.description)))
            for query in ["after=abc", "limit=0", "limit=1001", "start=never", "after="] {
                let refused = try await server.ask(.get, "changes?\(query)", token)
                #expect(refused.status == 400, "\(query)")
                #expect(refused.headers["Content-Type"] == "application/problem+json")
            }
            #expect(try await server.ask(.get, "changes?after=abc", token).json["code"]?.string == "invalid_cursor")
        }
    }

    @Test("a stream over a socket tells what happens, and ends when its token is revoked")
    func stream() async throws {
        try await Server.serving { server in
            let token = try await server.member("dev", as: TinySite.developer, [.read])
            let reader = try await server.scene.reader(TinySite.developer)
            let ids = try await server.scene.visible(to: reader).sorted()
            let cursor = try await server.scene.now(for: reader)
            try await server.scene.touch(ids[0])
            async let answer = server.ask(.get, "events", token, nil, ["Last-Event-ID": cursor])
            while server.feed.events.count == 0 { await Task.yield() }
            try await server.scene.touch(ids[1])
            await server.feed.events.look()
            try await server.scene.write {
                _ = try ApiTokens.revoke(token.record.id, in: $0)
                try AuditTrail.append(AuditOrigin.commandLine.event("token.revoked"), in: $0)
            }
            await server.feed.events.look()
            let response = try await answer
            #expect(response.status == 200)
            #expect(response.headers["Content-Type"] == "text/event-stream")
            #expect(response.headers["Cache-Control"] == "no-store")
            #expect(response.text.hasPrefix("retry: "))
            #expect(response.text.hasSuffix("event: end\ndata: {\"reason\":\"signed_out\"}\n\n"))
            #expect(server.feed.events.count == 0)
            #expect(try await server.ask(.get, "events", token).status == 401)
        }
    }

    @Test("a stream that an admin opened ends when the member is none any more, whose token goes on")
    func demotion() async throws {
        try await Server.serving { server in
            let token = try await server.member("lead", as: TinySite.lead, [.read])
            func become(_ role: Member.Role) async throws {
                try await server.scene.write { context in
                    guard var member = try MemberRecords.member(token.record.member, in: context.connection) else {
                        return
                    }
                    member.role = role
                    try MemberRecords.update(member, in: context)
                    try AuditTrail.append(AuditOrigin.commandLine.event("member.changed"), in: context)
                }
                await server.feed.events.look()
            }
            try await become(.admin)
            async let answer = server.ask(.get, "events", token)
            while server.feed.events.count == 0 { await Task.yield() }
            await server.feed.events.look()
            try await become(.member)
            let response = try await answer
            #expect(response.text.hasSuffix("event: end\ndata: {\"reason\":\"signed_out\"}\n\n"))
            #expect(try await server.ask(.get, "me", token).status == 200)
        }
    }

    @Test("a stream from nowhere is refused before it begins")
    func noStream() async throws {
        try await Server.serving { server in
            let token = try await server.member("dev", as: TinySite.developer, [.read])
            let refused = try await server.ask(.get, "events", token, nil, ["Last-Event-ID": "abc"])
            #expect(refused.status == 400 && refused.json["code"]?.string == "invalid_cursor")
            server.feed.events.end()
            #expect(try await server.ask(.get, "events", token).status == 503)
        }
    }

    @Test("subscriptions are their owner's alone, and their secrets shown once")
    func subscriptions() async throws {
        try await Server.serving { server in
            let own = try await server.member("dev", as: TinySite.developer)
            let other = try await server.member("lead", as: TinySite.lead)
            let wanted: JSONValue = ["name": "ci", "url": "https://hooks.example.com/in"]
            let made = try await server.ask(.post, "subscriptions", own, wanted)
            #expect(made.status == 201 && made.json["secret"]?.string?.hasPrefix("dbs_") == true)
            let id = try #require(made.json["id"]?.string)
            #expect(made.headers["Location"] == "/api/v1/subscriptions/\(id)")
            #expect(try await server.ask(.post, "subscriptions", own, wanted).status == 409)
            for url in ["https://127.1/", "http://hooks.example.com/", "https://[::ffff:10.0.0.1]/"] {
                let refused = try await server.ask(.post, "subscriptions", own, ["name": "x", "url": .string(url)])
                #expect(refused.status == 422 && refused.json["code"]?.string == "address_refused", "\(url)")
            }
            let listed = try await server.ask(.get, "subscriptions", own)
            #expect(listed.json["subscriptions"]?.array?.count == 1 && !listed.text.contains("dbs_"))
            #expect(try await server.ask(.get, "subscriptions", other).json["subscriptions"]?.array?.isEmpty == true)
            for (method, path, body) in [
                (HTTPMethod.get, "", nil), (HTTPMethod(rawValue: "PATCH"), "", ["paused": true] as JSONValue?),
                (.delete, "", nil), (.post, "/secret", nil), (.post, "/test", nil), (.get, "/deliveries", nil),
            ] {
                #expect(try await server.ask(method, "subscriptions/\(id)\(path)", other, body).status == 404)
                #expect(try await server.ask(method, "subscriptions/999\(path)", own, body).status == 404)
                #expect(try await server.ask(method, "subscriptions/x\(path)", own, body).status == 404)
            }
            let tested = try await server.ask(.post, "subscriptions/\(id)/test", own)
            #expect(tested.status == 200 && tested.json["state"]?.string == "delivered")
            let deliveries = try await server.ask(.get, "subscriptions/\(id)/deliveries", own)
            #expect(deliveries.json["deliveries"]?.array?.count == 1)
            let paused = try await server.ask(
                HTTPMethod(rawValue: "PATCH"), "subscriptions/\(id)", own, ["paused": true])
            #expect(paused.json["state"]?.string == "paused")
            #expect(try await server.ask(.post, "subscriptions/\(id)/deliveries/1/redeliver", own).status == 404)
            #expect(try await server.ask(.delete, "subscriptions/\(id)", own).status == 204)
            #expect(try await server.ask(.get, "subscriptions/\(id)", own).status == 404)
        }
    }
}
