import Cryptography
import Database
import FastJSON
import HTTPMessages
import JiraSimulator
import SignIn
import SimulatedSite
import Store
import Testing
import Workspace

/// What changes a data source, and what a change must not do.
@Suite("Changing what is connected") struct ChangeTests {
    @Test("a credential that does not work replaces nothing, one that works does") func credentials() async throws {
        let scene = try await CocoScene(.dataCenter, issues: 20)
        let token = try await scene.ownerToken()
        let id = try await scene.connect(token, sync: false)
        func give(_ secret: String) async -> CocoScene.Answer {
            let body = #"{"connector":{"id":"jira","config":{"token":"\#(secret)"}}}"#
            return await scene.ask(.put, "/datasource/\(id)", body, token: token)
        }
        let wrong = await give("not-the-token")
        #expect(wrong.status == 400 && wrong.json["error"]?["code"] == "credential_refused", "\(wrong)")
        #expect(!wrong.text.contains("not-the-token"))
        try await scene.synchronise("My Jira")
        let right = await give(try scene.secret())
        #expect(right.json["result"] == "updated", "\(right)")
        #expect(try await scene.trail().contains("source.credential_replaced"))
    }

    @Test("an admin does not send the credential to another endpoint") func endpoint() async throws {
        let scene = try await CocoScene(issues: 20)
        let id = try await scene.connect(try await scene.ownerToken(), sync: false)
        let admin = try await scene.token(scene.member("admin@example.com", .admin), [.admin])
        let asked = scene.jira.url
        for (endpoint, status) in [("http://elsewhere.localhost", 403), (asked + "/", 200)] {
            let body = #"{"connector":{"id":"jira","config":{"endpoint":"\#(endpoint)"}}}"#
            let answer = await scene.ask(.put, "/datasource/\(id)", body, token: admin)
            #expect(answer.status == status, "\(answer)")
        }
    }

    @Test("another project is refused while it would destroy issues, and taken where they may go")
    func otherProject() async throws {
        let scene = try await CocoScene(issues: 60)
        let token = try await scene.ownerToken()
        let id = try await scene.connect(token)
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        let project = scene.tour.publicProjectKey
        let body = """
            {"name":"My Jira","connector":{"id":"jira","config":{"endpoint":"\(scene.jira.url)",
            "project_key":"\(project)"}}}
            """
        let refused = await scene.ask(.put, "/datasource/\(id)", body, token: token)
        #expect(refused.status == 409 && refused.json["error"]?["code"] == "would_destroy", "\(refused)")
        #expect(await scene.ask(.get, "/document/_search", token: reader).total ?? 0 > 0)
        let taken = await scene.ask(.put, "/datasource/\(id)?replace=true", body, token: token)
        #expect(taken.json["result"] == "updated", "\(taken)")
        try await scene.synchronise("My Jira")
        let found = await scene.ask(.get, "/document/_search?size=500", token: reader)
        #expect(!found.keys.isEmpty && found.keys.allSatisfy { $0.hasPrefix(project + "-") })
        let config = await scene.ask(.get, "/datasource/\(id)", token: token).json["_source"]?["connector"]?["config"]
        #expect(config?["project_key"]?.string == project && config?["index_comments"] == false)
    }

    @Test("an id of the client's own is kept, and may not be taken twice") func ownID() async throws {
        let scene = try await CocoScene(issues: 20)
        let token = try await scene.ownerToken()
        let body = """
            {"name":"Payments","type":"connector","connector":{"id":"jira",
            "config":\(try scene.configuration(project: scene.project))}}
            """
        let made = await scene.ask(.put, "/datasource/payments?replace=true", body, token: token)
        #expect(made.json == ["_id": "payments", "result": "created"], "\(made)")
        let source = await scene.ask(.get, "/datasource/payments", token: token).json["_source"]
        #expect(source?["enabled"] == true && source?["sync"]?["enabled"] == true, "what is left out is on")
        let again = await scene.ask(
            .post, "/datasource/", String(body.dropLast()) + #","id":"payments"}"#, token: token)
        #expect(again.status == 409, "\(again)")
        let unused = await scene.ask(.delete, "/connector/jira", token: token)
        #expect(unused.status == 403)
    }

    @Test("a document's id follows the key when issues exchange theirs") func exchangedKeys() async throws {
        let scene = try await CocoScene(issues: 20)
        let token = try await scene.ownerToken()
        let id = try await scene.connect(token)
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        let keys = await scene.ask(.get, "/document/_search?size=2&sort=metadata.issue_key:asc", token: reader).keys
        try #require(keys.count == 2)
        func title(_ key: String) async throws -> String? {
            let document = Digest.hexadecimal(try Digest.md5(Array("\(id)-issue-\(key)".utf8)))
            let answer = await scene.ask(.get, "/document/\(document)", token: reader)
            #expect(answer.json["_source"]?["id"]?.string == document, "\(answer)")
            return answer.json["_source"]?["metadata"]?["issue_id"]?.string
        }
        let before = [try await title(keys[0]), try await title(keys[1])]
        try await scene.store.write { context in
            let connection = context.connection
            try connection.execute("UPDATE issue SET key = 'X-1' WHERE key = ?", keys[0])
            try connection.execute("UPDATE issue SET key = ? WHERE key = ?", keys[0], keys[1])
            try connection.execute("UPDATE issue SET key = ? WHERE key = 'X-1'", keys[1])
            for key in keys {
                try connection.execute(
                    "UPDATE issue_key SET issue_id = (SELECT id FROM issue WHERE key = ?1) WHERE key = ?1", key)
            }
            try connection.execute(
                "UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE name = 'content_version'")
        }
        #expect([try await title(keys[1]), try await title(keys[0])] == before)
    }

    static let strange = [
        "filter=:", "filter=a:", "filter=%22", "filter=-", "filter=--a", "filter=any(a)", "filter=tags:any(",
        "filter=tags:any()", "filter=tags:any(,,)", "filter=tags:%00", "filter=tags:%22%5C", "filter=title:%22%29OR(",
        "filter=tags:a%29%20OR%20(b", "filter=created%3E%3D", "filter=exists()", "filter=id:zz", "sort=", "sort=:",
        "sort=created", "sort=created:up", "size=99999999999999999999", "from=x", "datasource=,", "datasource=%00",
        "path=x", "path=%5B1%5D", "path=%5B%22a%22,%22b%22%5D", "_source_includes=,", "_source_excludes=*",
        "filter=metadata.status:none", "filter=owner.username:me", "filter=category:/", "filter=tags:*",
    ]

    static let strangeBodies = [
        "[]", "3", "{", #"{"query":3}"#, #"{"query":{}}"#, #"{"sort":[]}"#, #"{"sort":{}}"#,
        #"{"sort":[{"created":{}}]}"#,
        #"{"_source":3}"#, #"{"size":1e99}"#, #"{"from":-1}"#, #"{"query":{"bool":{}}}"#,
        #"{"query":{"bool":{"must":{}}}}"#,
        #"{"query":{"range":{"created":{}}}}"#, #"{"query":{"match":{"a":null}}}"#, #"{"query":{"ids":{}}}"#,
        #"{"query":{"exists":{"field":""}}}"#, #"{"query":{"term":{"":""}}}"#, "\u{0}",
        String(repeating: #"{"query":"#, count: 40),
    ]

    @Test("nothing that is asked makes the server fail") func strangeQuestions() async throws {
        let scene = try await CocoScene(issues: 12)
        let token = try await scene.ownerToken()
        _ = try await scene.connect(token)
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        for query in Self.strange {
            for path in ["/document/_search", "/query/_search", "/query/_suggest"] {
                for words in ["", "&query=x"] {
                    let answer = await scene.ask(.get, "\(path)?\(query)\(words)", token: reader)
                    #expect(answer.status == 200 || answer.status == 400, "\(path)?\(query): \(answer)")
                }
            }
        }
        for body in Self.strangeBodies {
            for path in ["/document/_search", "/query/_search", "/connector/_search", "/datasource/_search"] {
                let answer = await scene.ask(.post, path, body, token: reader)
                #expect(answer.status == 200 || answer.status == 400, "\(path) \(body): \(answer)")
            }
            for (method, path) in [(HTTPMethod.post, "/datasource"), (.put, "/connector"), (.post, "/account/login")] {
                let answer = await scene.ask(method, path, body, token: token)
                #expect(answer.status == 400, "\(path) \(body): \(answer)")
            }
        }
    }
}
