public import IssueModel

/// Time as the client sees it; a test gives its own.
public struct TimeSource: Sendable {
    /// Time that never jumps, since an arbitrary moment.
    public var elapsed: @Sendable () -> Duration
    /// The calendar's time.
    public var now: @Sendable () -> Timestamp
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        elapsed: @escaping @Sendable () -> Duration, now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.elapsed = elapsed
        self.now = now
        self.sleep = sleep
    }

    /// Uses `clock`, counting the calendar from `start`, the time it is now.
    public init<C: Clock<Duration>>(clock: C, startingAt start: Timestamp) {
        let origin = clock.now
        elapsed = { origin.duration(to: clock.now) }
        now = {
            Timestamp(milliseconds: start.rawValue + origin.duration(to: clock.now).milliseconds)
        }
        sleep = { try await clock.sleep(for: $0) }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    static func milliseconds(_ value: Double) -> Duration { .nanoseconds(Int64(value * 1_000_000)) }
}
