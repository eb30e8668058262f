public import SimulatedData
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
    private let observers = Mutex<[@Sendable (SiteChange) -> Void]>([])

    private struct Shared {
        var state: SiteState
        /// Pictures search may still have to show, oldest first, each with when the next one replaced it.
        var superseded: [(state: SiteState, until: Milliseconds)] = []
        var answers: [AnyHashable: any Sendable] = [:]
        var indexLags: [Milliseconds] = []
        var searches = 0
    }

    /// Makes the site. 200,000 issues take about a second in a release build.
    ///
    /// - Parameter clock: The site's time; by default it stands at `configuration.now`.
    public init(_ configuration: SiteConfiguration, clock: SiteClock? = nil) {
        self.configuration = configuration
        let now = configuration.now
        self.clock = clock ?? SiteClock { now }
        var state = configuration.maker?(configuration) ?? SiteBuilder.build(configuration)
        state.notesEvents = true
        tour = Tour(state)
        shared = Mutex(Shared(state: state, indexLags: configuration.indexLag > 0 ? [configuration.indexLag] : []))
    }

    /// The site as it is now.
    public func current() -> SiteState {
        shared.withLock { $0.state }
    }

    /// How far the search index is behind, by replica: an answer comes from any of them, so that what one search found the next
    /// may miss. Empty for an index that is never behind; at first `configuration.indexLag` alone.
    public var indexLags: [Milliseconds] {
        get { shared.withLock { $0.indexLags } }
        set {
            shared.withLock { shared in
                shared.indexLags = newValue.filter { $0 > 0 }.isEmpty ? [] : newValue
                if shared.indexLags.isEmpty { shared.superseded = [] }
            }
        }
    }

    /// The site as its search index knows it, as one of its replicas chosen by the seed.
    public func indexed() -> SiteState {
        let now = clock.now()
        return shared.withLock { shared in
            guard let most = shared.indexLags.max() else { return shared.state }
            shared.superseded.removeAll { $0.until <= now - most }
            shared.searches += 1
            var random = SeededRandom(seed: configuration.seed, stream: 120, item: shared.searches)
            let lag = shared.indexLags.count == 1 ? most : random.pick(shared.indexLags)
            return shared.superseded.first { $0.until > now - lag }?.state ?? shared.state
        }
    }

    /// Calls `observer` after each change, in the task that made it.
    public func observe(_ observer: @escaping @Sendable (SiteChange) -> Void) {
        observers.withLock { $0.append(observer) }
    }

    /// Makes one change; see the `mutating` methods of ``SiteState``.
    public func change<Result>(_ body: (inout SiteState) throws -> Result) rethrows -> Result {
        let now = clock.now()
        let (result, change) = try shared.withLock { shared in
            var state = shared.state
            state.moment = now
            state.events = []
            let result = try body(&state)
            state.version += 1
            if !shared.indexLags.isEmpty {
                shared.superseded.append((shared.state, now))
                if shared.superseded.count > 10_000 { shared.superseded.removeFirst() }
            }
            let change = SiteChange(before: shared.state, after: state)
            shared.state = state
            return (result, change)
        }
        // Outside the lock, so that an observer may look at the site.
        for observer in observers.withLock({ $0 }) { observer(change) }
        return result
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
