import Cryptography
import Dispatch
import HTTPMessages
import IssueModel
import Journal
import Observability
import Store
import Testing
import Webhooks

@Suite("Receiver") struct ReceiverTests {
    @Test("a signed delivery is stored before it is answered")
    func stored() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        let response = await ground.receiver.respond(to: ground.delivery(Body.updated(7), secrets))
        #expect(response.status == 200)
        #expect(try await ground.inbox.waiting() == 1)
        let again = await ground.receiver.respond(to: ground.delivery(Body.updated(7), secrets))
        #expect(again.status == 200)
        #expect(try await ground.inbox.tally(of: ground.source.id) == WebhookTally(stored: 1, duplicates: 1))
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let name: String
        let status: Int
        let change: @Sendable (inout HTTPRequest, Int64) -> Void
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        .init(name: "no signature", status: 401) { request, _ in request.headers["x-hub-signature"] = nil },
        .init(name: "another signature", status: 401) { request, _ in
            request.headers["x-hub-signature"] = WebhookSignature.value(for: request.body, key: "another")
        },
        .init(name: "a changed body", status: 401) { request, _ in request.body.append(UInt8(ascii: " ")) },
        .init(name: "another token", status: 404) { request, source in
            request.url = "/webhooks/\(source)/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        },
        .init(name: "the token of another source", status: 404) { request, source in
            request.url = request.url.replacing("/\(source)/", with: "/\(source + 1)/")
        },
        .init(name: "a source that is not there", status: 404) { request, _ in
            request.url = "/webhooks/999/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        },
        .init(name: "no path of a webhook", status: 404) { request, _ in request.url = "/webhooks/x" },
        .init(name: "a reading", status: 405) { request, _ in request.method = .get },
    ]

    @Test("what proves no right to be believed is refused, and leaves no trace", arguments: refusals)
    func refused(_ refusal: Refusal) async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        var request = ground.delivery(Body.updated(7), secrets)
        refusal.change(&request, ground.source.id)
        #expect(await ground.receiver.respond(to: request).status == refusal.status)
        #expect(try await ground.inbox.waiting() == 0)
        #expect(try await ground.inbox.tally(of: ground.source.id) == WebhookTally())
    }

    @Test("an answer does not tell which sources there are")
    func sameAnswer() async throws {
        let ground = try await Ground()
        _ = try await ground.addWebhook()
        let tokens = [ground.source.id, 2, 999].map { "/webhooks/\($0)/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }
        var answers: Set<String> = []
        for url in tokens + ["/webhooks/", "/webhooks/1/x"] {
            let response = await ground.receiver.respond(to: HTTPRequest(.post, url, body: Array("{}".utf8)))
            answers.insert("\(response.status) \(response.headers.map { "\($0.name)=\($0.value)" }) \(response.body)")
        }
        #expect(answers.count == 1)
    }

    @Test("what is no JSON is answered so, and counted", arguments: ["", "x", "[]"])
    func malformed(_ body: String) async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        #expect(await ground.receiver.respond(to: ground.delivery(body, secrets)).status == 400)
        _ = try await ground.receiver.drain()
        #expect(try await ground.records().map(\.refused) == [1])
    }

    @Test("a body that is too large has the source's changes read instead")
    func tooLarge() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        let request = HTTPRequest(
            .post, "/webhooks/\(ground.source.id)/\(secrets.token)",
            body: [UInt8](repeating: 0x20, count: WebhookPayload.byteLimit + 1))
        #expect(await ground.receiver.respond(to: request).status == 413)
        #expect(try await ground.receiver.drain()[ground.source.id]?.areChangesDue == true)
    }

    @Test("an event of the future is answered with 200, and counted")
    func future() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        let body = Body.event("goal_reached", #""goal":{"id":"1"}"#)
        #expect(await ground.receiver.respond(to: ground.delivery(body, secrets)).status == 200)
        #expect(try await ground.inbox.tally(of: ground.source.id) == WebhookTally(stored: 1, unknown: 1))
    }

    @Test("an inbox that cannot store asks Jira to send it again")
    func unstorable() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        try await ground.receiver.start()
        await ground.inbox.close()
        let response = await ground.receiver.respond(to: ground.delivery(Body.updated(7), secrets))
        #expect(response.status == 503)
        #expect(response.headers["Retry-After"] != nil)
    }

    @Test("a site that was not seen to sign is believed by its address, until its first signature")
    func signatureOnceSeen() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook(.signatureOnceSeen)
        func status(_ issue: Int, key: String?) async -> Int {
            await ground.receiver.respond(to: ground.delivery(Body.updated(issue), secrets, key: key)).status
        }
        #expect(await status(1, key: "") == 200)
        #expect(await status(2, key: "wrong") == 401)
        #expect(await status(3, key: nil) == 200)
        #expect(await status(4, key: "") == 401)
        _ = try await ground.receiver.drain()
        #expect(try await ground.records().map(\.authentication) == [.signature])
        #expect(await status(5, key: "") == 401)
    }

    @Test("a site that cannot sign is believed by its address")
    func byAddress() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook(.address)
        #expect(await ground.receiver.respond(to: ground.delivery(Body.updated(1), secrets, key: "")).status == 200)
    }

    @Test("an app's delivery is believed by its token")
    func byToken() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook(.token, signingKey: "client secret", kind: .dynamic)
        let second = ground.clock.now.rawValue / 1_000
        var request = ground.delivery(Body.updated(1), secrets, key: "")
        #expect(await ground.receiver.respond(to: request).status == 401)
        for (claims, status) in [
            (#"{"iat":\#(second),"exp":\#(second + 60)}"#, 200),
            (#"{"iat":\#(second - 9000),"exp":\#(second - 8000)}"#, 401),
            (#"{"iat":\#(second),"exp":\#(second + 60),"qsh":"\#(qsh("/hooks\(request.url)"))"}"#, 200),
            (#"{"iat":\#(second),"exp":\#(second + 60),"qsh":"\#(qsh("/elsewhere"))"}"#, 401),
        ] {
            let token = SignedToken.compact(claims: Array(claims.utf8), key: Array("client secret".utf8))
            request.headers["authorization"] = "Bearer \(token)"
            #expect(await ground.receiver.respond(to: request).status == status)
        }
    }

    private func qsh(_ path: String) -> String { Digest.hexadecimal(Digest.sha256(Array("POST&\(path)&".utf8))) }

    @Test("a webhook that is registered while the server runs is known at its first delivery; one removed no longer")
    func registeredLater() async throws {
        let ground = try await Ground()
        try await ground.receiver.start()
        let secrets = try await ground.addWebhook()
        #expect(await ground.receiver.respond(to: ground.delivery(Body.updated(1), secrets)).status == 200)
        let id = try #require(try await ground.records().first?.id)
        try await ground.store.write { try WebhookRecords.remove(id, in: $0) }
        _ = try await ground.receiver.drain()
        #expect(await ground.receiver.respond(to: ground.delivery(Body.updated(2), secrets)).status == 404)
    }

    @Test("deliveries are counted with their webhook, which a first one makes active")
    func counts() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook(kind: .manual, state: .waiting)
        for issue in 1...3 { _ = await ground.receiver.respond(to: ground.delivery(Body.updated(issue), secrets)) }
        _ = await ground.receiver.respond(to: ground.delivery(Body.updated(4), secrets, key: "wrong"))
        _ = try await ground.receiver.drain()
        let record = try #require(try await ground.records().first)
        #expect(record.deliveries == 3)
        #expect(record.refused == 1)
        #expect(record.lastDelivery == ground.clock.now)
        #expect(record.state == .active)
        _ = try await ground.receiver.drain()
        #expect(try await ground.records() == [record])
    }

    @Test("an answer waits for no transaction of the main database")
    func longTransaction() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        try await ground.receiver.start()
        let (begun, input) = AsyncStream<Void>.makeStream()
        let mayEnd = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await ground.store.write { _ in
                    input.yield()
                    mayEnd.wait()
                }
            }
            for await _ in begun { break }
            for issue in 1...20 {
                #expect(await ground.receiver.respond(to: ground.delivery(Body.updated(issue), secrets)).status == 200)
            }
            mayEnd.signal()
            try await group.waitForAll()
        }
        #expect(try await ground.inbox.waiting() == 20)
    }

    @Test("no log line and no metric tells a token, a secret or content")
    func silence() async throws {
        let ground = try await Ground()
        let secrets = try await ground.addWebhook()
        let log = MemoryLog()
        let metrics = Metrics()
        let receiver = WebhookReceiver(
            store: ground.store, inbox: ground.inbox, clock: { ground.clock.now }, log: log.log(), metrics: metrics)
        _ = await receiver.respond(to: ground.delivery(Body.updated(1), secrets))
        _ = await receiver.respond(to: ground.delivery(Body.updated(2), secrets, key: "wrong"))
        _ = await receiver.respond(to: ground.delivery("{", secrets))
        let text = "\(log.events) \(metrics.text)"
        #expect(!log.events.isEmpty)
        for word in [secrets.token, secrets.signingKey, "Nobody keeps this", "PAY-"] { #expect(!text.contains(word)) }
        #expect(metrics.value(of: WebhookReceiver.deliveries, ["outcome": "stored"]) == 1)
        #expect(metrics.value(of: WebhookReceiver.deliveries, ["outcome": "refused"]) == 1)
        #expect(metrics.value(of: WebhookReceiver.deliveries, ["outcome": "malformed"]) == 1)
    }
}
