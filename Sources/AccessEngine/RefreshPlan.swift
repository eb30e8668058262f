public import IssueModel
public import Store

/// Decides which access facts to read again now: what is known with its age in, what to read out. No clock, no network.
///
/// Every fact has a period within which it must be read again. Where all facts fit the budget of one refresh, all are
/// read each time; otherwise they are taken in turn, oldest first, so many at a time that each comes round within its
/// period, and none is left to grow older than that for the sake of the budget.
public struct AccessRefreshPlan: Hashable, Sendable {
    /// One fact that can be read by itself.
    public struct Item: Hashable, Sendable {
        public var fact: AccessFact
        /// Requests that reading it takes, as far as that can be foreseen.
        public var requests: Int
        /// When it was last read; `nil` is never.
        public var verified: Timestamp?
        public var urgency: Urgency

        public init(
            _ fact: AccessFact, requests: Int = 1, verified: Timestamp? = nil, urgency: Urgency = .membership
        ) {
            self.fact = fact
            self.requests = requests
            self.verified = verified
            self.urgency = urgency
        }
    }

    /// How soon a fact must be read again.
    public enum Urgency: Hashable, Sendable {
        /// Now: something says that it changed, or a rule names it that did not before.
        case now
        /// Within half the lease, and each time where that fits the budget: nothing tells of its changes.
        case membership
        /// Within ``Pace/slowPeriod``, and each time where everything together fits the budget: its changes are told by
        /// something that is read each time, or it decides little.
        case slow
    }

    /// How much is read how often.
    public struct Pace: Hashable, Sendable {
        /// From one refresh to the next, in seconds.
        public var refresh: Int64
        /// How long a fact holds without being read again, in seconds.
        public var lease: Int64
        /// Requests of one refresh beyond the site-wide ones.
        public var budget: Int
        /// For facts whose changes are told otherwise, in seconds. Defaults to six hours.
        public var slowPeriod: Int64

        public init(refresh: Int64 = 300, lease: Int64 = 3_600, budget: Int = 100, slowPeriod: Int64 = 21_600) {
            self.refresh = max(1, refresh)
            self.lease = max(1, lease)
            self.budget = max(1, budget)
            self.slowPeriod = max(1, slowPeriod)
        }

        /// A source's own pace.
        public init(_ options: AccessOptions) {
            self.init(refresh: Int64(options.refresh), lease: Int64(options.lease))
        }

        /// Half the lease, so that one failed turn does not end it; never less than the way to the next refresh.
        public var membershipPeriod: Int64 { max(lease / 2, min(refresh, lease)) }

        /// Whether facts that the audit log vouches for stay within the lease although it tells of changes late.
        var reliesOnLog: Bool { membershipPeriod >= AuditTrail.lateness / 1_000 + refresh }

        func period(_ urgency: Urgency) -> Int64 {
            urgency == .slow ? max(slowPeriod, membershipPeriod) : membershipPeriod
        }
    }

    /// What to read, most urgent first.
    public let reads: [AccessFact]
    /// Requests that this takes, as far as they can be foreseen.
    public let requests: Int
    /// Whether the facts of this source need more requests than the budget allows for them to stay fresh; they are read
    /// all the same.
    public let exceedsBudget: Bool

    public init(_ items: [Item], pace: Pace, now: Timestamp) {
        var chosen: [Item] = []
        var exceeds = false
        // Reading is better than being told: what others vouch for is read as well while it costs little.
        let fits = items.reduce(0) { $0 + $1.requests } <= pace.budget
        let urgent = items.filter { $0.urgency == .now || $0.verified == nil }
        chosen += urgent.sorted(by: Self.isBefore)
        for urgency in [Urgency.membership, .slow] {
            let waiting = items.filter { $0.urgency == urgency && $0.verified != nil }.sorted(by: Self.isBefore)
            let turn = fits ? (waiting, false) : Self.turn(of: waiting, urgency, pace, now)
            chosen += turn.0
            exceeds = exceeds || turn.1
        }
        reads = chosen.map(\.fact)
        requests = chosen.reduce(0) { $0 + $1.requests }
        exceedsBudget = exceeds
    }

    private static func turn(
        of items: [Item], _ urgency: Urgency, _ pace: Pace, _ now: Timestamp
    ) -> ([Item], Bool) {
        let total = items.reduce(0) { $0 + $1.requests }
        if urgency == .membership, total <= pace.budget { return (items, false) }
        let period = pace.period(urgency)
        // A slow fact gains nothing from being read several times a period where there are few of them.
        let youngest = urgency == .slow ? period / 4 : 0
        let turns = max(1, (period - youngest) / pace.refresh)
        let share = (total + Int(turns) - 1) / Int(turns)
        // One that takes more than its turn's share, such as the group of everybody, comes round once in its period.
        let large = items.filter { $0.requests > share }
        guard large.isEmpty else {
            let rest = turn(of: items.filter { $0.requests <= share }, urgency, pace, now)
            return (turn(ofLarge: large, period, pace, now) + rest.0, share > pace.budget)
        }
        var spent = 0
        let taken = items.filter { item in
            guard isDue(item, period, pace, now) || (spent < share && age(item, now) >= youngest) else { return false }
            spent += item.requests
            return true
        }
        return (taken, share > pace.budget)
    }

    /// Those that are due, and one ahead of its time where there are several, so that they do not stay due at once.
    private static func turn(ofLarge items: [Item], _ period: Int64, _ pace: Pace, _ now: Timestamp) -> [Item] {
        let due = items.filter { isDue($0, period, pace, now) }
        guard due.isEmpty, items.count > 1 else { return due }
        return Array(items.filter { age($0, now) >= period * 3 / 4 }.prefix(1))
    }

    /// In seconds.
    private static func age(_ item: Item, _ now: Timestamp) -> Int64 {
        (now.rawValue - (item.verified?.rawValue ?? 0)) / 1_000
    }

    /// Whether it would be too old by the time of the next refresh.
    private static func isDue(_ item: Item, _ period: Int64, _ pace: Pace, _ now: Timestamp) -> Bool {
        let age = age(item, now)
        return age + pace.refresh > period || age < 0
    }

    private static func isBefore(_ left: Item, _ right: Item) -> Bool {
        let (a, b) = (left.verified?.rawValue ?? .min, right.verified?.rawValue ?? .min)
        return a == b ? left.fact < right.fact : a < b
    }
}
