import SimulatedData
import Synchronization

/// A whole Jira site in memory, made from a seed.
///
/// Any number of threads may read: ``current()`` hands out an immutable picture of the site. Changes go one at a time
/// through ``change(_:)``; a picture taken before a change does not see it.
public final class SimulatedSite: Sendable {
    public let configuration: SiteConfiguration
    public let clock: SiteClock
    /// People and issues every site has, for demonstrations.
    public let tour: Tour
    private let shared: Mutex<Shared>

    private struct Shared {
        var state: SiteState
        /// Pictures search may still have to show, oldest first, each with when the next one replaced it.
        var superseded: [(state: SiteState, until: Milliseconds)] = []
        var answers: [AnyHashable: any Sendable] = [:]
    }

    /// Makes the site. 200,000 issues take about a second in a release build.
    ///
    /// - Parameter clock: The site's time; by default it stands at `configuration.now`.
    public init(_ configuration: SiteConfiguration, clock: SiteClock? = nil) {
        self.configuration = configuration
        let now = configuration.now
        self.clock = clock ?? SiteClock { now }
        let state = configuration.maker?(configuration) ?? SiteBuilder.build(configuration)
        tour = Tour(state)
        shared = Mutex(Shared(state: state))
    }

    /// The site as it is now.
    public func current() -> SiteState {
        shared.withLock { $0.state }
    }

    /// The site as its search index knows it: behind by `configuration.indexLag`.
    public func indexed() -> SiteState {
        guard configuration.indexLag > 0 else { return current() }
        let horizon = clock.now() - configuration.indexLag
        return shared.withLock { shared in
            shared.superseded.removeAll { $0.until <= horizon }
            return shared.superseded.first?.state ?? shared.state
        }
    }

    /// Makes one change; see the `mutating` methods of ``SiteState``.
    public func change<Result>(_ body: (inout SiteState) throws -> Result) rethrows -> Result {
        let now = clock.now()
        return try shared.withLock { shared in
            var state = shared.state
            state.moment = now
            let result = try body(&state)
            state.version += 1
            if configuration.indexLag > 0 {
                shared.superseded.append((shared.state, now))
                if shared.superseded.count > 10_000 { shared.superseded.removeFirst() }
            }
            shared.state = state
            return result
        }
    }

    /// What `make` gives for that question, remembered for whoever asks again.
    package func remembered<Question: Hashable & Sendable, Answer: Sendable>(
        _ question: Question, _ make: () -> Answer
    ) -> Answer {
        if let known = shared.withLock({ $0.answers[AnyHashable(question)] as? Answer }) { return known }
        let answer = make()
        shared.withLock { shared in
            if shared.answers.count > 64 { shared.answers = [:] }
            shared.answers[AnyHashable(question)] = answer
        }
        return answer
    }
}
