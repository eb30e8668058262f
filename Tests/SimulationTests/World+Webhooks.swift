import Simulation
import IssueModel
import SimulatedData
import SimulatedSite
import Store
import Webhooks

/// What Jira tells of changes by itself, and how it gets lost.
extension World {
    /// Tells of what differs between two states of the site.
    func tell(_ before: SiteState, _ after: SiteState, _ random: inout SeededRandom) {
        guard scenario.webhooks.isOn else { return }
        for ordinal in 0..<after.issueCount {
            let row = after.row(ordinal)
            guard ordinal < before.issueCount else {
                post("jira:issue_created", row.id, after.key(of: ordinal), &random)
                continue
            }
            let old = before.row(ordinal)
            guard old != row else { continue }
            let isGone = row.state == .deleted
            post(isGone ? "jira:issue_deleted" : "jira:issue_updated", row.id, after.key(of: ordinal), &random)
        }
    }

    private func post(_ event: String, _ issue: Int, _ key: String, _ random: inout SeededRandom) {
        let body = """
            {"timestamp":\(clock.now),"webhookEvent":"\(event)","user":{"accountId":"a"},\
            "issue":{"id":"\(issue)","key":"\(key)","fields":{}}}
            """
        let settings = scenario.webhooks
        guard !random.chance(settings.lost) else { return self.event("webhook lost for \(issue)") }
        var times = [random.chance(settings.late) ? random.within(60...1_500) : random.within(0...5)]
        if random.chance(settings.doubled) { times.append(random.within(0...600)) }
        for wait in times { mail.continuation.yield(Delivery(body: Array(body.utf8), wait: wait)) }
    }

    /// A delivery on its way.
    struct Delivery: Sendable {
        var body: [UInt8]
        /// Seconds.
        var wait: Int
    }

    /// Delivers what is posted, each delivery in its own time, until everything is over.
    func deliver() async {
        await withDiscardingTaskGroup { group in
            for await delivery in mail.stream {
                group.addTask {
                    await self.sleep(seconds: delivery.wait)
                    await self.arrive(delivery)
                }
            }
        }
    }

    private func arrive(_ delivery: Delivery) async {
        guard let machine, !machine.process.isKilled, !network.isCut else { return event("webhook met nobody") }
        do {
            let source = try await machine.store.read { try SourceRecords.find(Self.name, in: $0)?.id }
            let hint = try WebhookPayload(delivery.body).hint
            let identity = WebhookInbox.identity(of: hint, named: nil)
            guard let source, !machine.process.isKilled else { return }
            let taken = try await machine.inbox.accept(source, hint, identity: identity, at: wall.now)
            trace.note("\(clock.now) webhook \(taken)")
        } catch {
            trace.note("\(clock.now) webhook failed: \(error)")
        }
    }

    /// Brings what arrived into the queue of issues.
    ///
    /// - Returns: Whether anything waits to be read.
    func collect(_ machine: Machine) async -> Bool {
        do {
            return try await machine.inbox.drain(into: machine.store, at: wall.now).values.contains { !$0.isEmpty }
        } catch {
            trace.note("\(clock.now) draining failed: \(error)")
            return false
        }
    }
}
