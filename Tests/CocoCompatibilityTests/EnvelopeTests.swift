import SimulatedSite
import JiraSimulator
import WebFrame
import CocoCompatibility
import FastJSON
import HTTPMessages
import SignIn
import Testing
import Workspace

/// Status codes and bodies as Coco's clients know them.
@Suite("Envelopes") struct EnvelopeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let method: HTTPMethod
        let target: String
        var body = ""
        let status: Int
        /// Members that the answer has at least; `…` stands for any string.
        let has: JSONValue
        var testDescription: String { "\(method.rawValue) \(target) \(body.prefix(60))" }

        init(_ method: HTTPMethod, _ target: String, _ body: String, _ status: Int, _ has: JSONValue) {
            (self.method, self.target, self.body, self.status, self.has) = (method, target, body, status, has)
        }

        init(_ method: HTTPMethod, _ target: String, _ status: Int, _ has: JSONValue) {
            self.init(method, target, "", status, has)
        }
    }

    private static func refusal(_ status: Int, _ reason: String = "…") -> JSONValue {
        ["error": ["reason": .string(reason), "status": .integer(Int64(status))], "status": .integer(Int64(status))]
    }

    private static let empty: JSONValue = [
        "timed_out": false, "hits": ["total": ["value": 0, "relation": "eq"], "hits": []],
    ]

    static let cases = [
        Case(.get, "/connector/jira", 200, ["_id": "jira", "found": true, "_source": ["builtin": true]]),
        Case(.get, "/connector/none", 404, ["_id": "none", "found": false]),
        Case(.put, "/connector/none", #"{"name":"x"}"#, 404, ["_id": "none", "result": "not_found"]),
        Case(.put, "/connector/mine?replace=true", #"{"name":"x"}"#, 200, ["_id": "mine", "result": "created"]),
        Case(.put, "/connector/jira", #"{"description":"y"}"#, 200, ["_id": "jira", "result": "updated"]),
        Case(.post, "/connector/", #"{"id":"jira","name":"x"}"#, 409, refusal(409)),
        Case(.post, "/connector", #"{"name":"x","config":{"token":"s"}}"#, 200, ["_id": "…", "result": "created"]),
        Case(.post, "/connector/", #"{"name":""}"#, 400, refusal(400)),
        Case(.post, "/connector/", #"{"name":"#, 400, refusal(400)),
        Case(.post, "/connector/", #"{"id":"../x","name":"x"}"#, 400, refusal(400)),
        Case(.delete, "/connector/jira", 403, refusal(403, "builtin connector cannot be deleted")),
        Case(.delete, "/connector/none", 404, ["_id": "none", "result": "not_found"]),
        Case(.patch, "/connector/jira", 405, refusal(405)),
        Case(.get, "/connector/_search", 200, ["hits": ["total": ["value": 1, "relation": "eq"]]]),
        Case(.post, "/connector/_search", #"{"size":0}"#, 200, ["hits": ["total": ["value": 1]]]),
        Case(.options, "/connector/_search", 204, .null),
        Case(.post, "/datasource/", #"{"type":"other","name":"x"}"#, 400, refusal(400, "invalid datasource")),
        Case(.post, "/datasource/", #"{"name":"x","connector":{"id":"none"}}"#, 400, refusal(400, "invalid connector")),
        Case(.post, "/datasource/", #"{"name":"x"}"#, 400, refusal(400, "invalid connector")),
        Case(
            .post, "/datasource/", #"{"name":"x","connector":{"id":"jira","config":{"project_key":"A"}}}"#, 400,
            refusal(400, "endpoint is required")),
        Case(
            .post, "/datasource/",
            #"{"name":"x","connector":{"id":"jira","config":{"endpoint":"http://jira.localhost","project_key":"PAY","username":"u"}}}"#,
            400, refusal(400, "token is required when username is provided")),
        Case(
            .post, "/datasource/",
            #"{"name":"x","connector":{"id":"jira","config":{"endpoint":"http://nowhere.localhost","token":"t","project_key":"PAY"}}}"#,
            502, refusal(502)),
        Case(.post, "/datasource/", #"{"name":"x","sync":{"interval":"soon"}}"#, 400, refusal(400)),
        Case(.put, "/datasource/", "{}", 405, refusal(405)),
        Case(.get, "/datasource/none", 404, ["_id": "none", "found": false]),
        Case(.put, "/datasource/none", "{}", 404, ["_id": "none", "result": "not_found"]),
        Case(.delete, "/datasource/none", 404, ["_id": "none", "result": "not_found"]),
        Case(.post, "/datasource/none/_reset_sync", 404, ["acknowledged": false]),
        Case(.get, "/datasource/none/reset_last_modified_time", 404, ["acknowledged": false]),
        Case(.post, "/datasource/none/_doc", "{}", 403, refusal(403)),
        Case(.get, "/datasource/_search", 200, empty),
        Case(.get, "/document/none", 404, ["_id": "none", "found": false]),
        Case(.get, "/document/none/raw_content/a/b", 404, ["_id": "none", "found": false]),
        Case(.post, "/document/", "{}", 403, refusal(403)),
        Case(.put, "/document/none", "{}", 403, refusal(403)),
        Case(.delete, "/document/none", 403, refusal(403)),
        Case(.delete, "/document/", "[]", 400, refusal(400)),
        Case(.delete, "/document/", #"["a"]"#, 403, refusal(403)),
        Case(.get, "/document/_search", 200, empty),
        Case(.get, "/query/_search", 200, empty),
        Case(.get, "/query/_search?query=x&search_type=wild", 400, refusal(400, "invalid search type")),
        Case(.get, "/query/_search?query=x&size=-1", 400, refusal(400)),
        Case(.get, "/query/_search?query=x&from=9999&size=2", 400, refusal(400)),
        Case(.post, "/query/_search", #"{"query":{"script":{}}}"#, 400, refusal(400)),
        Case(.get, "/query/_suggest?query=ab", 200, ["query": "ab", "suggestions": []]),
        Case(
            .get, "/provider/_info", 200,
            [
                "name": "Drawbridge", "endpoint": "https://drawbridge.example.com",
                "version": ["number": "9.9.9"], "public": false, "health": ["status": "green"],
            ]),
        Case(.get, "/account/profile", 200, ["email": "owner@example.com", "id": "…"]),
        Case(.post, "/account/login", #"{"password":"x"}"#, 400, refusal(400)),
        Case(.get, "/auth/access_token/_search", 200, ["hits": ["total": ["value": 1]]]),
        Case(.delete, "/auth/access_token/77", 404, ["_id": "77", "result": "not_found"]),
        Case(.get, "/connector", 405, refusal(405)),
    ]

    @Test("are those that Coco's clients know", arguments: cases) func envelope(_ one: Case) async throws {
        let scene = try await CocoScene(issues: 12)
        let answer = await scene.ask(one.method, one.target, one.body, token: try await scene.ownerToken())
        #expect(answer.status == one.status, "\(answer)")
        #expect(Self.holds(one.has, in: answer.json), "\(answer)")
        guard one.status != 204 else { return }
        #expect(answer.headers["Content-Type"] == "application/json; charset=utf-8")
        #expect(!answer.text.contains(#""token":"s""#))
    }

    private static func holds(_ wanted: JSONValue, in given: JSONValue) -> Bool {
        switch (wanted, given) {
        case (.null, _): true
        case (.string("…"), .string): true
        case (.object(let members), .object):
            members.allSatisfy { member in given[member.key].map { holds(member.value, in: $0) } ?? false }
        default: wanted == given
        }
    }

    @Test("nobody gets in without a token, and nobody further than role and scopes allow")
    func rules() async throws {
        let scene = try await CocoScene(issues: 12)
        let member = try await scene.member("m@example.com")
        let admin = try await scene.member("a@example.com", .admin)
        var callers: [(name: String, token: String?, rules: Set<AccessRule>)] = [
            ("nobody", nil, []), ("a wrong token", "dbt_wrong", []),
        ]
        let reading: Set<AccessRule> = [.member(.read)]
        let writing = reading.union([.member(.write)])
        callers.append(("member, read", try await scene.token(member, [.read]), reading))
        callers.append(("member, write", try await scene.token(member, [.write]), writing))
        callers.append(("admin, read", try await scene.token(admin, [.read]), reading.union([.admin(.read)])))
        callers.append(
            ("admin, write", try await scene.token(admin, [.write]), writing.union([.admin(.read), .admin(.write)])))
        for operation in scene.operations {
            let path = operation.path.split(separator: "{").first.map(String.init) ?? ""
            let target =
                operation.captures.isEmpty ? operation.path : path + "none" + Self.rest(operation.path)
            for caller in callers {
                let answer = await scene.ask(operation.method, target, token: caller.token)
                let isAllowed = operation.rule == .anyone || caller.rules.contains(operation.rule)
                let comment = "\(caller.name): \(operation.method.rawValue) \(target) \(answer)"
                if isAllowed {
                    #expect(answer.status != 401, "\(comment)")
                    let isRefusedToAll = answer.text.contains("documents are copies")
                    // A token makes others only with the scope admin.
                    let makesToken = operation.id == "coco.token.create"
                    #expect(answer.status != 403 || isRefusedToAll || makesToken, "\(comment)")
                } else {
                    let isNobody = caller.rules.isEmpty
                    #expect(answer.status == (isNobody ? 401 : 403), "\(comment)")
                    if isNobody { #expect(answer.json["error"]?["reason"] == "invalid login", "\(comment)") }
                }
            }
        }
    }

    /// What follows the first capture of a path.
    private static func rest(_ path: String) -> String {
        guard let end = path.firstIndex(of: "}") else { return "" }
        return String(path[path.index(after: end)...])
            .replacing("{document}", with: "none").replacing("{hint...}", with: "x")
    }

    @Test("a password gives a token for a day; tokens may no more than who makes them")
    func signingIn() async throws {
        let scene = try await CocoScene(issues: 12)
        let phrase = "a long enough phrase"
        try await scene.member("ada@example.com", .admin, password: phrase)
        try await scene.member("bob@example.com", password: phrase)
        func login(_ email: String, _ password: String) async -> CocoScene.Answer {
            await scene.ask(.post, "/account/login", #"{"email":"\#(email)","password":"\#(password)"}"#)
        }
        let wrong = await login("ada@example.com", "another long phrase")
        let unknown = await login("eve@example.com", phrase)
        #expect(wrong.status == 401 && wrong.text == unknown.text, "\(wrong) \(unknown)")
        let right = await login("ada@example.com", phrase)
        #expect(right.status == 200 && right.json["expire_in"] == 86_400 && right.json["status"] == "ok", "\(right)")
        let token = try #require(right.json["access_token"]?.string)
        let bearer: HTTPHeaders = ["Authorization": "Bearer \(token)"]
        let profile = await scene.ask(.get, "/account/profile", headers: bearer)
        #expect(profile.json["email"] == "ada@example.com")
        #expect(profile.json["permissions"]?.array?.contains("coco:datasource:create") == true)
        let made = await scene.ask(
            .post, "/auth/access_token", #"{"name":"reader","permissions":["coco:document:read"]}"#, token: token)
        let reader = try #require(made.json["access_token"]?.string, "\(made)")
        #expect(made.json["status"] == "ok" && (made.json["expire_in"]?.integer ?? 0) > 1_700_000_000)
        #expect(await scene.ask(.get, "/connector/jira", token: reader).status == 200)
        #expect(await scene.ask(.delete, "/connector/jira", token: reader).status == 403)
        #expect(await scene.ask(.post, "/auth/access_token", "{}", token: reader).status == 403)
        let id = try #require(made.json["id"]?.string)
        #expect(await scene.ask(.delete, "/auth/access_token/\(id)", token: token).json["result"] == "deleted")
        #expect(await scene.ask(.get, "/connector/jira", token: reader).status == 401)
        let member = try #require(await login("bob@example.com", phrase).json["access_token"]?.string)
        #expect(await scene.ask(.delete, "/connector/mine", token: member).status == 403)
        for _ in 0..<22 { #expect(await login("bob@example.com", phrase).status == 200) }
        #expect(await scene.ask(.get, "/account/profile", token: member).status == 401, "old sign-ins end")
    }
}
