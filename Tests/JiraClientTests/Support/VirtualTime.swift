import IssueModel
import JiraClient
import Synchronization

/// Time that passes only when somebody sleeps, and then at once.
final class VirtualTime: Sendable {
    private let state = Mutex((elapsed: Duration.zero, sleeps: [Duration]()))
    private let start = Timestamp("2026-03-26T15:59:00Z") ?? Timestamp(milliseconds: 0)

    /// Every sleep so far.
    var sleeps: [Duration] { state.withLock { $0.sleeps } }
    var elapsed: Duration { state.withLock { $0.elapsed } }

    var source: TimeSource {
        TimeSource(
            elapsed: { self.elapsed },
            now: {
                let (seconds, attoseconds) = self.elapsed.components
                return Timestamp(
                    milliseconds: self.start.rawValue + seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
            },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock {
                    $0.elapsed += duration
                    $0.sleeps.append(duration)
                }
            })
    }
}
