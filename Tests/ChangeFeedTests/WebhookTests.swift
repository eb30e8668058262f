import AccessControl
import AuditTrail
import ChangeFeed
import Database
import HTTPMessages
import IssueModel
import SimulatedAccess
import SimulatedSite
import Store
import Testing
import Workspace

/// A member with a subscription, and whoever receives its webhooks.
private struct Scene: Sendable {
    let base: FeedScene
    let receiver = Receiver()
    let worker: DeliveryWorker
    let subscriptions: Subscriptions
    let member: Member
    let issued: Subscriptions.Issued

    static let url = "https://hooks.example.com/in?token=secret-of-the-receiver"

    static func lent(_ body: (Scene) async throws -> Void) async throws {
        try await FeedScene.lent { base in
            let source = try await base.source()
            let account = base.account(TinySite.developer)
            let member = try await base.store.write { context in
                let member = try MemberRecords.add(Member(email: "dev@acme.example", added: context.now), in: context)
                try IdentityLinks.set(account, for: member, source: source, at: context.now, in: context)
                return member
            }
            try await body(try await Scene(base, member))
        }
    }

    init(_ base: FeedScene, _ member: Member) async throws {
        self.base = base
        self.member = member
        subscriptions = Subscriptions(feed: base.feed, target: WebhookTarget())
        worker = DeliveryWorker(feed: base.feed, transport: receiver, target: WebhookTarget())
        issued = try await subscriptions.create("ci", url: Self.url, for: member, by: .commandLine)
    }

    var id: Int64 { issued.subscription.id }

    func visible() async throws -> [IssueID] {
        try await base.visible(to: try await base.reader(TinySite.developer)).sorted()
    }

    func subscription() async throws -> Subscription {
        let id = id
        return try await base.store.read { try Subscriptions.require(id, of: nil, in: $0) }
    }

    func deliveries() async throws -> [Delivery] {
        let id = id
        return try await base.store.read { try Subscriptions.deliveries(of: id, of: nil, in: $0) }
    }

    func audited() async throws -> [String] {
        try await base.store.read { try AuditTrail.list(in: $0).map(\.action) }
    }
}

@Suite struct WebhookTests {
    @Test("a webhook tells what changed since the subscription was made, signed")
    func delivers() async throws {
        try await Scene.lent { scene in
            #expect(await scene.worker.deliverOnce() == 0)
            let ids = try await scene.visible()
            try await scene.base.touch(ids[0])
            try await scene.base.touch(ids[1])
            #expect(await scene.worker.deliverOnce() == 1)
            #expect(await scene.worker.deliverOnce() == 0)
            let request = try #require(scene.receiver.requests.first)
            #expect(request.entries == ["changed \(ids[0])", "changed \(ids[1])"])
            #expect(request.url == Scene.url)
            #expect(request.isSigned(with: scene.issued.secret))
            #expect(!request.isSigned(with: "another"))
            #expect(try await scene.deliveries().map(\.state) == [.delivered])
            #expect(try await scene.subscription().delivered != nil)
        }
    }

    @Test("what the owner may not see is not told, also where that was decided after the change")
    func permissions() async throws {
        try await Scene.lent { scene in
            let ids = try await scene.visible()
            let everything = try await scene.base.visible(to: .operator)
            for id in everything.subtracting(ids) { try await scene.base.touch(id) }
            #expect(await scene.worker.deliverOnce() == 0)
            #expect(scene.receiver.requests.isEmpty)
            // Changed while the owner could see it, and told once the owner no longer can.
            try await scene.base.touch(ids[0])
            scene.receiver.answer(500)
            #expect(await scene.worker.deliverOnce() == 0)
            let source = try await scene.base.source().id
            try await scene.base.write {
                _ = try Withheld.put(ids[0], reason: "a test", at: $0.now, source: source, in: $0)
            }
            scene.base.clock.advance(by: 60_000)
            #expect(await scene.worker.deliverOnce() == 1)
            #expect(scene.receiver.requests.map(\.entries) == [["changed \(ids[0])"], ["removed \(ids[0])"]])
        }
    }

    @Test("an owner who is suspended is told nothing, one who lost access only that")
    func owner() async throws {
        try await Scene.lent { scene in
            let id = try await scene.visible()[0]
            try await scene.base.touch(id)
            var member = scene.member
            member.state = .suspended
            let suspended = member
            try await scene.base.write { try MemberRecords.update(suspended, in: $0) }
            #expect(await scene.worker.deliverOnce() == 0)
            member.state = .active
            let active = member
            try await scene.base.write { try MemberRecords.update(active, in: $0) }
            try await scene.base.expel(TinySite.developer)
            #expect(await scene.worker.deliverOnce() == 1)
            #expect(scene.receiver.requests.map(\.entries) == [["access permissions"]])
            try await scene.base.write { try MemberRecords.remove(active, in: $0) }
            #expect(try await scene.base.store.read { try Subscriptions.list(of: nil, in: $0) }.isEmpty)
        }
    }

    @Test("what is not taken up is sent again, later and later, until the subscription is disabled")
    func retries() async throws {
        try await Scene.lent { scene in
            scene.receiver.fail(HTTPTransportError(.cannotConnect))
            try await scene.base.touch(try await scene.visible()[0])
            let began = scene.base.clock.now
            var waits: [Int64] = []
            while try await scene.subscription().state == .active, waits.count < 200 {
                #expect(await scene.worker.deliverOnce() == 0)
                let now = scene.base.clock.now
                let due = try await scene.subscription().due.rawValue
                waits.append((due - now) / 1_000)
                // Nothing is sent before its time.
                let sent = scene.receiver.requests.count
                #expect(await scene.worker.deliverOnce() == 0)
                #expect(scene.receiver.requests.count == sent)
                scene.base.clock.advance(by: due - now)
            }
            #expect(Array(waits.prefix(7)) == [10, 30, 120, 600, 1_800, 3_600, 3_600])
            let days = Double(scene.base.clock.now - began) / 86_400_000
            #expect(days >= 3 && days < 3.2)
            let subscription = try await scene.subscription()
            #expect(subscription.state == .disabled)
            #expect(subscription.problem?.contains("cannotConnect") == true)
            #expect(try await scene.audited().first == "subscription.disabled")
            #expect(Set(scene.receiver.requests.map { $0.headers["Drawbridge-Delivery"] }).count == 1)
            // Taken up again, nothing is lost.
            scene.receiver.fail(nil)
            _ = try await scene.subscriptions.update(
                scene.id, of: scene.member.id, .init(isPaused: false), by: .commandLine)
            #expect(await scene.worker.deliverOnce() == 1)
            #expect(scene.receiver.requests.last?.entries.count == 1)
        }
    }

    @Test(
        "answers other than 2xx are not taken up; a redirect is not followed, gone is the end",
        arguments: [301, 404, 410, 500])
    func refusals(_ status: Int) async throws {
        try await Scene.lent { scene in
            scene.receiver.answer(status)
            try await scene.base.touch(try await scene.visible()[0])
            #expect(await scene.worker.deliverOnce() == 0)
            let subscription = try await scene.subscription()
            #expect(subscription.state == (status == 410 ? .disabled : .active))
            #expect(subscription.problem != nil)
            #expect(try await scene.deliveries().map(\.status) == [status])
            #expect(scene.receiver.requests.count == 1)
        }
    }

    @Test("a delivery is sent again when it is asked for")
    func redelivers() async throws {
        try await Scene.lent { scene in
            let id = try await scene.visible()[0]
            try await scene.base.touch(id)
            #expect(await scene.worker.deliverOnce() == 1)
            let delivery = try #require(try await scene.deliveries().first)
            let other = MemberID(999)
            await #expect(throws: FeedError.self) {
                _ = try await scene.subscriptions.redeliver(delivery.id, of: scene.id, of: other, by: .commandLine)
            }
            _ = try await scene.subscriptions.redeliver(
                delivery.id, of: scene.id, of: scene.member.id, by: .commandLine)
            #expect(await scene.worker.deliverOnce() == 1)
            #expect(scene.receiver.requests.map(\.entries) == [["changed \(id)"], ["changed \(id)"]])
        }
    }

    @Test("a test is sent at once, and a paused subscription nothing else")
    func tests() async throws {
        try await Scene.lent { scene in
            _ = try await scene.subscriptions.update(
                scene.id, of: scene.member.id, .init(isPaused: true), by: .commandLine)
            try await scene.base.touch(try await scene.visible()[0])
            #expect(await scene.worker.deliverOnce() == 0)
            let sent = try await scene.worker.test(scene.id, of: scene.member.id, by: .commandLine)
            #expect(sent.state == .delivered && sent.kind == .test && sent.status == 200)
            #expect(scene.receiver.requests.map(\.entries) == [[]])
            #expect(scene.receiver.requests[0].isSigned(with: scene.issued.secret))
        }
    }

    @Test("however often a test is asked for, the latest deliveries alone are kept")
    func manyTests() async throws {
        try await Scene.lent { scene in
            for _ in 0..<Delivery.kept + 5 {
                _ = try await scene.worker.test(scene.id, of: scene.member.id, by: .commandLine)
            }
            let kept = try await scene.base.store.read { try $0.first("SELECT count(*) FROM delivery") { $0.int(0) } }
            #expect(kept == Delivery.kept)
        }
    }

    @Test("secrets are sealed, renewed, and on no trail")
    func secrets() async throws {
        try await Scene.lent { scene in
            let renewed = try await scene.subscriptions.renewSecret(
                scene.id, of: scene.member.id, by: .commandLine)
            #expect(renewed.secret != scene.issued.secret)
            try await scene.base.touch(try await scene.visible()[0])
            #expect(await scene.worker.deliverOnce() == 1)
            #expect(scene.receiver.requests.last?.isSigned(with: renewed.secret) == true)
            let stored = try await scene.base.store.read { connection in
                try connection.first("SELECT secret FROM subscription") { $0.blob(0) }
            }
            #expect(!String(decoding: stored ?? [], as: UTF8.self).contains(renewed.secret))
            let trail = try await scene.base.store.read { try AuditTrail.list(in: $0) }
            #expect(trail.map(\.action) == ["subscription.secret_renewed", "subscription.created"])
            #expect(trail.allSatisfy { !$0.details.contains("dbs_") && !$0.details.contains("secret-of") })
        }
    }

    @Test("names are unique for a member, and subscriptions limited")
    func limits() async throws {
        try await Scene.lent { scene in
            func create(_ name: String) async -> String? {
                do {
                    _ = try await scene.subscriptions.create(name, url: Scene.url, for: scene.member, by: .commandLine)
                    return nil
                } catch {
                    return (error as? FeedError)?.code.rawValue
                }
            }
            #expect(await create("ci") == "name_taken")
            #expect(await create(" ") == "invalid_name")
            #expect(await create("a\nb") == "invalid_name")
            for number in 1..<Subscription.limitPerMember { #expect(await create("n\(number)") == nil) }
            #expect(await create("one more") == "too_many_subscriptions")
        }
    }
}
