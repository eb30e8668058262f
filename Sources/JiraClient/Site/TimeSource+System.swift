import FoundationEssentials
import IssueModel

extension TimeSource {
    /// The machine's own clocks.
    public static var system: TimeSource {
        let clock = ContinuousClock()
        let origin = clock.now
        return TimeSource(
            elapsed: { origin.duration(to: clock.now) },
            now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
            sleep: { try await clock.sleep(for: $0) })
    }
}
