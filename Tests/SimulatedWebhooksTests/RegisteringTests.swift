import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Testing

@Suite struct RegisteringTests {
    private func json(_ response: HTTPResponse) throws -> JSONValue { try JSONValue(parsing: response.body) }

    @Test func `an administrator's webhook on Cloud keeps its secret to itself`() async throws {
        let scene = Scene()
        let made = try json(try await scene.register(secret: "s3cret"))
        #expect(made["isSigned"]?.bool == true && made["enabled"]?.bool == true && made["id"] == nil)
        #expect(made["self"]?.string?.hasSuffix("/rest/webhooks/1.0/webhook/1") == true)
        let list = try await scene.send(.get, "/rest/webhooks/1.0/webhook")
        #expect(try json(list).array?.count == 1)
        #expect(!String(decoding: list.body, as: UTF8.self).contains("s3cret"))
        // A change that does not speak of the secret leaves it.
        _ = try await scene.send(.put, "/rest/webhooks/1.0/webhook/1", .object([.init("name", .string("Other"))]))
        let after = try json(try await scene.send(.get, "/rest/webhooks/1.0/webhook/1"))
        #expect(after["name"]?.string == "Other" && after["isSigned"]?.bool == true)
        #expect(try await scene.send(.delete, "/rest/webhooks/1.0/webhook/1").status == 204)
        #expect(try await scene.send(.get, "/rest/webhooks/1.0/webhook/1").status == 404)
    }

    @Test func `Data Center has a form of its own, with the secret in the configuration`() async throws {
        let scene = Scene(.dataCenter)
        let body: JSONValue = .object([
            .init("name", .string("Drawbridge")), .init("url", .string("http://drawbridge.example/x")),
            .init("events", .array([.string("jira:issue_updated")])), .init("active", .bool(true)),
            .init(
                "configuration", .object([.init("SECRET", .string("s3cret")), .init("EXCLUDE_BODY", .string("false"))])),
        ])
        let made = try json(try await scene.send(.post, "/rest/jira-webhook/1.0/webhooks", body))
        #expect(made["id"]?.integer == 1 && made["active"]?.bool == true)
        let list = try await scene.send(.get, "/rest/jira-webhook/1.0/webhooks")
        #expect(!String(decoding: list.body, as: UTF8.self).contains("s3cret"))
        _ = await scene.arrivals { $0.setSummary(0, to: "x", by: scene.hand()) }
        #expect(scene.receiver.requests.first?.headers["X-Hub-Signature"] != nil)
    }

    @Test(arguments: [SiteFlavour.cloud, .dataCenter])
    func `only administrators register, and only what makes sense`(_ flavour: SiteFlavour) async throws {
        let scene = Scene(flavour)
        let user = scene.site.current().users[1]
        let developer =
            flavour.isCloud
            ? "Basic " + Base64.encode("\(user.email):\(user.apiToken)") : "Bearer \(user.personalAccessToken)"
        #expect(try await scene.send(.get, "/rest/webhooks/1.0/webhook", as: developer).status == 403)
        #expect(try await scene.register(["jira:issue_exploded"]).status == 400)
        #expect(try await scene.register(filter: "project = ").status == 400)
        #expect(try await scene.register(url: "nowhere").status == 400)
        #expect(try await scene.register(url: "http://example.org/x").status == (flavour.isCloud ? 400 : 201))
        #expect(try await scene.register(url: "http://127.0.0.1:9/x").status == 201)
    }

    private func app(_ webhooks: (events: [String], filter: String)...) -> JSONValue {
        let all = webhooks.map { webhook in
            JSONValue.object([
                .init("events", .array(webhook.events.map { .string($0) })),
                .init("jqlFilter", .string(webhook.filter)),
            ])
        }
        return .object([
            .init("url", "https://drawbridge.example/webhooks/1/abc"), .init("webhooks", .array(all)),
        ])
    }

    private func asApp(_ scene: Scene, _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws
        -> HTTPResponse
    {
        let site = scene.jira.gatewayURL
        return try await scene.send(method, path, body, as: "Bearer oauth-token-of-admin", host: site)
    }

    @Test func `apps register their own, some of which may be refused`() async throws {
        let scene = Scene()
        let path = "/rest/api/3/webhook"
        let events = ["jira:issue_updated", "comment_created"]
        #expect(try await scene.send(.post, path, app((events, ""))).status == 403)
        let answer = try json(
            try await asApp(
                scene, .post, path,
                app((events, "project = PAY"), (events, "watchCount > 3"), (["worklog_created"], ""), (events, ""))))
        let results = answer["webhookRegistrationResult"]?.array ?? []
        #expect(results.map { $0["createdWebhookId"] != nil } == [true, false, false, true])
        #expect(results[1]["errors"]?.array?.first?.string == "The clause watchCount is unsupported")
        let more = try json(
            try await asApp(scene, .post, path, app((events, ""), (events, ""), (events, ""), (events, ""))))
        #expect(
            more["webhookRegistrationResult"]?.array?.map { $0["createdWebhookId"] != nil } == [
                true, true, true, false,
            ])
        #expect(try json(try await asApp(scene, .get, path))["values"]?.array?.count == 5)
        #expect(try await asApp(scene, .get, path + "/failed").status == 403)
    }

    @Test func `an app's webhook is signed with a token and ends after thirty days unless it is refreshed`()
        async throws
    {
        let scene = Scene()
        _ = try await asApp(scene, .post, "/rest/api/3/webhook", app((["jira:issue_updated"], "")))
        _ = await scene.arrivals { $0.setSummary(0, to: "x", by: scene.hand()) }
        let token = try #require(scene.receiver.requests.first?.headers["Authorization"]?.split(separator: " ").last)
        let parts = token.split(separator: ".").map(String.init)
        #expect(parts.count == 3 && scene.receiver.requests.first?.headers["X-Hub-Signature"] == nil)
        let day: Int64 = 86_400_000
        scene.clock.advance(by: 20 * day)
        let ids: JSONValue = .object([.init("webhookIds", .array([.integer(1), .integer(99)]))])
        #expect(try json(try await asApp(scene, .put, "/rest/api/3/webhook/refresh", ids))["expirationDate"] != nil)
        scene.clock.advance(by: 29 * day)
        #expect(await scene.arrivals { $0.setSummary(0, to: "y", by: scene.hand()) }.count == 1)
        scene.clock.advance(by: 2 * day)
        #expect(await scene.arrivals { $0.setSummary(0, to: "z", by: scene.hand()) }.isEmpty)
        #expect(try json(try await asApp(scene, .get, "/rest/api/3/webhook"))["values"]?.array?.isEmpty == true)
        #expect(try await asApp(scene, .delete, "/rest/api/3/webhook", ids).status == 202)
    }

    @Test func `the token of an app is good at the gateway only`() async throws {
        let scene = Scene()
        #expect(try await scene.send(.get, "/rest/api/3/myself", as: "Bearer oauth-token-of-admin").status == 401)
        #expect(try await asApp(scene, .get, "/rest/api/3/myself").status == 200)
    }
}
