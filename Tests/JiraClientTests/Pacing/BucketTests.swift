import IssueModel
import Pacing
import Testing

@testable import JiraClient

/// The pace against a token bucket, as Jira keeps one for each endpoint.
@Suite("The pace against Jira's bucket") struct BucketTests {
    /// Jira's side: tokens that come back, and refusals that name whole seconds.
    struct Bucket {
        var perSecond: Double
        var size: Double
        var tokens: Double
        var at = 0.0
        /// Refuses everything until then, as an hour's used-up quota does.
        var closedUntil = 0.0

        init(_ perSecond: Double, _ size: Double) { (self.perSecond, self.size, tokens) = (perSecond, size, size) }

        mutating func take(at now: Double) -> Bool {
            tokens = min(size, tokens + (now - at) * perSecond)
            at = now
            guard now >= closedUntil, tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }

    struct Outcome { var passed = 0; var refused = 0 }

    /// Presses as hard as the pace allows from `from` to `to`, in steps of a millisecond.
    static func press(
        _ state: inout PacingState<Endpoint>, _ bucket: inout Bucket, from: Int, to: Int, latency: Int
    ) -> Outcome {
        let endpoint = Endpoint(method: "GET", path: "/rest/api/3/issue/{}")
        var flying: [(started: Int, ends: Int, verdict: RateSignal.Verdict)] = []
        var outcome = Outcome()
        var next = from
        for now in from..<to {
            // Nothing happens before.
            guard now >= next || flying.contains(where: { $0.ends == now }) else { continue }
            for request in flying where request.ends == now {
                state.finish(
                    endpoint, startedAt: .milliseconds(request.started), signal: RateSignal(verdict: request.verdict),
                    backoff: .seconds(2), now: .milliseconds(now))
            }
            flying.removeAll { $0.ends == now }
            while true {
                let admission = state.admit(endpoint, now: .milliseconds(now))
                if case .wait(let until) = admission { next = Int((until / .milliseconds(1)).rounded(.up)) }
                if case .laneFull = admission { next = to }
                guard admission == .start else { break }
                let passes = bucket.take(at: Double(now) / 1_000)
                if passes { outcome.passed += 1 } else { outcome.refused += 1 }
                let closed = bucket.closedUntil - Double(now) / 1_000
                let verdict: RateSignal.Verdict =
                    passes ? .fine : closed > 0 ? .quota(wait: .seconds(closed)) : .burst(wait: .seconds(1))
                flying.append((now, now + latency, verdict))
            }
        }
        for request in flying {
            state.finish(
                endpoint, startedAt: .milliseconds(request.started), signal: RateSignal(verdict: request.verdict),
                backoff: .seconds(2), now: .milliseconds(to))
        }
        return outcome
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let perSecond: Double
        let size: Double
        let latency: Int
        var testDescription: String { "\(Int(perSecond))/s, bucket \(Int(size)), \(latency) ms" }
    }

    static let cases = [
        Case(perSecond: 100, size: 100, latency: 100), Case(perSecond: 100, size: 10, latency: 50),
        Case(perSecond: 50, size: 50, latency: 200), Case(perSecond: 50, size: 5, latency: 20),
        Case(perSecond: 20, size: 100, latency: 80), Case(perSecond: 10, size: 10, latency: 30),
        Case(perSecond: 150, size: 300, latency: 150), Case(perSecond: 5, size: 5, latency: 300),
    ]

    @Test("gets four fifths of what is allowed, and is refused rarely", arguments: cases)
    func settles(_ test: Case) {
        var state = PacingState<Endpoint>(PacingOptions().limits)
        var bucket = Bucket(test.perSecond, test.size)
        _ = Self.press(&state, &bucket, from: 1, to: 60_000, latency: test.latency)
        let outcome = Self.press(&state, &bucket, from: 60_000, to: 160_000, latency: test.latency)
        let share = Double(outcome.passed) / (100 * test.perSecond)
        let refusals = Double(outcome.refused) / Double(outcome.passed)
        #expect(share >= 0.8, "\(share)")
        #expect(refusals <= 0.03 || outcome.refused <= 20, "\(outcome)")
    }

    @Test("climbs to what the site can do where Jira never says no") func climbs() {
        var state = PacingState<Endpoint>(PacingOptions().limits)
        var bucket = Bucket(1_000_000, 1_000_000)
        let outcome = Self.press(&state, &bucket, from: 1, to: 30_000, latency: 100)
        #expect(outcome.passed > 8_000 && outcome.refused == 0, "\(outcome)")
    }

    @Test("is back at the same pace after an hour's quota was used up") func quota() {
        var state = PacingState<Endpoint>(PacingOptions().limits)
        var bucket = Bucket(100, 100)
        let before = Self.press(&state, &bucket, from: 1, to: 60_000, latency: 100)
        bucket.closedUntil = 660
        let closed = Self.press(&state, &bucket, from: 60_000, to: 660_000, latency: 100)
        #expect(closed.passed == 0 && closed.refused <= 32, "only what was under way: \(closed)")
        let after = Self.press(&state, &bucket, from: 660_000, to: 720_000, latency: 100)
        #expect(Double(after.passed) >= 0.9 * Double(before.passed), "\(before) \(after)")
    }

    @Test("finds a wider limit again within minutes") func recovers() {
        var state = PacingState<Endpoint>(PacingOptions().limits)
        var bucket = Bucket(10, 10)
        _ = Self.press(&state, &bucket, from: 1, to: 120_000, latency: 50)
        (bucket.perSecond, bucket.size) = (100, 100)
        _ = Self.press(&state, &bucket, from: 120_000, to: 300_000, latency: 50)
        let outcome = Self.press(&state, &bucket, from: 300_000, to: 360_000, latency: 50)
        #expect(outcome.passed >= 4_800, "\(outcome)")
    }

    @Test("keeps to its share of the budget", arguments: [0.5, 0.25, 0.05])
    func share(_ share: Double) {
        var options = PacingOptions()
        options.budgetShare = share
        var state = PacingState<Endpoint>(options.limits)
        var bucket = Bucket(1_000_000, 1_000_000)
        let outcome = Self.press(&state, &bucket, from: 1, to: 60_000, latency: 20)
        #expect(Double(outcome.passed) <= 60 * 100 * share * 1.05, "\(outcome)")
        #expect(Double(outcome.passed) >= 60 * 100 * share * 0.7, "\(outcome)")
    }

    @Test("keeps to its share of Data Center's bucket and of Cloud's window") func shareOfHeaders() {
        let endpoint = Endpoint(method: "GET", path: "/rest/api/2/search")
        var options = PacingOptions()
        options.budgetShare = 0.5
        var state = PacingState<Endpoint>(options.limits)
        #expect(state.admit(endpoint, now: .seconds(1)) == .start)
        let bucket = RateSignal.Budget(limit: 70, remaining: 69, refill: .milliseconds(200))
        state.finish(
            endpoint, startedAt: .seconds(1), signal: RateSignal(verdict: .fine, budget: bucket), backoff: .zero,
            now: .seconds(1))
        #expect(state.spacing == .milliseconds(400))
        let window = RateSignal.Budget(limit: 65_000, remaining: 32_000, resets: .seconds(600))
        state.finish(
            endpoint, startedAt: .seconds(1), signal: RateSignal(verdict: .fine, budget: window), backoff: .zero,
            now: .seconds(1))
        #expect(state.admit(endpoint, now: .seconds(2)) == .wait(until: .seconds(601)))
        #expect(state.budget?.budget == window)
    }
}
