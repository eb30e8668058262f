public import SimulatedData
public import SimulatedSite
import Synchronization

/// Time that stands still while anything can run, and then jumps to when the next sleeper wakes.
public final class VirtualClock: Sendable {
    private struct Sleeper {
        var deadline: Milliseconds
        var order: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Milliseconds
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var next = 0
    }

    private let state: Mutex<State>
    private let start: Milliseconds

    /// - Parameter start: The calendar's time at the beginning, in milliseconds since 1970.
    public init(startingAt start: Milliseconds) {
        self.start = start
        state = Mutex(State(now: start))
    }

    /// The calendar's time.
    public var now: Milliseconds { state.withLock { $0.now } }

    /// Since the beginning.
    public var elapsed: Duration { .milliseconds(now - start) }

    /// How the simulated site reads the time.
    public var siteClock: SiteClock { SiteClock { self.now } }

    /// Returns once so much time has passed, rounded up to a millisecond.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        let parts = duration.components
        let wait = max(0, parts.seconds * 1_000 + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        let order = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(order) != nil { return true }
                    state.sleepers.append(
                        Sleeper(deadline: state.now + wait, order: order, continuation: continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper: Sleeper? = state.withLock { state in
                guard let index = state.sleepers.firstIndex(where: { $0.order == order }) else {
                    state.cancelled.insert(order)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Wakes whoever wakes first; the time becomes theirs.
    ///
    /// - Returns: Whether anybody slept.
    func wakeNext() -> Bool {
        let woken: Sleeper? = state.withLock { state in
            let first = state.sleepers.indices.min { left, right in
                let (left, right) = (state.sleepers[left], state.sleepers[right])
                return (left.deadline, left.order) < (right.deadline, right.order)
            }
            guard let first else { return nil }
            let sleeper = state.sleepers.remove(at: first)
            state.now = max(state.now, sleeper.deadline)
            return sleeper
        }
        woken?.continuation.resume()
        return woken != nil
    }
}
