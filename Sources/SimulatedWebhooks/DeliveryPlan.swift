public import SimulatedData

/// What becomes of webhook deliveries on their way; everything follows from the seed and the delivery's number.
public struct DeliveryPlan: Sendable, Hashable {
    public var seed: UInt64
    /// The share that never arrives, although Jira believes it did.
    public var lost = 0.0
    /// The share that arrives twice: as when Jira did not hear the answer.
    public var doubled = 0.0
    /// The share that arrives late, by ``lateDelay`` instead of ``delay``.
    public var late = 0.0
    /// From the change to the delivery, in milliseconds. Where ranges overlap deliveries change places.
    public var delay: ClosedRange<Milliseconds> = 200...2_000
    /// The same for what Jira calls the secondary flow: bulk changes and what a deletion takes along.
    public var secondaryDelay: ClosedRange<Milliseconds> = 1_000...900_000
    public var lateDelay: ClosedRange<Milliseconds> = 60_000...1_800_000
    /// Before each further attempt.
    public var retryDelay: ClosedRange<Milliseconds> = 300_000...900_000
    /// Attempts after the first that fails, on Cloud; Data Center makes none.
    public var retries = 5
    /// How long a receiver may take to answer.
    public var timeout: Duration = .seconds(20)
    /// Deliveries waiting at most; what comes on top is dropped, as Data Center drops it.
    public var queueLimit = 200_000

    public init(seed: UInt64 = 1) {
        self.seed = seed
    }

    /// Nothing is lost and everything is there at once, in order.
    public static var prompt: DeliveryPlan {
        var plan = DeliveryPlan()
        (plan.delay, plan.secondaryDelay, plan.lateDelay) = (0...0, 0...0, 0...0)
        return plan
    }

    /// One in five is lost, one in five comes twice, and all are shuffled within a minute.
    public static func storm(seed: UInt64) -> DeliveryPlan {
        var plan = DeliveryPlan(seed: seed)
        (plan.lost, plan.doubled) = (0.2, 0.2)
        (plan.delay, plan.secondaryDelay) = (0...60_000, 0...60_000)
        return plan
    }

    /// When each arrival of one delivery is due, measured from the event; empty when it is lost.
    func arrivals(_ number: Int, isSecondary: Bool) -> [Milliseconds] {
        var random = SeededRandom(seed: seed, stream: 130, item: number)
        guard !random.chance(lost) else { return [] }
        let range = random.chance(late) ? lateDelay : isSecondary ? secondaryDelay : delay
        let count = random.chance(doubled) ? 2 : 1
        return (0..<count).map { _ in draw(range, &random) }
    }

    func retryDelay(_ number: Int, attempt: Int) -> Milliseconds {
        var random = SeededRandom(seed: seed, stream: 131, item: number * 8 + attempt)
        return draw(retryDelay, &random)
    }

    private func draw(_ range: ClosedRange<Milliseconds>, _ random: inout SeededRandom) -> Milliseconds {
        range.lowerBound + Milliseconds(random.below(Int(range.upperBound - range.lowerBound) + 1))
    }
}
