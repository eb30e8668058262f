internal import IssueModel
internal import Synchronization

/// How long a verified fact holds.
enum Lease {
    /// The first moment at which what was verified then holds no longer.
    static func end(_ verified: Timestamp, _ options: AccessOptions) -> Timestamp {
        Timestamp(milliseconds: verified.rawValue + Int64(options.lease) * 1_000)
    }

    /// Milliseconds a fact may be verified ahead of the clock, as clocks are set now and then.
    static let tolerance: Int64 = 60_000

    /// Whether it holds at `now`. A fact from the future was written by a clock that was wrong: its age is not known.
    static func holds(_ verified: Timestamp, until end: Timestamp, at now: Timestamp) -> Bool {
        now < end && verified.rawValue <= now.rawValue + tolerance
    }
}

/// Leases that were seen to have ended in this process. A clock that is set back does not revive them: only verifying
/// the fact again does.
final class EndedLeases: Sendable {
    enum Fact: Hashable {
        /// `project.id`.
        case project(Int64)
        /// `listing.id`.
        case listing(Int64)
    }

    private let ended = Mutex<[Fact: Timestamp]>([:])

    /// Facts remembered at a time, far more than any installation has.
    private static let limit = 1 << 20

    func note(_ fact: Fact, verified: Timestamp) {
        ended.withLock { ended in
            if ended.count >= Self.limit { ended.removeAll() }
            ended[fact] = verified
        }
    }

    func hasEnded(_ fact: Fact, verified: Timestamp) -> Bool { ended.withLock { $0[fact] == verified } }
}
