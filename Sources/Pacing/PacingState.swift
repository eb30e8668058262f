/// How hard a site may be pressed.
public struct PaceLimits: Hashable, Sendable {
    /// Requests of one endpoint in flight at the start, and at most.
    public var initial: Int
    public var maximum: Int
    /// The share of the site's budget that is used at most, above 0 and up to 1.
    public var share: Double
    /// What it is a share of where the site names no budget: requests a second of one endpoint.
    public var usualRate: Double

    public init(initial: Int, maximum: Int, share: Double = 1, usualRate: Double = 100) {
        (self.initial, self.maximum, self.share, self.usualRate) = (initial, maximum, share, usualRate)
    }
}

/// Decides when a request may start. Pure: time comes in as a parameter, so it can be tested on paper.
///
/// Each endpoint has a lane whose width grows by one for each full round of good answers and halves when Jira pushes
/// back (additive increase, multiplicative decrease, as TCP does it: RFC 5681 §3.1). Once Jira has said that requests come
/// too fast, the lane keeps a rate too: a little less than what was let through, raised step by step until Jira says no again.
public struct PacingState<Endpoint: Hashable & Sendable>: Sendable {
    private let limits: PaceLimits
    private var lanes: [Endpoint: Lane] = [:]
    /// Nothing starts before.
    public private(set) var pausedUntil: Duration = .zero
    /// Data Center's token bucket: at least this between two starts, whichever the endpoint.
    public private(set) var spacing: Duration?
    private var nextStart: Duration = .zero
    /// How much of the budget may be used, above 0 and up to 1.
    public var share: Double
    /// What Jira said last of what is left, and when.
    public private(set) var budget: (budget: RateSignal.Budget, at: Duration)?

    private struct Lane {
        var width: Double
        var inFlight = 0
        /// Whether requests had to wait for room: only a lane that is used up may grow.
        var isShort = false
        var blockedUntil: Duration = .zero
        /// Requests started before the last narrowing say nothing new.
        var narrowedAt: Duration = .seconds(-1)
        var rate = LaneRate()
    }

    public enum Admission: Hashable, Sendable {
        case start
        case wait(until: Duration)
        /// Until a request of the lane ends.
        case laneFull
    }

    public init(_ limits: PaceLimits) {
        self.limits = limits
        share = min(max(limits.share, 0.01), 1)
    }

    /// Asks to start a request; `.start` counts it as begun.
    public mutating func admit(_ endpoint: Endpoint, now: Duration) -> Admission {
        var lane = self.lane(endpoint)
        let earliest = max(pausedUntil, lane.blockedUntil)
        if earliest > now { return .wait(until: earliest) }
        guard lane.inFlight < most(lane) else {
            lanes[endpoint, default: lane].isShort = true
            return .laneFull
        }
        if spacing != nil, nextStart > now { return .wait(until: nextStart) }
        let usual = share < 1 ? share * limits.usualRate : nil
        if let until = lane.rate.start(at: now, noFasterThan: usual) { return .wait(until: until) }
        if spacing != nil { nextStart = now + (spacing ?? .zero) }
        lane.inFlight += 1
        lanes[endpoint] = lane
        return .start
    }

    /// Takes note of how a request ended.
    ///
    /// - Parameter backoff: How long to hold the lane where Jira does not say.
    public mutating func finish(
        _ endpoint: Endpoint, startedAt: Duration, signal: RateSignal?, backoff: Duration, now: Duration
    ) {
        var lane = self.lane(endpoint)
        lane.inFlight = max(0, lane.inFlight - 1)
        if let signal { follow(signal, now) }
        switch signal?.verdict {
        case nil: break
        case .fine?:
            if lane.isShort { lane.width = min(lane.width + 1 / lane.width, Double(limits.maximum)) }
            if lane.inFlight == 0 { lane.isShort = false }
            lane.rate.passed(now)
        case .nearLimit?: narrow(&lane, startedAt, now)
        case .burst(let wait)?:
            let end = now + max(wait ?? backoff, .milliseconds(1))
            if startedAt > lane.narrowedAt { lane.rate.refused(until: end) }
            narrow(&lane, startedAt, now)
            lane.blockedUntil = max(lane.blockedUntil, end)
        case .quota(let wait)?: pausedUntil = max(pausedUntil, now + (wait ?? backoff))
        case .overloaded(let wait)?:
            narrow(&lane, startedAt, now)
            if let wait { lane.blockedUntil = max(lane.blockedUntil, now + wait) }
        case .blocked?: break
        }
        lanes[endpoint] = lane
    }

    /// How many more requests of the endpoint could start.
    public func room(_ endpoint: Endpoint) -> Int {
        let lane = lane(endpoint)
        return max(0, most(lane) - lane.inFlight)
    }

    /// The lane's width, for metrics and tests.
    public func width(_ endpoint: Endpoint) -> Double { lane(endpoint).width }

    /// How one lane stands.
    public struct LaneStanding: Hashable, Sendable {
        public var endpoint: Endpoint
        /// Requests that may be in flight at once.
        public var width: Int
        public var inFlight: Int
        /// Requests a second, where Jira has said that they came too fast.
        public var perSecond: Double?
        /// Until requests go on, where Jira asked to wait.
        public var waits: Duration
    }

    /// How each lane stands, for those who watch.
    public func lanes(_ now: Duration) -> [LaneStanding] {
        lanes.map { endpoint, lane in
            LaneStanding(
                endpoint: endpoint, width: most(lane), inFlight: lane.inFlight,
                perSecond: lane.rate.perSecond, waits: max(.zero, lane.blockedUntil - now))
        }
    }

    private func most(_ lane: Lane) -> Int { max(1, Int(lane.width * share)) }

    /// Takes over what an answer says of the budget.
    private mutating func follow(_ signal: RateSignal, _ now: Duration) {
        spacing = signal.spacing
        guard let budget = signal.budget else { return }
        self.budget = (budget, now)
        guard share < 1 else { return }
        if let refill = budget.refill {
            spacing = refill / share
        } else if Double(budget.remaining) < Double(budget.limit) * (1 - share), let reset = budget.resets {
            // Our part of the window's budget is used up; the rest is left to others.
            pausedUntil = max(pausedUntil, now + min(reset, .seconds(3_600)))
        }
    }

    private func lane(_ endpoint: Endpoint) -> Lane {
        lanes[endpoint] ?? Lane(width: Double(min(limits.initial, limits.maximum)))
    }

    private func narrow(_ lane: inout Lane, _ startedAt: Duration, _ now: Duration) {
        guard startedAt > lane.narrowedAt else { return }
        lane.width = max(1, lane.width / 2)
        lane.narrowedAt = now
    }
}
