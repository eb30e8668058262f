import IssueModel
import Journal
import Store
import Testing

@testable import Scheduling

@Suite("What is due, on paper") struct SourceScheduleTests {
    static let now = Timestamp("2026-03-26T12:00:00Z") ?? Timestamp(milliseconds: 0)

    /// A source that was read wholly, all of whose jobs were done at ``now``.
    static func settled() -> SourceSchedule.Facts {
        var facts = SourceSchedule.Facts()
        (facts.source, facts.wasReadWholly, facts.accessRead, facts.credential) = (7, true, now, "c1")
        for kind in JobKind.allCases {
            var job = ScheduleRecord.Job(started: now, ended: now)
            job.good = now
            facts.record.jobs[kind.rawValue] = job
        }
        return facts
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let seconds: Int
        let change: @Sendable (inout SourceSchedule.Facts) -> Void
        let step: SourceSchedule.Step

        init(
            _ name: String, after seconds: Int = 0, _ step: SourceSchedule.Step,
            _ change: @escaping @Sendable (inout SourceSchedule.Facts) -> Void = { _ in }
        ) {
            (testDescription, self.seconds, self.step, self.change) = (name, seconds, step, change)
        }
    }

    @Test(
        "is chosen",
        arguments: [
            Case("the first read before all else", .run(.everything)) {
                $0.wasReadWholly = false; $0.accessRead = nil
            },
            Case("a new source's first read, with nothing known of it", .run(.everything)) {
                $0 = SourceSchedule.Facts()
            },
            Case("changes after a minute and a tenth at the latest", after: 66, .run(.changes)),
            Case("rules after five minutes at the latest, before changes", after: 300, .run(.access)),
            Case("what a webhook told of, at once", after: 1, .run(.pending)) {
                $0.pendingDue = now.advanced(milliseconds: 900)
            },
            Case("what waits, before what changed", after: 70, .run(.pending)) { $0.pendingDue = now },
            Case("what is very late, before what waits all the time", after: 120, .run(.changes)) {
                $0.pendingDue = now.advanced(seconds: 119)
            },
            Case("who may see what, before anything", after: 400, .run(.access)) { $0.pendingDue = now },
            Case(
                "what waits still after it was read, not without a pause",
                .wait(until: now.advanced(seconds: 1), then: .pending, isQuiet: false)
            ) { $0.pendingDue = now.advanced(seconds: -5) },
            Case("names that a webhook called stale", after: 11, .run(.catalogue)) { $0.isCatalogueStale = true },
            Case("the rest of a census soon", after: 6, .run(.census)) {
                $0.record.jobs["census"]?.hasMore = true
            },
            Case("nothing of a paused source", after: 100_000, .rest(.paused)) { $0.state = .paused },
            Case("nothing of a removed source", after: 100_000, .rest(.removed)) { $0.state = .removed },
            Case("nothing while the credential is refused", after: 100_000, .rest(.stopped)) {
                $0.record.stopped = .init(code: "credential_refused", message: "", at: now, credential: "c1")
            },
            Case("what is due, once there is another credential", after: 100, .run(.changes)) {
                $0.record.stopped = .init(code: "credential_refused", message: "", at: now, credential: "c0")
            },
            Case("only rules for a source that is read by hand", after: 100_000, .run(.access)) {
                $0.schedule.isManual = true
            },
            Case("a job that our clock says is to come", after: -1_000, .run(.access)),
        ])
    func chosen(_ test: Case) {
        var facts = Self.settled()
        test.change(&facts)
        let step = SourceSchedule().next(facts, at: Self.now.advanced(seconds: test.seconds))
        #expect(step == test.step)
    }

    @Test("the first census comes before everything is read again, which comes round as often") func firstCensus() {
        for source in 1...50 {
            var facts = Self.settled()
            facts.source = Int64(source)
            facts.record.jobs["census"] = nil
            let census = SourceSchedule().due(.census, facts, Self.now) ?? .distantPast
            let everything = SourceSchedule().due(.everything, facts, Self.now) ?? .distantPast
            #expect(census > Self.now && census < everything)
        }
    }

    @Test("where reading changes takes longer than their interval, everything else has its turn") func slowChanges() {
        var facts = Self.settled()
        facts.record.jobs["census"] = nil
        var now = Self.now
        var done: [JobKind: Int] = [:]
        for _ in 0..<1_500 {
            guard case .run(let kind) = SourceSchedule().next(facts, at: now) else {
                now = now.advanced(seconds: 60)
                continue
            }
            done[kind, default: 0] += 1
            var job = ScheduleRecord.Job(started: now, ended: now)
            job.good = now
            facts.record.jobs[kind.rawValue] = job
            if kind == .access { facts.accessRead = now }
            // The site changes more in ten minutes than is read in them.
            now = now.advanced(seconds: kind == .changes ? 600 : 5)
        }
        for kind in [JobKind.access, .changes, .catalogue, .census, .everything, .audit, .upkeep] {
            #expect(done[kind, default: 0] >= (kind == .changes ? 100 : 2), "\(kind) of \(done)")
        }
    }

    @Test("waits a tenth more or less, the same whenever asked, and sources do not march in step") func jitter() {
        var waits: Set<Int64> = []
        for source in 1...50 {
            var facts = Self.settled()
            facts.source = Int64(source)
            guard case .wait(let until, .changes, false) = SourceSchedule().next(facts, at: Self.now) else {
                Testing.Issue.record("changes come first")
                continue
            }
            #expect(
                SourceSchedule().next(facts, at: Self.now.advanced(seconds: 20))
                    == .wait(until: until, then: .changes, isQuiet: false))
            waits.insert(until.rawValue - Self.now.rawValue)
        }
        #expect(waits.allSatisfy { (54_000...66_000).contains($0) })
        #expect(waits.count > 40 && (waits.max() ?? 0) - (waits.min() ?? 0) > 8_000, "\(waits.sorted())")
    }

    @Test("rules are read early rather than late") func rulesInTime() {
        for source in 1...50 {
            var facts = Self.settled()
            facts.source = Int64(source)
            let due = SourceSchedule().due(.access, facts, Self.now)
            #expect((270_000...300_000).contains((due?.rawValue ?? 0) - Self.now.rawValue))
        }
    }

    @Test(
        "a site that cannot be reached is tried after 1, 2, 4, 8 minutes and every quarter of an hour",
        arguments: [
            (1, 60), (2, 120), (3, 240), (4, 480), (5, 900), (6, 900), (60, 900),
        ])
    func backoff(_ failures: Int, _ seconds: Int) {
        var facts = Self.settled()
        (facts.record.failures, facts.record.failed) = (failures, Self.now.advanced(seconds: 1_000))
        facts.pendingDue = Self.now
        let end = Self.now.advanced(seconds: 1_000 + seconds)
        guard case .wait(let until, _, _) = SourceSchedule().next(facts, at: Self.now.advanced(seconds: 1_000)) else {
            Testing.Issue.record("nothing is asked of a site that is away")
            return
        }
        #expect(until == end)
        #expect(SourceSchedule().next(facts, at: end) == .run(.access))
    }

    @Test("one job that fails keeps no other from its turn") func oneJob() {
        var facts = Self.settled()
        facts.record.jobs["catalogue"]?.failures = 3
        facts.record.jobs["catalogue"]?.ended = Self.now.advanced(seconds: 1_000)
        facts.accessRead = Self.now.advanced(seconds: 1_000)
        #expect(SourceSchedule().next(facts, at: Self.now.advanced(seconds: 1_000)) == .run(.changes))
        #expect(SourceSchedule().due(.catalogue, facts, Self.now) == Self.now.advanced(seconds: 1_240))
    }

    @Test("in quiet hours only webhooks, what they tell of, and rules") func quiet() {
        var facts = Self.settled()
        facts.schedule.quiet = .init(from: 22 * 60, to: 6 * 60, zone: "Europe/Berlin")
        let night = Timestamp("2026-03-27T01:00:00Z") ?? Self.now
        facts.accessRead = night
        facts.record.jobs["webhooks"] = .init(started: night, ended: night)
        guard case .wait(_, let kind, true) = SourceSchedule().next(facts, at: night) else {
            Testing.Issue.record("it is night in Berlin")
            return
        }
        #expect(kind == .access)
        facts.pendingDue = night
        #expect(SourceSchedule().next(facts, at: night) == .run(.pending))
        facts.pendingDue = nil
        let morning = Timestamp("2026-03-27T05:00:00Z") ?? Self.now
        #expect(SourceSchedule().due(.changes, facts, night).map { $0 < night } == true)
        facts.accessRead = morning
        #expect(SourceSchedule().next(facts, at: morning) == .run(.changes))
    }

    struct QuietCase: Sendable, CustomTestStringConvertible {
        let at: String
        let end: String?
        let hours: SyncSchedule.QuietHours

        init(_ at: String, _ end: String?, _ from: Int, _ to: Int, _ zone: String) {
            (self.at, self.end) = (at, end)
            hours = .init(from: from * 60, to: to * 60, zone: zone)
        }

        var testDescription: String { "\(hours.from / 60)-\(hours.to / 60) \(hours.zone) at \(at)" }
    }

    @Test(
        "quiet hours end when the clock on the wall says so",
        arguments: [
            QuietCase("2026-01-10T21:30:00Z", "2026-01-11T05:00:00.000Z", 22, 6, "Europe/Berlin"),
            QuietCase("2026-01-10T20:59:59Z", nil, 22, 6, "Europe/Berlin"),
            QuietCase("2026-01-11T04:59:59Z", "2026-01-11T05:00:00.000Z", 22, 6, "Europe/Berlin"),
            QuietCase("2026-01-11T05:00:00Z", nil, 22, 6, "Europe/Berlin"),
            // Clocks are put forward at 01:00 UTC, and back in October.
            QuietCase("2026-03-28T22:00:00Z", "2026-03-29T04:00:00.000Z", 22, 6, "Europe/Berlin"),
            QuietCase("2026-10-24T21:00:00Z", "2026-10-25T05:00:00.000Z", 22, 6, "Europe/Berlin"),
            QuietCase("2026-01-10T12:00:00Z", "2026-01-10T17:00:00.000Z", 9, 17, "UTC"),
            QuietCase("2026-01-10T03:31:00Z", "2026-01-10T11:30:00.000Z", 9, 17, "Asia/Kolkata"),
            QuietCase("2026-01-10T12:00:00Z", nil, 9, 9, "UTC"),
            QuietCase("2026-01-10T23:59:00Z", "2026-01-11T06:00:00.000Z", 22, 6, "Nowhere/AtAll"),
        ])
    func quietEnd(_ test: QuietCase) throws {
        let moment = try #require(Timestamp(test.at))
        #expect(test.hours.end(at: moment)?.rfc3339 == test.end)
    }
}
