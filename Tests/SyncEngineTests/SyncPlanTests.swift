import IssueModel
import SiteConnection
import SyncEngine
import Testing

/// A site of numbered issues, walked by a plan whose actions complete in a seeded order.
private struct PaperSite {
    var lanes: [[IssueID]]
    let pageSize: Int
    let unitSize: Int

    /// The page after `cursor` (the number of issues already listed), newest first.
    func page(lane: Int, after cursor: String?) -> (parts: [[IssueID]], next: String?) {
        let start = cursor.flatMap { Int($0) } ?? 0
        let end = min(start + pageSize, lanes[lane].count)
        let ids = Array(lanes[lane][start..<end])
        let parts = stride(from: 0, to: ids.count, by: unitSize).map {
            Array(ids[$0..<min($0 + unitSize, ids.count)])
        }
        return (parts, end < lanes[lane].count ? String(end) : nil)
    }
}

/// Performs a plan's issue phase on paper; `commitLimit` kills it after that many transactions.
private struct PaperRun {
    let site: PaperSite
    var random: SplitMix
    var stored: Set<IssueID>
    var fetches: [IssueID: Int] = [:]
    var saved: SyncCheckpoint?
    var largestOpen = 0

    /// - Returns: whether the phase ended.
    mutating func run(commitLimit: Int) -> Bool {
        var plan = SyncPlan()
        var checkpoint = saved ?? SyncCheckpoint()
        if checkpoint.backfill == nil {
            checkpoint.backfill = .init(
                started: Timestamp(milliseconds: 5), newest: Timestamp(milliseconds: 9),
                lanes: site.lanes.indices.map { .init(projects: [EntityID("\($0)")]) })
        }
        let lanes = (checkpoint.backfill?.lanes ?? []).enumerated().filter { !$1.isDone }
            .map { SyncPlan.Lane(.backfill($0), projects: $1.projects, after: $1.after) }
        var pending = plan.handle(.begin)
        for phase in [SyncPhase.identify, .fields, .projects, .access] {
            pending = plan.handle(.completed(phase))
        }
        #expect(pending == [.chooseLanes])
        pending = plan.handle(.lanesChosen(lanes, checkpoint: checkpoint))
        var commits = 0
        while !pending.isEmpty {
            let action = pending.remove(at: Int(random.next() % UInt64(pending.count)))
            largestOpen = max(largestOpen, pending.count + 1)
            switch action {
            case .list(let lane, let after):
                let page = site.page(lane: siteLane(lanes[lane]), after: after)
                let parts = page.parts.map { $0.filter { !stored.contains($0) } }.filter { !$0.isEmpty }
                pending += plan.handle(.listed(lane: lane, parts: parts, next: page.next))
            case .prepare(let unit):
                for id in unit.issues { fetches[id, default: 0] += 1 }
                pending += plan.handle(.prepared(unit, newest: nil))
            case .commit(let units, let checkpoint):
                commits += 1
                if commits > commitLimit { return false }
                stored.formUnion(units.flatMap(\.issues))
                saved = checkpoint
                pending += plan.handle(.committed)
            case .perform(let phase):
                #expect(phase == .boards && pending.isEmpty)
                return true
            default:
                Testing.Issue.record("unexpected \(action)")
                return true
            }
        }
        Testing.Issue.record("the plan fell asleep")
        return true
    }

    private func siteLane(_ lane: SyncPlan.Lane) -> Int { Int(lane.projects[0].rawValue) ?? 0 }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct SyncPlanTests {
    private func site(_ sizes: [Int], page: Int = 50, unit: Int = 10) -> PaperSite {
        var id: Int64 = 0
        return PaperSite(
            lanes: sizes.map { size in
                (0..<size).map { _ in
                    id += 1
                    return IssueID(id)
                }
            }, pageSize: page, unitSize: unit)
    }

    private func expect(
        _ plan: inout SyncPlan, _ event: SyncPlan.Event, _ actions: [SyncPlan.Action],
        at location: SourceLocation = #_sourceLocation
    ) {
        let answer = plan.handle(event)
        #expect(answer == actions, sourceLocation: location)
    }

    @Test("phases run in their order and end in finish")
    func phasesInOrder() {
        var plan = SyncPlan()
        var actions = plan.handle(.begin)
        var seen: [SyncPhase] = []
        while let action = actions.first, actions.count == 1, action != .finish {
            switch action {
            case .perform(let phase):
                seen.append(phase)
                actions = plan.handle(.completed(phase))
            case .chooseLanes:
                seen.append(.issues)
                actions = plan.handle(.lanesChosen([], checkpoint: SyncCheckpoint()))
            default:
                Testing.Issue.record("unexpected \(action)")
                return
            }
        }
        #expect(actions == [.finish])
        #expect(seen + [.finished] == SyncPhase.allCases)
    }

    @Test("a refusal in a phase that can be missed goes on, a fatal failure stops")
    func failures() {
        var plan = SyncPlan()
        _ = plan.handle(.begin)
        expect(&plan, .failed(.identify, isFatal: true), [.stop])
        expect(&plan, .completed(.identify), [])
        var other = SyncPlan()
        _ = other.handle(.begin)
        _ = other.handle(.completed(.identify))
        _ = other.handle(.completed(.fields))
        expect(&other, .failed(.projects, isFatal: false), [.perform(.access)])
    }

    @Test("every issue is stored once, whatever the order of completion", arguments: 1...20)
    func storesAll(seed: Int) {
        let site = site([237, 0, 51, 50])
        var run = PaperRun(site: site, random: SplitMix(state: UInt64(seed)), stored: [])
        let finished = run.run(commitLimit: .max)
        #expect(finished)
        #expect(run.stored == Set(site.lanes.joined()))
        #expect(run.fetches.values.allSatisfy { $0 == 1 })
        #expect(run.saved?.backfill == nil)
        #expect(run.saved?.covered == ["0", "1", "2", "3"])
        #expect(run.saved?.mark == Timestamp(milliseconds: 9))
    }

    @Test("killed before any transaction it loses nothing and reads only what was in flight again", arguments: 1...10)
    func resumes(seed: Int) {
        let site = site([223, 71])
        for kill in 0..<30 {
            var run = PaperRun(site: site, random: SplitMix(state: UInt64(seed &* 1_000 &+ kill)), stored: [])
            var finished = run.run(commitLimit: kill)
            if !finished { finished = run.run(commitLimit: .max) }
            #expect(finished)
            #expect(run.stored == Set(site.lanes.joined()))
            let again = run.fetches.values.reduce(0) { $0 + $1 - 1 }
            #expect(again <= SyncPlan.Limits().openUnits * site.unitSize)
            #expect(run.fetches.values.allSatisfy { $0 <= 2 })
        }
    }

    @Test("the mark of a delta does not pass a page that is not stored")
    func markWaits() {
        var plan = SyncPlan()
        _ = plan.handle(.begin)
        for phase in [SyncPhase.identify, .fields, .projects, .access] { _ = plan.handle(.completed(phase)) }
        var checkpoint = SyncCheckpoint()
        checkpoint.mark = Timestamp(milliseconds: 100)
        checkpoint.covered = ["7"]
        let lanes = [SyncPlan.Lane(.delta, projects: ["7"])]
        expect(&plan, .lanesChosen(lanes, checkpoint: checkpoint), [.list(lane: 0, after: nil)])
        let first = SyncPlan.Unit(lane: 0, page: 0, part: 0, issues: [IssueID(1)])
        let second = SyncPlan.Unit(lane: 0, page: 1, part: 0, issues: [IssueID(2)])
        var actions = plan.handle(.listed(lane: 0, parts: [[IssueID(1)]], next: "b"))
        #expect(actions == [.prepare(first), .list(lane: 0, after: "b")])
        actions = plan.handle(.listed(lane: 0, parts: [[IssueID(2)]], next: nil))
        #expect(actions == [.prepare(second)])
        expect(&plan, .prepared(second, newest: Timestamp(milliseconds: 300)), [])
        actions = plan.handle(.prepared(first, newest: Timestamp(milliseconds: 200)))
        guard case .commit(let units, let after)? = actions.first else {
            Testing.Issue.record("no commit: \(actions)")
            return
        }
        #expect(Set(units) == [first, second])
        #expect(after.mark == Timestamp(milliseconds: 300))
    }

    @Test("a project that is gone leaves the lane and is not counted as covered")
    func projectGone() {
        var plan = SyncPlan()
        _ = plan.handle(.begin)
        for phase in [SyncPhase.identify, .fields, .projects, .access] { _ = plan.handle(.completed(phase)) }
        var checkpoint = SyncCheckpoint()
        checkpoint.backfill = .init(
            started: Timestamp(milliseconds: 1), newest: nil, lanes: [.init(projects: ["1", "2"])])
        _ = plan.handle(.lanesChosen([.init(.backfill(0), projects: ["1", "2"])], checkpoint: checkpoint))
        expect(&plan, .projectsGone(lane: 0, projects: ["2"]), [.list(lane: 0, after: nil)])
        let actions = plan.handle(.listed(lane: 0, parts: [], next: nil))
        guard case .commit(_, let after)? = actions.first else {
            Testing.Issue.record("no commit")
            return
        }
        #expect(after.covered == ["1"])
    }

    @Test("a project that a delta has to leave out is covered no longer") func projectMissedByDelta() {
        var plan = SyncPlan()
        _ = plan.handle(.begin)
        for phase in [SyncPhase.identify, .fields, .projects, .access] { _ = plan.handle(.completed(phase)) }
        var checkpoint = SyncCheckpoint()
        checkpoint.covered = ["1", "2"]
        checkpoint.mark = Timestamp(milliseconds: 5)
        _ = plan.handle(.lanesChosen([.init(.delta, projects: ["1", "2"])], checkpoint: checkpoint))
        expect(&plan, .projectsGone(lane: 0, projects: ["2"]), [.list(lane: 0, after: nil)])
        let end = Timestamp(milliseconds: 9)
        guard case .commit(_, let after)? = plan.handle(.listed(lane: 0, parts: [], next: nil, asOf: end)).first else {
            Testing.Issue.record("no commit")
            return
        }
        #expect(after.covered == ["1"] && after.mark == end)
    }
}
