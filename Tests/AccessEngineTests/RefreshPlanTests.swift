import AccessEngine
import IssueModel
import SiteConnection
import Testing

/// Which facts are read when, as values.
@Suite struct RefreshPlanTests {
    private let pace = AccessRefreshPlan.Pace(refresh: 300, lease: 3_600, budget: 100)
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000_000 + seconds * 1_000) }

    private func groups(_ count: Int, verified: Timestamp?, requests: Int = 1) -> [AccessRefreshPlan.Item] {
        (0..<count).map { .init(.group(GroupID("g\($0)")), requests: requests, verified: verified) }
    }

    @Test("everything is read each time where it fits the budget") func fits() {
        let plan = AccessRefreshPlan(groups(100, verified: at(0)), pace: pace, now: at(300))
        #expect(plan.reads.count == 100 && plan.requests == 100 && !plan.exceedsBudget)
    }

    @Test("what was never read is read at once, before all else and beyond the budget") func new() {
        let items = groups(300, verified: at(0)) + [.init(.group(GroupID("new"))), .init(.project(EntityID("1")))]
        let plan = AccessRefreshPlan(items, pace: pace, now: at(300))
        #expect(Set(plan.reads.prefix(2)) == [.group(GroupID("new")), .project(EntityID("1"))])
    }

    @Test("what something says has changed is read at once") func told() {
        var items = groups(300, verified: at(299))
        items[7].urgency = .now
        let plan = AccessRefreshPlan(items, pace: pace, now: at(300))
        #expect(plan.reads.first == .group(GroupID("g7")))
    }

    struct Load: CustomTestStringConvertible, Sendable {
        var count: Int
        var requests: Int
        var testDescription: String { "\(count)×\(requests)" }
    }

    /// Plays refreshes on a virtual clock and answers with the greatest age any fact reached and the busiest turn.
    private func play(
        _ items: [AccessRefreshPlan.Item], turns: Int, _ pace: AccessRefreshPlan.Pace
    ) -> (oldest: Int64, busiest: Int, reads: Int) {
        var items = items
        var (oldest, busiest, reads): (Int64, Int, Int) = (0, 0, 0)
        for turn in 1...turns {
            let now = at(Int64(turn) * pace.refresh)
            for item in items {
                oldest = max(oldest, (now.rawValue - (item.verified?.rawValue ?? now.rawValue)) / 1_000)
            }
            let plan = AccessRefreshPlan(items, pace: pace, now: now)
            let read = Set(plan.reads)
            for index in items.indices where read.contains(items[index].fact) { items[index].verified = now }
            busiest = max(busiest, plan.requests)
            reads += plan.reads.count
        }
        return (oldest, busiest, reads)
    }

    @Test(
        "beyond the budget all is read in turn, evenly, and nothing grows older than half the lease",
        arguments: [
            Load(count: 101, requests: 1), Load(count: 600, requests: 1), Load(count: 5_000, requests: 1),
            Load(count: 70, requests: 9),
        ])
    func spread(_ load: Load) {
        let result = play(groups(load.count, verified: at(0), requests: load.requests), turns: 48, pace)
        #expect(result.oldest <= 1_800)
        let even = load.count * load.requests / 6
        #expect(result.busiest <= even + load.requests + 1, "\(result)")
    }

    struct Giants: CustomTestStringConvertible, Sendable {
        /// Groups of 20,000 members: 400 pages each.
        var count: Int
        /// Groups beside them that take one request each.
        var others: Int
        var testDescription: String { "\(count) of 20,000 beside \(others)" }
    }

    @Test(
        "a group of 20,000 is read once in half a lease, not each time, and several not at once for ever",
        arguments: [
            Giants(count: 1, others: 0), Giants(count: 1, others: 60), Giants(count: 1, others: 1_670),
            Giants(count: 5, others: 60), Giants(count: 3, others: 600),
        ])
    func large(_ test: Giants) {
        var items = groups(test.others, verified: at(0))
        items += (0..<test.count).map { .init(.group(GroupID("all\($0)")), requests: 400, verified: at(0)) }
        var reads: [Int64: Int] = [:]
        var (requests, last): ([Int], [AccessFact: Int64]) = ([], [:])
        for turn in 1...96 {
            let now = at(Int64(turn) * pace.refresh)
            let plan = AccessRefreshPlan(items, pace: pace, now: now)
            let read = Set(plan.reads)
            for index in items.indices where read.contains(items[index].fact) {
                if items[index].requests == 400 {
                    let age = Int64(turn) - (last[items[index].fact] ?? 0)
                    reads[age, default: 0] += 1
                    last[items[index].fact] = Int64(turn)
                }
                items[index].verified = now
            }
            requests.append(plan.requests)
        }
        // Every sixth refresh, or the fifth where several take turns.
        #expect(Set(reads.keys).isSubset(of: test.count > 1 || test.others > 600 ? [4, 5, 6] : [6]), "\(reads)")
        let later = requests.suffix(48)
        let even = (test.count * 400 + test.others) / 6
        #expect((later.max() ?? 0) <= 400 + max(100, even) + 1, "\(requests)")
    }

    @Test("facts that others vouch for come round in their long period, a few at a time") func slow() {
        let items = (0..<500).map {
            AccessRefreshPlan.Item(
                .project(EntityID("\($0)")), requests: 3, verified: at(0), urgency: .slow)
        }
        let result = play(items, turns: 144, pace)
        #expect(result.oldest <= 21_600)
        #expect(result.busiest <= 30, "\(result)")
    }

    @Test("a few facts that others vouch for are not read all the time") func fewSlow() {
        let items =
            groups(200, verified: at(0)) + [
                .init(.groups, requests: 2, verified: at(0), urgency: .slow)
            ]
        let result = play(items, turns: 72, pace)
        let memberships = play(groups(200, verified: at(0)), turns: 72, pace)
        #expect(result.reads - memberships.reads <= 4)
    }

    @Test("a site that needs more than the budget is told of, and read all the same") func over() {
        let plan = AccessRefreshPlan(groups(5_000, verified: at(0)), pace: pace, now: at(300))
        #expect(plan.exceedsBudget)
        #expect(plan.reads.count >= 833)
    }

    @Test("a clock that was set back makes facts of the future due") func future() {
        let plan = AccessRefreshPlan(groups(300, verified: at(10_000)), pace: pace, now: at(300))
        #expect(plan.reads.count == 300)
    }

    @Test("equal states make equal plans, whatever the order they are given in", arguments: 1...20)
    func deterministic(seed: UInt64) {
        var random = Shuffler(state: seed)
        let items = (0..<400).map { number in
            AccessRefreshPlan.Item(
                .group(GroupID("g\(number)")), requests: 1 + number % 3, verified: at(Int64(number % 50) * 10))
        }
        let plan = AccessRefreshPlan(items, pace: pace, now: at(900))
        #expect(AccessRefreshPlan(items.shuffled(using: &random), pace: pace, now: at(900)) == plan)
    }

    @Test("every fact comes back from the words it is stored under") func words() {
        let facts: [AccessFact] = [
            .schemes, .levels, .licences, .accounts, .groups, .projects, .auditLog, .project(EntityID("10")),
            .roleNames(EntityID("10")), .group(GroupID("g")), .issueLevels(EntityID("10")),
        ]
        for fact in facts { #expect(AccessFact(kind: fact.kind, ref: fact.ref) == fact) }
        #expect(AccessFact(kind: "other", ref: "") == nil)
    }
}

struct Shuffler: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
