import Glibc
public import SimulatedData
import Synchronization

/// Where a simulated site reads the time.
public struct SiteClock: Sendable {
    public var now: @Sendable () -> Milliseconds

    public init(now: @escaping @Sendable () -> Milliseconds) {
        self.now = now
    }

    /// The machine's own clock.
    public static let system = SiteClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Milliseconds(time.tv_sec) * 1_000 + Milliseconds(time.tv_nsec) / 1_000_000
    }
}

/// A clock that stands still until it is told to move.
public final class VirtualSiteClock: Sendable {
    private let time: Mutex<Milliseconds>

    public init(_ start: Milliseconds) {
        time = Mutex(start)
    }

    public var now: Milliseconds { time.withLock { $0 } }

    public func advance(by milliseconds: Milliseconds) {
        precondition(milliseconds >= 0, "time does not go back")
        time.withLock { $0 += milliseconds }
    }

    /// Sets the clock, also back: as when an administrator or a leap puts it right.
    public func step(to moment: Milliseconds) {
        time.withLock { $0 = moment }
    }

    public var clock: SiteClock { SiteClock { self.now } }
}
