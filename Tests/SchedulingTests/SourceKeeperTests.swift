import IssueModel
import Journal
import SiteConnection
import Store
import SyncEngine
import Testing

@testable import Scheduling

@Suite("Keeping sources in step") struct SourceKeeperTests {
    @Test("a day: everything once, changes each minute, rules each five, names each quarter, one census") func day()
        throws
    {
        try KeeperScene.run { scene in
            scene.jobs(take: 2)
            try await scene.keeping(scene.keeper { $0.poll = .seconds(30) }) { try await scene.sleep(86_400) }
            #expect(scene.entries.first?.job == "everything" && scene.entries("everything").count == 1)
            #expect((1_250...1_450).contains(scene.entries("changes").count), "\(scene.entries("changes").count)")
            #expect((285...325).contains(scene.entries("access").count), "\(scene.entries("access").count)")
            #expect((85...110).contains(scene.entries("catalogue").count), "\(scene.entries("catalogue").count)")
            #expect((1...2).contains(scene.entries("census").count) && (1...2).contains(scene.entries("upkeep").count))
            #expect((260...330).contains(scene.entries("audit").count), "\(scene.entries("audit").count)")
            let next = try await scene.record().next
            #expect(next.map { $0.at.rawValue - scene.now.rawValue < 70_000 } == true)
        }
    }

    @Test("what a webhook told of is read within a second; what comes meanwhile, together") func webhook() throws {
        try KeeperScene.run { scene in
            scene.jobs(take: 0.1)
            let keeper = scene.keeper()
            try await scene.keeping(keeper) {
                try await scene.sleep(10)
                let (source, now) = (try await scene.source().id, scene.now)
                try await scene.store.write {
                    try PendingIssues.add(
                        [1, 2, 3].map { IssueID($0) }, cause: .webhook, at: now, source: source, in: $0)
                }
                keeper.wake()
                try await scene.sleep(1)
                let first = try #require(scene.entries("pending").first)
                #expect(first.ended < 11)
                try await scene.sleep(20)
                let count = scene.entries("pending").count
                #expect((15...25).contains(count), "not settled here, so again and again, but with pauses: \(count)")
            }
        }
    }

    @Test("a site on which something changes all the time has its other turns too") func busy() throws {
        try KeeperScene.run { scene in
            try await scene.keeping(scene.keeper()) {
                try await scene.sleep(10)
                let (source, now) = (try await scene.source().id, scene.now)
                // Nobody settles it here, as if more came whenever it is read.
                try await scene.store.write {
                    try PendingIssues.add([IssueID(1)], cause: .webhook, at: now, source: source, in: $0)
                }
                try await scene.sleep(3 * 3_600)
            }
            #expect(scene.entries("pending").count > 3_000)
            #expect(scene.entries("changes").count > 60 && scene.entries("catalogue").count >= 8)
            #expect(scene.entries("access").count >= 30)
        }
    }

    @Test("an inbox that fails keeps no source from being read") func collecting() throws {
        try KeeperScene.run { scene in
            var work = scene.work()
            work.collect = { throw KeeperScene.Missing() }
            let keeper = SourceKeeper(
                store: scene.store, work: work, options: .init(holder: "a"), time: scene.time)
            try await scene.keeping(keeper) { try await scene.sleep(300) }
            #expect(scene.entries("everything").count == 1 && scene.entries("changes").count >= 2)
        }
    }

    @Test("a site that is away is tried less and less often, and all goes on when it is back") func away() throws {
        try KeeperScene.run { scene in
            try await scene.keeping(scene.keeper()) {
                try await scene.sleep(120)
                scene.fate { _, _ in SyncFailure(.siteUnreachable, what: "Nothing listens.") }
                try await scene.sleep(2 * 3_600)
                let failed = scene.entries.filter(\.failed)
                #expect((8...13).contains(failed.count), "\(failed)")
                let record = try await scene.record()
                #expect(record.failures == failed.count && record.next != nil)
                scene.fate { _, _ in nil }
                try await scene.sleep(1_000)
                #expect(try await scene.record().failures == 0)
                let last = scene.entries.count
                try await scene.sleep(120)
                #expect(scene.entries.count > last + 1)
            }
        }
    }

    @Test("a refused credential stops a source, says why, and another one starts it again") func refused() throws {
        try KeeperScene.run { scene in
            try await scene.add("two")
            try await scene.keeping(scene.keeper()) {
                try await scene.sleep(100)
                scene.fate { _, name in
                    name == "one"
                        ? SyncFailure(.credentialRefused, what: "Jira refused it.", fix: "Give it another one.") : nil
                }
                try await scene.sleep(3_600)
                #expect(scene.entries.filter { $0.source == "one" && $0.failed }.count == 1)
                #expect(scene.entries.filter { $0.source == "two" }.count > 50, "another source goes on")
                let stopped = try #require(try await scene.record().stopped)
                #expect(stopped.code == "credential_refused")
                #expect(stopped.message == "Jira refused it. Give it another one.")
                #expect(try await scene.record().next == nil)
                scene.fate { _, _ in nil }
                let (source, key) = (try await scene.source(), try scene.store.secretKey())
                try await scene.store.write {
                    try SourceRecords.setCredential(
                        Array("new".utf8), kind: source.credentialKind, of: source.id, key: key, in: $0)
                }
                let refused = scene.count(of: "one")
                try await scene.sleep(20)
                #expect(scene.count(of: "one") > refused, "\(scene.entries.filter { $0.source == "one" })")
                #expect(try await scene.record().stopped == nil)
            }
        }
    }

    @Test("pausing breaks a job off within seconds; resuming goes on; removing ends it; a new source is found")
    func control()
        throws
    {
        try KeeperScene.run { scene in
            scene.jobs(take: 1_000)
            try await scene.keeping(scene.keeper()) {
                try await scene.sleep(10)
                let source = try await scene.source().id
                let lease = try await scene.store.read { try SourceLeases.latest(of: source, in: $0) }
                #expect(lease?.job == "everything" && lease?.progress.contains(#""phase":"issues""#) == true)
                try await scene.store.write { try SourceRecords.setState(.paused, of: source, in: $0) }
                try await scene.sleep(5)
                #expect(scene.entries.map(\.failed) == [true])
                let now = scene.now
                #expect(try await scene.store.read { try SourceLeases.holding(of: source, now: now, in: $0) } == nil)
                scene.jobs(take: 1)
                try await scene.sleep(100)
                #expect(scene.entries.count == 1)
                try await scene.store.write { try SourceRecords.setState(.active, of: source, in: $0) }
                try await scene.sleep(5)
                #expect(scene.entries.count > 1 && scene.entries.last?.failed == false)
                try await scene.store.write { try SourceRecords.remove(source, in: $0) }
                try await scene.add("new")
                try await scene.sleep(5)
                let count = scene.entries.filter { $0.source == "one" }.count
                try await scene.sleep(200)
                #expect(scene.entries.filter { $0.source == "one" }.count == count)
                #expect(scene.entries.contains { $0.source == "new" })
            }
        }
    }

    @Test("two keepers never work on one source at once, and a dead one's lease ends", arguments: [1, 2, 3])
    func twice(_ seed: UInt64) throws {
        try KeeperScene.run(seed: seed) { scene in
            scene.jobs(take: 7)
            let (source, now) = (try await scene.source().id, scene.now)
            _ = try await scene.store.write {
                try SourceLeases.acquire(
                    source: source, holder: "dead", job: "changes", now: now, for: .seconds(60), in: $0)
            }
            try await scene.keeping(scene.keeper("a"), scene.keeper("b")) { try await scene.sleep(3_600) }
            let entries = scene.entries.filter { !$0.failed }.sorted { $0.began < $1.began }
            #expect((entries.first?.began ?? 0) >= 60, "\(entries.prefix(2))")
            for (one, other) in zip(entries, entries.dropFirst()) { #expect(one.ended <= other.began) }
            #expect(entries.count > 50)
        }
    }

    @Test("what somebody asks for is done at once and answered") func requests() throws {
        try KeeperScene.run { scene in
            try await scene.keeping(scene.keeper()) {
                try await scene.sleep(10)
                let full = try await scene.post(.synchronise(.full))
                let one = try await scene.post(.synchronise(.issues([IssueID(12)])))
                let (source, now) = (try await scene.source().id, scene.now)
                let odd = try await scene.store.write {
                    try Requests.post(kind: "dance", source: source, at: now, in: $0)
                }
                try await scene.sleep(6)
                #expect(scene.entries("full").count == 1 && scene.entries("issues").count == 1)
                let answer = try #require(try await scene.answer(full))
                #expect(answer.outcome == "done")
                #expect(try SourceAnswer(json: answer.answer ?? "").summary?.source == "one")
                #expect(try await scene.answer(one)?.outcome == "done")
                #expect(try await scene.answer(odd)?.outcome == "unknown")
                scene.fate { _, _ in SyncFailure(.queryRefused, what: "What.", why: "Why.", fix: "Fix.") }
                let bad = try await scene.post(.synchronise(.project("PAY")))
                try await scene.sleep(5)
                let failure = try SourceAnswer(json: try await scene.answer(bad)?.answer ?? "").failure
                #expect(failure == SyncFailure(.queryRefused, what: "What.", why: "Why.", fix: "Fix."))
                try await scene.store.write { try SourceRecords.setState(.paused, of: source, in: $0) }
                let paused = try await scene.post(.census)
                try await scene.sleep(5)
                let refusal = try SourceAnswer(json: try await scene.answer(paused)?.answer ?? "").failure
                #expect(refusal?.code == .sourcePaused)
            }
        }
    }

    @Test("a request brings a stopped source to life when it succeeds") func revive() throws {
        try KeeperScene.run { scene in
            try await scene.keeping(scene.keeper()) {
                try await scene.sleep(10)
                scene.fate { _, _ in SyncFailure(.credentialRefused, what: "No.") }
                try await scene.sleep(100)
                #expect(try await scene.record().stopped != nil)
                scene.fate { _, _ in nil }
                _ = try await scene.post(.synchronise(.changes))
                try await scene.sleep(100)
                #expect(try await scene.record().stopped == nil)
                #expect(scene.entries.suffix(2).allSatisfy { !$0.failed })
            }
        }
    }

    @Test("ends with the failure that it was told to end with") func ends() throws {
        try KeeperScene.run { scene in
            scene.fate { _, _ in SyncFailure(.credentialRefused, what: "No.") }
            await #expect(throws: SyncFailure(.credentialRefused, what: "No.")) {
                try await scene.keeper { $0.ends = { $0.kind != .unreachable } }.run()
            }
        }
    }

    @Test("goes on by what an earlier process noted") func survives() throws {
        try KeeperScene.run { scene in
            try await scene.keeping(scene.keeper("a")) { try await scene.sleep(100) }
            let count = scene.entries.count
            let next = scene.keeper("b")
            try await scene.keeping(next) { try await scene.sleep(15) }
            #expect(scene.entries.count - count <= 1, "nothing is done again just because of a new process")
            #expect(try await scene.record().next != nil)
            try await next.retire()
            #expect(try await scene.record().next == nil)
        }
    }
}
