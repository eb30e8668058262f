import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Testing

@Suite struct DeliveryTests {
    @Test func `the published example of a signature is met`() {
        let code = Signature.hmac(Array("Hello World!".utf8), key: Array("It's a Secret to Everybody".utf8))
        #expect(
            Signature.hexadecimal(code) == "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9")
        #expect(
            Signature.hexadecimal(Signature.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `a delivery is signed and says which it is`() async throws {
        let scene = Scene()
        try await scene.register(secret: "s3cret")
        let bodies = await scene.arrivals { $0.setSummary(0, to: "Other", by: scene.hand()) }
        let request = try #require(scene.receiver.requests.first)
        #expect(bodies.count == 1 && request.url == "https://drawbridge.example/webhooks/1/abc")
        let code = Signature.hexadecimal(Signature.hmac(request.body, key: Array("s3cret".utf8)))
        #expect(request.headers["x-hub-signature"] == "sha256=" + code)
        #expect(request.headers["x-atlassian-webhook-flow"] == "Primary")
        #expect(request.headers["x-atlassian-webhook-identifier"]?.count == 36)
        #expect(request.headers["x-atlassian-webhook-retry"] == nil)
    }

    @Test func `what fails on Cloud comes again with the same identifier, at most five times`() async throws {
        let scene = Scene()
        try await scene.register()
        scene.receiver.answer(503, 500, 429)
        scene.site.change { $0.setSummary(0, to: "Other", by: scene.hand()) }
        await scene.jira.deliverDue()
        #expect(scene.jira.webhooks.count.postponed == 1)
        let next = try #require(scene.jira.webhooks.nextDue)
        #expect((300_000...900_000).contains(next - scene.clock.now))
        scene.clock.advance(by: 3_600_000)
        await scene.jira.deliverDue()
        scene.clock.advance(by: 3_600_000)
        await scene.jira.deliverDue()
        let requests = scene.receiver.requests
        #expect(Set(requests.map { $0.headers["X-Atlassian-Webhook-Identifier"] }).count == 1)
        #expect(requests.dropFirst().first?.headers["X-Atlassian-Webhook-Retry"] == "1")
    }

    @Test func `after half an hour of failures each delivery is tried once`() async throws {
        let scene = Scene()
        try await scene.register()
        scene.receiver.refuseConnections(true)
        for _ in 0..<30 {
            scene.site.change { $0.setSummary(0, to: "Other \(scene.clock.now)", by: scene.hand()) }
            await scene.jira.deliverDue()
            scene.clock.advance(by: 120_000)
        }
        #expect(scene.jira.webhooks.count.abandoned >= 14)
    }

    @Test(arguments: [400, 401, 404, 410]) func `other refusals are final`(_ status: Int) async throws {
        let scene = Scene()
        try await scene.register()
        scene.receiver.answer(status)
        _ = await scene.arrivals { $0.setSummary(0, to: "Other", by: scene.hand()) }
        #expect(scene.jira.webhooks.waitingCount == 0 && scene.jira.webhooks.count.abandoned == 1)
    }

    @Test func `Data Center sends once, without an identifier`() async throws {
        let scene = Scene(.dataCenter)
        try await scene.register(secret: "x")
        scene.receiver.answer(500)
        _ = await scene.arrivals { $0.setSummary(0, to: "Other", by: scene.hand()) }
        #expect(scene.jira.webhooks.waitingCount == 0)
        #expect(scene.receiver.requests.first?.headers["X-Atlassian-Webhook-Identifier"] == nil)
        #expect(scene.receiver.requests.first?.headers["X-Hub-Signature"] != nil)
    }

    @Test func `a storm loses a fifth, doubles a fifth and shuffles, the same way each time`() async throws {
        func run() async throws -> ([String], DeliveryCount) {
            let scene = Scene(plan: .storm(seed: 3))
            try await scene.register(["jira:issue_updated"])
            for number in 0..<400 {
                scene.site.change { $0.setSummary(number % 10, to: "Change \(number)", by: scene.hand()) }
                scene.clock.advance(by: 100)
            }
            await scene.jira.deliverDue(until: scene.clock.now + 60_000)
            let summaries = scene.receiver.bodies.compactMap { $0["issue"]?["fields"]?["summary"]?.string }
            return (summaries, scene.jira.webhooks.count)
        }
        let first = try await run()
        let second = try await run()
        #expect(first == second)
        #expect((50...110).contains(first.1.lost))
        let distinct = Set(first.0).count
        #expect(distinct == 400 - first.1.lost)
        #expect((40...110).contains(first.0.count - distinct))
        #expect(first.0 != first.0.sorted { Int($0.dropFirst(7)) ?? 0 < Int($1.dropFirst(7)) ?? 0 })
    }

    @Test func `thousands wait in the order they are due`() async throws {
        let scene = Scene(plan: .storm(seed: 9))
        try await scene.register(["project_updated"])
        scene.site.change { state in
            for number in 0..<3_000 { state.renameProject(0, name: "Name \(number)", by: scene.hand()) }
        }
        let waiting = scene.jira.webhooks.waiting
        #expect(waiting.map(\.due) == waiting.map(\.due).sorted() && waiting.count > 2_000)
        await scene.jira.deliverDue(until: scene.clock.now + 30_000)
        #expect(
            scene.jira.webhooks.waiting.map(\.number)
                == waiting.filter { $0.due > scene.clock.now + 30_000 }.map(\.number))
        #expect(scene.receiver.requests.count + scene.jira.webhooks.waitingCount == waiting.count)
    }

    @Test func `bulk changes and what a deletion takes along are secondary`() async throws {
        let scene = Scene()
        try await scene.register()
        let issue = try #require(
            (0..<40).first {
                scene.site.current().row($0).state == .live && !scene.site.current().content(of: $0).comments.isEmpty
            })
        _ = await scene.arrivals { $0.deleteIssue(issue, by: scene.hand()) }
        let flows = zip(scene.receiver.events, scene.receiver.requests.map { $0.headers["X-Atlassian-Webhook-Flow"] })
        for (event, flow) in flows {
            let isFirst = event == "jira:issue_deleted"
            #expect(flow == (isFirst ? "Primary" : "Secondary") || (isFirst && flow == "Secondary"))
        }
        #expect(scene.receiver.events.contains("comment_deleted"))
        _ = await scene.arrivals { $0.setSummary(20, to: "x", by: scene.hand(isBulk: true)) }
        #expect(scene.receiver.requests.first?.headers["X-Atlassian-Webhook-Flow"] == "Secondary")
    }

    @Test func `filters and switched-off webhooks are respected`() async throws {
        let scene = Scene()
        let state = scene.site.current()
        let other = try #require((0..<40).first { state.row($0).project != state.row(0).project })
        try await scene.register(filter: "project = \(state.projects[Int(state.row(0).project)].key)")
        #expect(await scene.arrivals { $0.setSummary(other, to: "x", by: scene.hand()) }.isEmpty)
        #expect(await scene.arrivals { $0.setSummary(0, to: "x", by: scene.hand()) }.count == 1)
        let change: JSONValue = .object([.init("enabled", .bool(false))])
        #expect(try await scene.send(.put, "/rest/webhooks/1.0/webhook/1", change).status == 200)
        #expect(await scene.arrivals { $0.setSummary(0, to: "y", by: scene.hand()) }.isEmpty)
    }

    @Test func `nothing is told of rules, names and groups`() async throws {
        let scene = Scene()
        try await scene.register()
        let bodies = await scene.arrivals { state in
            state.setGrants(0, "BROWSE_PROJECTS", to: [.anyone], by: scene.hand())
            state.renameStatus(0, to: "Elsewhere")
            state.renameGroup(5, to: "others", by: scene.hand())
            state.setActors(0, role: 10_000, to: [], by: scene.hand())
            state.renamePriority(0, to: "Now")
        }
        #expect(bodies.isEmpty)
    }
}
