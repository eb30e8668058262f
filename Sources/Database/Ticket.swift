internal import CSQLite
internal import Synchronization

/// One piece of work's right to run, which a cancelled task takes back.
final class Ticket: Sendable {
    private enum State {
        case waiting
        /// The address of the connection's handle, for interrupting it.
        case running(UInt)
        case ended
        case cancelled
    }

    private let state = Mutex(State.waiting)

    /// - Returns: `false` when the work was cancelled before it began.
    func begin(_ connection: Connection) -> Bool {
        state.withLock { state in
            guard case .waiting = state else { return false }
            state = .running(UInt(bitPattern: connection.handle))
            return true
        }
    }

    func end() {
        state.withLock { state in
            if case .running = state { state = .ended }
        }
    }

    var isCancelled: Bool {
        state.withLock { state in
            if case .cancelled = state { true } else { false }
        }
    }

    /// Keeps waiting work from running and, where `interrupting`, stops work that runs.
    func cancel(interrupting: Bool) {
        state.withLock { state in
            switch state {
            case .waiting:
                state = .cancelled
            case .running(let address) where interrupting:
                // The connection is open: its work ends only through `end`, which waits for this lock.
                sqlite3_interrupt(OpaquePointer(bitPattern: address))
                state = .cancelled
            default:
                break
            }
        }
    }
}
