import FastJSON
import HTTPMessages
import IssueModel
import JiraClient
import Journal
import Store
import Synchronization
import Testing
import Webhooks

@Suite("Registration") struct RegistrationTests {
    private static func registration(_ ground: Ground, _ jira: FakeJira) -> WebhookRegistration {
        WebhookRegistration(store: ground.store, client: jira.client(), clock: { ground.clock.now })
    }

    @Test(
        "an administrator's webhook is registered with every event and a secret, as each product wants it",
        arguments: [FakeJira.Kind.cloud, .dataCenter, .server])
    func register(_ kind: FakeJira.Kind) async throws {
        let ground = try await Ground(product: kind == .cloud ? .cloud : .dataCenter)
        let jira = FakeJira(kind)
        let outcome = try await Self.registration(ground, jira).register(
            ground.source, publicURL: Ground.publicURL + "/")
        #expect(outcome.changes == [.created])
        #expect(outcome.instructions == nil)
        #expect(outcome.record.state == .active)
        #expect(outcome.record.jiraID == "1")
        #expect(outcome.record.verified == ground.clock.now)
        // Server does not say whether it signs.
        #expect(outcome.record.authentication == (kind == .server ? .signatureOnceSeen : .signature))
        let hook = try #require(jira.hooks.first)
        #expect(hook["name"]?.string == "Drawbridge (work)")
        #expect(
            hook["url"]?.string?.hasPrefix("https://drawbridge.example.com/hooks/webhooks/\(ground.source.id)/") == true
        )
        #expect(hook["events"]?.array?.compactMap(\.string) == WebhookEvents.all)
        let secret = kind == .dataCenter ? hook["configuration"]?["SECRET"]?.string : hook["secret"]?.string
        #expect((secret ?? "").count == 43)
        let bytes = try #require(try await ground.records().first)
        #expect(bytes == outcome.record)
    }

    @Test("what was registered is what the receiver takes")
    func endToEnd() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        _ = try await Self.registration(ground, jira).register(ground.source, publicURL: Ground.publicURL)
        let hook = try #require(jira.hooks.first)
        let body = Array(Body.updated(5).utf8)
        let url = try #require(hook["url"]?.string)
        var request = HTTPRequest(.post, URLParts(url)?.path ?? "", body: body)
        #expect(await ground.receiver.respond(to: request).status == 401)
        request.headers["X-Hub-Signature"] = WebhookSignature.value(for: body, key: hook["secret"]?.string ?? "")
        #expect(await ground.receiver.respond(to: request).status == 200)
    }

    @Test("asking again changes nothing, and costs one request")
    func again() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        let first = try await registration.register(ground.source, publicURL: Ground.publicURL)
        let before = jira.hooks
        _ = jira.takeRequests()
        ground.clock.advance(hours: 1)
        let second = try await registration.register(ground.source, publicURL: Ground.publicURL)
        #expect(second.changes.isEmpty)
        #expect(jira.takeRequests() == ["GET /rest/webhooks/1.0/webhook"])
        #expect(jira.hooks == before)
        #expect(second.record.pathHash == first.record.pathHash)
        #expect(try await ground.records().count == 1)
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        let name: String
        let member: String
        let value: JSONValue
        var testDescription: String { name }
    }

    @Test(
        "a webhook that somebody changed in Jira is repaired",
        arguments: [
            Damage(name: "switched off", member: "enabled", value: false),
            Damage(name: "without bodies", member: "excludeBody", value: true),
            Damage(name: "fewer events", member: "events", value: ["jira:issue_created"]),
            Damage(name: "a filter", member: "filters", value: ["issue-related-events-section": "project = X"]),
        ])
    func repair(_ damage: Damage) async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL)
        let before = jira.hooks
        jira.change(1, damage.member, damage.value)
        let outcomes = try await registration.maintain(ground.source)
        #expect(outcomes.map(\.changes) == [[.repaired]])
        #expect(jira.hooks == before)
        #expect(try await registration.maintain(ground.source).map(\.changes) == [[]])
    }

    @Test("a webhook that is gone from Jira is made again, with the address it had")
    func gone() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        let first = try await registration.register(ground.source, publicURL: Ground.publicURL)
        jira.state.withLock { $0.hooks = [:] }
        let outcomes = try await registration.maintain(ground.source)
        #expect(outcomes.map(\.changes) == [[.created]])
        #expect(outcomes.first?.record.pathHash == first.record.pathHash)
        #expect(outcomes.first?.record.jiraID == "2")
    }

    @Test("a server registers what is missing by itself, and follows its own address")
    func byItself() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        #expect(try await registration.maintain(ground.source).isEmpty)
        #expect(jira.requests.isEmpty)
        let first = try await registration.maintain(ground.source, publicURL: Ground.publicURL)
        #expect(first.map(\.changes) == [[.created]])
        #expect(try await registration.maintain(ground.source, publicURL: Ground.publicURL).map(\.changes) == [[]])
        let other = try await registration.maintain(ground.source, publicURL: "https://new.example.com")
        #expect(other.map(\.changes) == [[.repaired]])
        #expect(jira.hooks.count == 1)
    }

    @Test("another public address is entered in Jira, not added")
    func otherAddress() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL)
        let outcome = try await registration.register(ground.source, publicURL: "https://new.example.com")
        #expect(outcome.changes == [.repaired])
        #expect(jira.hooks.count == 1)
        #expect(jira.hooks.first?["url"]?.string?.hasPrefix("https://new.example.com/webhooks/") == true)
    }

    @Test("a registration whose answer was lost is found again, and a spare one removed")
    func lostAnswer() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        jira.state.withLock { $0.answerIsLost = true }
        await #expect(throws: JiraError.self) {
            try await registration.register(ground.source, publicURL: Ground.publicURL)
        }
        #expect(jira.requests.filter { $0.hasPrefix("POST") }.count == 1)
        jira.state.withLock { state in
            state.answerIsLost = false
            state.hooks[9] = state.hooks[1]
        }
        let outcome = try await registration.register(ground.source, publicURL: Ground.publicURL)
        #expect(outcome.changes == [.removedSpare])
        #expect(outcome.record.jiraID == "1")
        #expect(jira.hooks.count == 1)
        #expect(try await ground.records().count == 1)
    }

    @Test("webhooks of others are left alone")
    func others() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let other: JSONValue = [
            "name": "Drawbridge (work)",
            "url": "https://drawbridge.example.com/hooks/webhooks/1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ]
        jira.state.withLock { state in
            state.hooks[1] = other
            state.nextID = 2
        }
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL)
        #expect(try await registration.remove(ground.source).isEmpty)
        #expect(jira.hooks == [other])
        #expect(try await ground.records().isEmpty)
    }

    @Test("an older site is asked for the events it knows, and without a secret where it takes none")
    func olderSite() async throws {
        let ground = try await Ground(product: .server)
        let jira = FakeJira(.server)
        jira.state.withLock { state in
            state.unknownEvents = ["attachment_created"]
            state.refusesSecrets = true
        }
        let registration = Self.registration(ground, jira)
        let outcome = try await registration.register(ground.source, publicURL: "http://10.0.0.5:8080")
        #expect(outcome.record.state == .active)
        #expect(outcome.record.authentication == .signatureOnceSeen)
        #expect(jira.hooks.first?["events"]?.array?.count == WebhookEvents.established.count)
        #expect(jira.hooks.first?["secret"] == nil)
        #expect(outcome.warnings.count == 1)
        // What the site cannot do is not tried at every look.
        _ = jira.takeRequests()
        #expect(try await registration.maintain(ground.source).map(\.changes) == [[]])
        #expect(jira.takeRequests().count == 1)
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let status: Int
        let body: String
        var testDescription: String { "\(status) \(body)" }
    }

    @Test(
        "where the account may not, it says what an administrator is to enter",
        arguments: [
            Refusal(status: 401, body: #"{"code":401,"message":"Unauthorized; scope does not match"}"#),
            Refusal(status: 403, body: #"{"message":"Forbidden"}"#), Refusal(status: 403, body: ""),
            Refusal(status: 404, body: "{}"), Refusal(status: 400, body: #"{"errorMessages":["URL must be https"]}"#),
        ])
    func byHand(_ refusal: Refusal) async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        jira.state.withLock { $0.failure = (refusal.status, refusal.body) }
        let registration = Self.registration(ground, jira)
        let outcome = try await registration.register(ground.source, publicURL: Ground.publicURL)
        let instructions = try #require(outcome.instructions)
        #expect(outcome.record.kind == .manual)
        #expect(outcome.record.state == .waiting)
        #expect(outcome.record.problem != nil)
        for part in [instructions.url, instructions.secret, "issue: created, updated, deleted", "version: released"] {
            #expect(instructions.text.contains(part))
        }
        // As the administrator would enter it:
        let body = Array(Body.updated(1).utf8)
        var request = HTTPRequest(.post, URLParts(instructions.url)?.path ?? "", body: body)
        request.headers["X-Hub-Signature"] = WebhookSignature.value(for: body, key: instructions.secret)
        #expect(await ground.receiver.respond(to: request).status == 200)
        _ = try await ground.receiver.drain()
        #expect(try await ground.records().map(\.state) == [.active])
        #expect(try await ground.records().map(\.authentication) == [.signature])
        // The same again, so that what was entered stays right; and registered at last, once the account may.
        #expect(
            try await registration.register(ground.source, publicURL: Ground.publicURL).instructions == instructions)
        jira.state.withLock { $0.failure = nil }
        #expect(try await registration.register(ground.source, publicURL: Ground.publicURL).record.kind == .admin)
        #expect(jira.hooks.first?["url"]?.string == instructions.url)
    }

    @Test("a webhook that may no longer be looked after goes on delivering")
    func noLongerAllowed() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL)
        jira.state.withLock { $0.failure = (403, "") }
        let outcome = try #require(try await registration.maintain(ground.source).first)
        #expect(outcome.record.kind == .admin)
        #expect(outcome.record.state == .active)
        #expect(outcome.record.problem != nil)
        let remains = try await registration.remove(ground.source)
        #expect(remains.count == 1)
        #expect(try await ground.records().isEmpty)
    }

    @Test("a site that does not answer is no refusal: nothing is given up")
    func unreachable() async throws {
        let ground = try await Ground()
        let jira = FakeJira(.cloud)
        let registration = Self.registration(ground, jira)
        _ = try await registration.register(ground.source, publicURL: Ground.publicURL)
        let before = try await ground.records()
        jira.state.withLock { $0.failure = (503, "") }
        await #expect(throws: JiraError.self) { try await registration.maintain(ground.source) }
        await #expect(throws: JiraError.self) { try await registration.remove(ground.source) }
        #expect(try await ground.records() == before)
    }

    @Test(
        "an address that Jira could not call is refused",
        arguments: [
            "", "drawbridge.example.com", "http://drawbridge.example.com", "ftp://x", "https://u:p@x.example.com",
            "https://x.example.com?a=1",
        ])
    func badAddress(_ address: String) async throws {
        let ground = try await Ground()
        let registration = Self.registration(ground, FakeJira(.cloud))
        await #expect { try await registration.register(ground.source, publicURL: address) } throws: {
            ($0 as? WebhookError)?.code == .badAddress
        }
        #expect(try await ground.records().isEmpty)
    }

    @Test("webhooks are looked after every six hours; an app's at half their time")
    func due() {
        func record(
            _ kind: WebhookRecords.Kind, verified: Int64?, expires: Int64? = nil,
            state: WebhookRecords.State = .active
        ) -> WebhookRecords.Record {
            .init(
                source: 1, kind: kind, publicURL: "", pathHash: [], sealed: [], authentication: .signature,
                state: state, created: Timestamp(milliseconds: 0),
                verified: verified.map { Timestamp(milliseconds: $0) },
                expires: expires.map { Timestamp(milliseconds: $0) })
        }
        let hour: Int64 = 3_600_000
        func due(_ records: WebhookRecords.Record...) -> Int64? { WebhookRegistration.due(records)?.rawValue }
        #expect(due() == nil)
        #expect(due(record(.manual, verified: nil)) == nil)
        #expect(due(record(.admin, verified: hour)) == 7 * hour)
        #expect(due(record(.admin, verified: hour, state: .failed)) == 2 * hour)
        #expect(due(record(.dynamic, verified: hour, expires: 15 * 24 * hour + 2 * hour)) == 2 * hour)
        #expect(due(record(.admin, verified: 9 * hour), record(.admin, verified: hour)) == 7 * hour)
    }
}
