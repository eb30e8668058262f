import Database
import Foundation
import HTTPMessages
import IssueModel
import Journal
import Store
import Testing
import Webhooks

@Suite("Inbox") struct InboxTests {
    @Test("many hints of an issue are one reading of it")
    func coalescing() async throws {
        let ground = try await Ground()
        for time in 0..<20 {
            #expect(try await ground.accept(Body.updated(1, at: 1_700_000_000_000 + time)) == .stored)
        }
        try await ground.accept(Body.deleted(2))
        try await ground.accept(
            Body.event("issuelink_created", #""issueLink":{"id":1,"sourceIssueId":1,"destinationIssueId":3}"#))
        let drained = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(drained == [ground.source.id: .init(issues: 3)])
        let pending = try await ground.pending()
        #expect(pending.map(\.issue.rawValue) == [1, 2, 3])
        #expect(pending.map(\.causes) == [[.webhook], [.webhookDeleted], [.webhook]])
        #expect(try await ground.inbox.waiting() == 0)
        #expect(try await ground.inbox.drain(into: ground.store, at: ground.clock.now).isEmpty)
    }

    @Test("an issue that changed and went waits with both causes, since the later hint")
    func bothCauses() async throws {
        let ground = try await Ground()
        try await ground.accept(Body.deleted(1))
        ground.clock.advance(milliseconds: 500)
        try await ground.accept(Body.updated(1))
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        let entry = try #require(try await ground.pending().first)
        #expect(entry.causes == [.webhook, .webhookDeleted])
        #expect(entry.since == ground.clock.now)
    }

    @Test("a hint that comes while its issue is read is not settled by that reading")
    func laterHint() async throws {
        let ground = try await Ground()
        let source = ground.source.id
        try await ground.accept(Body.updated(1))
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        let began = ground.clock.now
        ground.clock.advance(milliseconds: 10)
        try await ground.accept(Body.updated(1, at: 1_700_000_000_001))
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        try await ground.store.write {
            try PendingIssues.settle([IssueID(1)], readAt: began, source: source, in: $0)
        }
        #expect(try await ground.pending().map(\.issue.rawValue) == [1])
    }

    struct Repetition: CustomTestStringConvertible, Sendable {
        let name: String
        let first: String?
        let second: String?
        let outcome: WebhookInbox.Acceptance
        var testDescription: String { name }
    }

    @Test(
        "a delivery that is sent again counts once",
        arguments: [
            Repetition(name: "named by Jira", first: "a", second: "a", outcome: .duplicate),
            Repetition(name: "another name", first: "a", second: "b", outcome: .stored),
            Repetition(name: "not named", first: nil, second: nil, outcome: .duplicate),
            Repetition(name: "named once", first: "a", second: nil, outcome: .stored),
            Repetition(name: "an empty name is none", first: "", second: nil, outcome: .duplicate),
        ])
    func duplicates(_ repetition: Repetition) async throws {
        let ground = try await Ground()
        #expect(try await ground.accept(Body.updated(1), identifier: repetition.first) == .stored)
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(try await ground.accept(Body.updated(1), identifier: repetition.second) == repetition.outcome)
        let tally = try await ground.inbox.tally(of: ground.source.id)
        #expect(tally.stored + tally.duplicates == 2)
        #expect(tally.duplicates == (repetition.outcome == .duplicate ? 1 : 0))
    }

    @Test("what two sources are told are two deliveries, though their names are one")
    func twoSources() async throws {
        let ground = try await Ground()
        let hint = try WebhookPayload(Array(Body.updated(1).utf8)).hint
        for source in [1, 2] as [Int64] {
            #expect(
                try await ground.inbox.accept(source, hint, identity: [1], at: ground.clock.now) == .stored)
        }
    }

    @Test("a delivery is remembered for three days, and no longer")
    func forgetting() async throws {
        let ground = try await Ground()
        try await ground.accept(Body.updated(1), identifier: "a")
        ground.clock.advance(hours: 71)
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(try await ground.accept(Body.updated(1), identifier: "a") == .duplicate)
        ground.clock.advance(hours: 2)
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(try await ground.accept(Body.updated(1), identifier: "a") == .stored)
    }

    @Test("of too many deliveries the oldest are forgotten")
    func seenLimit() async throws {
        var options = WebhookInbox.Options()
        options.seenLimit = 3
        let ground = try await Ground(inbox: options)
        for name in ["a", "b", "c", "d", "e"] { try await ground.accept(Body.updated(1), identifier: name) }
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(try await ground.accept(Body.updated(1), identifier: "c") == .duplicate)
        #expect(try await ground.accept(Body.updated(1), identifier: "b") == .stored)
    }

    @Test("issues beyond the limit are left to the delta, and counted; those that wait go on coalescing")
    func hintLimit() async throws {
        var options = WebhookInbox.Options()
        options.hintLimit = 10
        let ground = try await Ground(inbox: options)
        for issue in 1...25 { try await ground.accept(Body.updated(issue)) }
        try await ground.accept(Body.updated(3, at: 1))
        #expect(try await ground.inbox.waiting() == 10)
        #expect(try await ground.inbox.tally(of: ground.source.id) == WebhookTally(stored: 26, dropped: 15))
        let drained = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(drained[ground.source.id] == .init(issues: 10, areChangesDue: true))
        #expect(try await ground.asked(.changes) == ground.clock.now)
        // There is room again.
        try await ground.accept(Body.updated(26))
        #expect(
            try await ground.inbox.drain(into: ground.store, at: ground.clock.now)[ground.source.id] == .init(issues: 1)
        )
    }

    @Test("names and lists are asked for once, and settled by a reading that began later")
    func marks() async throws {
        let ground = try await Ground()
        let source = ground.source.id
        for event in ["sprint_closed", "jira:version_released", "project_updated", "user_updated"] {
            try await ground.accept(Body.event(event, #""sprint":{"id":1}"#))
        }
        try await ground.accept(Body.event("attachment_created", #""attachment":{"id":"1"}"#))
        let drained = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(drained[source] == .init(isCatalogueDue: true, areChangesDue: true))
        let now = ground.clock.now
        #expect(try await ground.asked(.catalogue) == now)
        let before = Timestamp(milliseconds: now.rawValue - 1)
        try await ground.store.write { try DueReadings.settle(.catalogue, readAt: before, source: source, in: $0) }
        #expect(try await ground.asked(.catalogue) == now)
        try await ground.store.write { try DueReadings.settle(.catalogue, readAt: now, source: source, in: $0) }
        #expect(try await ground.asked(.catalogue) == nil)
        #expect(try await ground.asked(.changes) == now)
    }

    @Test("what is nothing to the copy is taken and counted, and nothing is read for it")
    func irrelevant() async throws {
        let ground = try await Ground()
        try await ground.accept(Body.event("filter_updated", #""filter":{"id":"1"}"#))
        try await ground.accept(Body.event("goal_reached", #""goal":{"id":"1"}"#))
        #expect(try await ground.inbox.tally(of: ground.source.id) == WebhookTally(stored: 2, unknown: 1))
        #expect(try await ground.inbox.drain(into: ground.store, at: ground.clock.now).isEmpty)
    }

    @Test("no content of a payload reaches the disk")
    func noContent() async throws {
        let ground = try await Ground()
        for issue in 1...50 { try await ground.accept(Body.updated(issue), identifier: "delivery-\(issue)") }
        for suffix in ["", "-wal"] {
            let bytes = FileManager.default.contents(atPath: ground.folder.file("inbox.sqlite" + suffix)) ?? Data()
            for word in ["Nobody keeps this", "PAY-", "acme", "delivery-"] {
                #expect(bytes.range(of: Data(word.utf8)) == nil)
            }
        }
    }

    @Test("what was stored is there after the program ends and starts again")
    func reopening() async throws {
        let ground = try await Ground()
        for issue in 1...30 { try await ground.accept(Body.updated(issue)) }
        try await ground.accept(Body.event("sprint_closed", #""sprint":{"id":1}"#))
        await ground.inbox.close()
        let again = try await WebhookInbox(path: ground.folder.file("inbox.sqlite"))
        #expect(!again.wasDamaged)
        var arrivals = again.arrivals.makeAsyncIterator()
        #expect(await arrivals.next() != nil)
        let hint = try WebhookPayload(Array(Body.updated(1).utf8)).hint
        let identity = WebhookInbox.identity(of: hint, named: nil)
        #expect(try await again.accept(ground.source.id, hint, identity: identity, at: ground.clock.now) == .duplicate)
        let drained = try await again.drain(into: ground.store, at: ground.clock.now)
        #expect(drained[ground.source.id] == .init(issues: 30, isCatalogueDue: true))
        await again.close()
    }

    @Test("a failure of the main database forgets nothing")
    func drainFails() async throws {
        let ground = try await Ground()
        for issue in 1...5 { try await ground.accept(Body.updated(issue)) }
        await ground.store.close()
        await #expect(throws: DatabaseError.self) {
            try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        }
        #expect(try await ground.inbox.waiting() == 5)
    }

    @Test("a damaged inbox is put aside and begun anew", arguments: ["no database at all", ""])
    func damaged(_ text: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("inbox.sqlite")
        if text.isEmpty {
            let inbox = try await WebhookInbox(path: path)
            await inbox.close()
            var bytes = try #require(FileManager.default.contents(atPath: path))
            bytes.replaceSubrange(100..<min(bytes.count, 20_000), with: Data(count: min(bytes.count, 20_000) - 100))
            try bytes.write(to: URL(fileURLWithPath: path))
        } else {
            try Data(String(repeating: text, count: 100).utf8).write(to: URL(fileURLWithPath: path))
        }
        let inbox = try await WebhookInbox(path: path)
        #expect(inbox.wasDamaged)
        let hint = try WebhookPayload(Array(Body.updated(1).utf8)).hint
        #expect(
            try await inbox.accept(1, hint, identity: [1], at: Timestamp(milliseconds: 1)) == .stored)
        #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
        await inbox.close()
    }

    @Test("a full disk is said, and taken up again when there is room")
    func full() async throws {
        var options = WebhookInbox.Options()
        options.sizeLimit = 1
        let ground = try await Ground(inbox: options)
        var stored = 0
        var refusal: WebhookError?
        for issue in 1...20_000 where refusal == nil {
            do {
                try await ground.accept(Body.updated(issue), identifier: "\(issue)")
                stored += 1
            } catch let error as WebhookError {
                refusal = error
            }
        }
        #expect(refusal?.code == .cannotStore)
        #expect(refusal?.message.contains("disk_full") == true)
        #expect(try await ground.inbox.waiting() == stored)
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(try await ground.pending().count == stored)
        ground.clock.advance(hours: 73)
        _ = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(try await ground.accept(Body.updated(1), identifier: "again") == .stored)
    }

    @Test("many at once are each answered for themselves, and each is stored once")
    func concurrency() async throws {
        let ground = try await Ground()
        let outcomes = try await withThrowingTaskGroup(of: WebhookInbox.Acceptance.self) { group in
            for number in 0..<2_000 {
                group.addTask { try await ground.accept(Body.updated(number % 500), identifier: "\(number % 1_000)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .stored }.count == 1_000)
        #expect(outcomes.filter { $0 == .duplicate }.count == 1_000)
        #expect(try await ground.inbox.waiting() == 500)
    }

    @Test("a delivery whose task is cancelled takes none of the others along")
    func cancellation() async throws {
        let ground = try await Ground()
        let stored = await withTaskGroup(of: Int?.self) { group in
            for number in 0..<400 {
                group.addTask {
                    if number % 2 == 0 { withUnsafeCurrentTask { $0?.cancel() } }
                    do {
                        try await ground.accept(Body.updated(number), identifier: "\(number)")
                        return number
                    } catch {
                        return nil
                    }
                }
            }
            return await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
        }
        #expect(stored.isSuperset(of: stride(from: 1, to: 400, by: 2)))
        #expect(try await ground.inbox.waiting() == stored.count)
        // Nobody is left holding the turn.
        #expect(try await ground.accept(Body.updated(1_000)) == .stored)
    }

    @Test("more at once than may wait are refused, and none of the others is lost")
    func waitingLimit() async throws {
        var options = WebhookInbox.Options()
        options.waitingLimit = 4
        options.batchLimit = 2
        let ground = try await Ground(inbox: options)
        let stored = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask { (try? await ground.accept(Body.updated(number), identifier: "\(number)")) == .stored }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(stored >= 4)
        #expect(try await ground.inbox.waiting() == stored)
    }

    @Test("hints outside the scope count for issues that are in the copy, and for no others")
    func outside() async throws {
        let ground = try await Ground(scope: .init(projects: ["PAY"]))
        let secrets = try await ground.addWebhook()
        for body in [Body.updated(1, project: "PAY"), Body.updated(2, project: "OPS")] {
            #expect(await ground.receiver.respond(to: ground.delivery(body, secrets)).status == 200)
        }
        let drained = try await ground.receiver.drain()
        #expect(drained[ground.source.id] == .init(issues: 1, outside: 1))
        #expect(try await ground.pending().map(\.issue.rawValue) == [1])
    }

    @Test("a project that the scope names by its former key is within it")
    func formerKey() async throws {
        let ground = try await Ground(scope: .init(projects: ["pay"]))
        let secrets = try await ground.addWebhook()
        let source = ground.source.id
        _ = try await ground.store.write { context in
            try ProjectRecords.store(
                Project(id: "10000", key: "BILL", name: "Billing"), formerKeys: ["PAY"], source: source, in: context)
        }
        for (issue, project) in [(1, "BILL"), (2, "OPS")] {
            let delivery = ground.delivery(Body.updated(issue, project: project), secrets)
            #expect(await ground.receiver.respond(to: delivery).status == 200)
        }
        let drained = try await ground.receiver.drain()
        #expect(drained[source] == .init(issues: 1, outside: 1))
        #expect(try await ground.pending().map(\.issue.rawValue) == [1])
    }

    @Test("what a source no longer there was told is let go")
    func removedSource() async throws {
        let ground = try await Ground()
        let source = ground.source.id
        try await ground.accept(Body.updated(1))
        try await ground.store.write { try SourceRecords.remove(source, in: $0) }
        #expect(try await ground.inbox.drain(into: ground.store, at: ground.clock.now).isEmpty)
        #expect(try await ground.inbox.waiting() == 0)
        try await ground.accept(Body.updated(2))
        try await ground.inbox.purge(source: source)
        #expect(try await ground.inbox.waiting() == 0)
    }

    @Test("the same runs on the calling task, for simulations")
    func inline() async throws {
        var options = WebhookInbox.Options()
        options.execution = .inline
        let ground = try await Ground(inbox: options)
        for issue in 1...50 { try await ground.accept(Body.updated(issue)) }
        let drained = try await ground.inbox.drain(into: ground.store, at: ground.clock.now)
        #expect(drained[ground.source.id]?.issues == 50)
    }
}
