internal import IssueModel

/// When a webhook that was not taken up is sent again, and when that is given up.
public struct RetrySchedule: Hashable, Sendable {
    /// Seconds to the next attempt, after the first failure, the second and so on; the last holds from then on.
    public var waits: [Int64] = [10, 30, 120, 600, 1_800, 3_600]
    /// Days of failures only after which a subscription is disabled.
    public var patience: Int64 = 3

    public init() {}

    func next(after attempts: Int, at now: Timestamp) -> Timestamp {
        let wait = waits.isEmpty ? 60 : waits[min(max(0, attempts - 1), waits.count - 1)]
        return Timestamp(milliseconds: now.rawValue + wait * 1_000)
    }

    func isOver(since failing: Timestamp, at now: Timestamp) -> Bool {
        now.rawValue - failing.rawValue >= patience * 86_400_000
    }
}
