import AccessControl
import AuditTrail
import FastJSON
import HTTPMessages
import IssueModel
import SignIn
import Store
import Testing
import WebAPI
import WebFrame
import WebServer
import Workspace

@Suite("Sources over the API") struct SourceAPITests {
    private static func json(_ response: HTTPResponse) throws -> JSONValue {
        response.body.isEmpty ? .null : try JSONValue(parsing: response.body)
    }

    private static func addSource(to world: APIWorld) async throws {
        let key = try world.store.secretKey()
        _ = try await world.store.write { context in
            try SourceRecords.add(
                Source(
                    name: "work", url: "https://jira.example", apiURL: "https://jira.example", product: .dataCenter,
                    siteID: nil, version: "9", accessMode: .mirror, credentialKind: "anonymous", principal: nil,
                    timeZone: "UTC", scope: .init(), created: context.now), credential: nil, key: key, in: context)
        }
    }

    @Test("are paused, resumed, removed and purged, each with a line in the audit trail") func life() async throws {
        try await APIWorld.serving { world in
            try await Self.addSource(to: world)
            let owner = try await world.add("owner", .owner)
            let token = try await world.token(of: owner, [.admin])
            let headers = APIWorld.bearer(token.token)
            func ask(_ method: HTTPMethod, _ path: String) async throws -> (status: Int, json: JSONValue) {
                let response = try await world.send(method, "/api/v1/sources" + path, headers)
                return (response.status, try Self.json(response))
            }
            let paused = try await ask(.post, "/work/pause")
            #expect(paused.status == 200 && paused.json["state"]?.string == "paused")
            let resumed = try await ask(.post, "/work/resume")
            #expect(resumed.json["state"]?.string == "active")
            let counts = try await ask(.get, "/work/removal")
            #expect(counts.json["issues"]?.integer == 0)
            let unconfirmed = try await ask(.delete, "/work?purge=true")
            #expect(unconfirmed.status == 409 && unconfirmed.json["code"]?.string == "confirmation_missing")
            let removed = try await ask(.delete, "/work")
            #expect(removed.status == 200)
            let gone = try await ask(.post, "/work/pause")
            #expect(gone.status == 404)
            let purged = try await ask(.delete, "/work?purge=true&confirm=work")
            #expect(purged.status == 200)
            let nothing = try await ask(.get, "/work")
            #expect(nothing.status == 404)
            let trail = try await world.store.read { try AuditTrail.list(in: $0).reversed().map(\.action) }
            #expect(
                trail.filter { $0.hasPrefix("source.") }
                    == ["source.paused", "source.resumed", "source.removed", "source.removed"])
        }
    }

    @Test("admins send neither a source's credential nor Jira's webhooks to an address of their choice")
    func addresses() async throws {
        try await APIWorld.serving { world in
            try await Self.addSource(to: world)
            for (role, isAllowed) in [(Member.Role.admin, false), (.owner, true)] {
                let token = try await world.token(of: try await world.add(role.rawValue, role), [.admin])
                var headers = APIWorld.bearer(token.token)
                headers["Content-Type"] = "application/json"
                for (method, path, body) in [
                    (HTTPMethod.put, "address", #"{"url":"https://elsewhere.example"}"#),
                    (.post, "webhook", #"{"publicUrl":"https://elsewhere.example"}"#),
                ] {
                    let response = try await world.send(method, "/api/v1/sources/work/\(path)", headers, body: body)
                    #expect((response.status != 403) == isAllowed, "\(path) as \(role): \(response.status)")
                }
            }
        }
    }

    @Test("an export under way breaks off when its token is revoked") func revokedExport() async throws {
        try await APIWorld.serving { world in
            let token = try await world.token(of: try await world.add("member", .member), [.read])
            let request = HTTPRequest(
                .get, "/api/v1/export/issues?format=csv", headers: APIWorld.bearer(token.token))
            let answer = API.server(world.services).answer(WebRequest(request, remoteAddress: "192.0.2.1"))
            guard case .later(let job)? = answer, case .stream(let stream) = await job().content else {
                Testing.Issue.record("An export is a stream.")
                return
            }
            let writer = BodyWriter { #expect(!$0.isEmpty) }
            try await stream.produce(writer)
            try await world.store.write { _ = try ApiTokens.revoke(token.record.id, in: $0) }
            await #expect(throws: SignInError.notSignedIn) { try await stream.produce(writer) }
        }
    }

    @Test("a schedule is changed in parts, and what cannot be is refused") func schedule() async throws {
        try await APIWorld.serving { world in
            try await Self.addSource(to: world)
            let token = try await world.token(of: try await world.add("admin", .admin), [.write])
            var headers = APIWorld.bearer(token.token)
            headers["Content-Type"] = "application/json"
            func patch(_ body: String) async throws -> HTTPResponse {
                try await world.send(
                    HTTPMethod(rawValue: "PATCH"), "/api/v1/sources/work/schedule", headers, body: body)
            }
            let changed = try await patch(#"{"changesSeconds":120,"quietHours":"22:00-06:00","zone":"Europe/Berlin"}"#)
            #expect(changed.status == 200)
            let ended = try await patch(#"{"quietHours":null}"#)
            let schedule = try Self.json(ended)["schedule"]
            #expect(schedule?["quiet"]?.isNull ?? true)
            for wrong in [#"{"quietHours":"late"}"#, #"{"changesSeconds":0}"#, #"{"changes":60}"#, "[]"] {
                let refused = try await patch(wrong)
                #expect(refused.status == 400, "\(wrong)")
            }
        }
    }

    @Test("an unknown issue, and one of a source that the member sees nothing of, are answered alike")
    func unknown() async throws {
        try await APIWorld.serving { world in
            try await Self.addSource(to: world)
            let token = try await world.token(of: try await world.add("member", .member), [.read])
            let response = try await world.send(.get, "/api/v1/issues/PAY-1", APIWorld.bearer(token.token))
            let problem = try Self.json(response)
            #expect(response.status == 404 && problem["code"]?.string == "not_found")
            let found = try await world.send(.get, "/api/v1/search?query=anything", APIWorld.bearer(token.token))
            let total = try Self.json(found)["total"]?.integer
            #expect(found.status == 200 && total == 0)
        }
    }
}
