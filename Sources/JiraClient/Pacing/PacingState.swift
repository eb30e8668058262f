/// Decides when a request may start. Pure: time comes in as a parameter, so it can be tested on paper.
///
/// Each endpoint has a lane whose width grows by one for each full round of good answers and halves when Jira pushes
/// back (additive increase, multiplicative decrease, as TCP does it: RFC 5681 §3.1).
struct PacingState: Sendable {
    private let options: PacingOptions
    private var lanes: [Endpoint: Lane] = [:]
    /// Nothing starts before.
    private(set) var pausedUntil: Duration = .zero
    /// Data Center's token bucket: at least this between two starts, whichever the endpoint.
    private var spacing: Duration?
    private var nextStart: Duration = .zero

    private struct Lane {
        var width: Double
        var inFlight = 0
        /// Whether requests had to wait for room: only a lane that is used up may grow.
        var isShort = false
        var blockedUntil: Duration = .zero
        /// Requests started before the last narrowing say nothing new.
        var narrowedAt: Duration = .seconds(-1)
    }

    enum Admission: Hashable, Sendable {
        case start
        case wait(until: Duration)
        /// Until a request of the lane ends.
        case laneFull
    }

    init(_ options: PacingOptions) {
        self.options = options
    }

    /// Asks to start a request; `.start` counts it as begun.
    mutating func admit(_ endpoint: Endpoint, now: Duration) -> Admission {
        var lane = self.lane(endpoint)
        let earliest = max(pausedUntil, lane.blockedUntil)
        if earliest > now { return .wait(until: earliest) }
        guard lane.inFlight < max(1, Int(lane.width)) else {
            lanes[endpoint, default: lane].isShort = true
            return .laneFull
        }
        if let spacing {
            if nextStart > now { return .wait(until: nextStart) }
            nextStart = now + spacing
        }
        lane.inFlight += 1
        lanes[endpoint] = lane
        return .start
    }

    /// Takes note of how a request ended.
    ///
    /// - Parameter backoff: How long to hold the lane where Jira does not say.
    mutating func finish(
        _ endpoint: Endpoint, startedAt: Duration, signal: RateSignal?, backoff: Duration, now: Duration
    ) {
        var lane = self.lane(endpoint)
        lane.inFlight = max(0, lane.inFlight - 1)
        if let signal { spacing = signal.spacing }
        switch signal?.verdict {
        case nil: break
        case .fine?:
            if lane.isShort { lane.width = min(lane.width + 1 / lane.width, Double(options.maximumConcurrency)) }
            if lane.inFlight == 0 { lane.isShort = false }
        case .nearLimit?: narrow(&lane, startedAt, now)
        case .burst(let wait)?:
            narrow(&lane, startedAt, now)
            lane.blockedUntil = max(lane.blockedUntil, now + max(wait ?? backoff, .milliseconds(1)))
        case .quota(let wait)?: pausedUntil = max(pausedUntil, now + (wait ?? backoff))
        case .overloaded(let wait)?:
            narrow(&lane, startedAt, now)
            if let wait { lane.blockedUntil = max(lane.blockedUntil, now + wait) }
        case .blocked?: break
        }
        lanes[endpoint] = lane
    }

    /// How many more requests of the endpoint could start.
    func room(_ endpoint: Endpoint) -> Int {
        let lane = lane(endpoint)
        return max(0, max(1, Int(lane.width)) - lane.inFlight)
    }

    /// The lane's width, for metrics and tests.
    func width(_ endpoint: Endpoint) -> Double { lane(endpoint).width }

    private func lane(_ endpoint: Endpoint) -> Lane {
        lanes[endpoint] ?? Lane(width: Double(min(options.initialConcurrency, options.maximumConcurrency)))
    }

    private func narrow(_ lane: inout Lane, _ startedAt: Duration, _ now: Duration) {
        guard startedAt > lane.narrowedAt else { return }
        lane.width = max(1, lane.width / 2)
        lane.narrowedAt = now
    }
}
