internal import Cryptography
internal import Database
internal import Store

/// Slows guessing down: after a few failures each further try has to wait twice as long as the one before.
///
/// Counted by client and address together, by client, and by address. The last waits a minute at most, so that nobody
/// can lock another person out; guessing at one address from many clients stays slow all the same. Kept in the database,
/// so that a restart forgets nothing; addresses and clients as digests. Whether an address is a member's plays no part.
enum SignInThrottle {
    /// Failures are forgotten so long after the last one, in milliseconds.
    static let memory: Int64 = 24 * 3_600_000
    /// Records kept at most.
    static let recordLimit = 100_000

    /// What one kind of counter allows.
    struct Policy: Hashable, Sendable {
        /// Failures without a wait.
        var free: Int
        /// The longest wait, in seconds.
        var longest: Int64
    }

    static let pair = Policy(free: 5, longest: 900)
    static let client = Policy(free: 20, longest: 3_600)
    static let address = Policy(free: 20, longest: 60)

    /// Counts a try as failed, before it is known: tries that go on at once are all counted. ``succeed(email:remote:in:)``
    /// takes it back.
    ///
    /// - Returns: Whether this try is the one from which on the client or the address has to wait.
    /// - Throws: ``SignInError`` with `throttled` where it comes too early. Such a try is not counted.
    static func begin(email: String, remote: String, in context: WriteContext) throws -> Bool {
        let now = try SteadyTime.note(in: context).steady
        let subjects = subjects(email: email, remote: remote)
        var waits: Int64 = 0
        for (subject, _) in subjects {
            let free = try context.connection.first("SELECT free FROM sign_in_throttle WHERE subject = ?", subject) {
                $0.int64(0)
            }
            waits = max(waits, (free ?? now) - now)
        }
        guard waits <= 0 else {
            let seconds = Int((waits + 999) / 1_000)
            throw SignInError(.throttled, "Too many attempts. Try again in \(seconds) seconds.", retryAfter: seconds)
        }
        var isSlowed = false
        for (subject, policy) in subjects {
            let failures = try count(subject, policy, now, context)
            if policy != pair, failures == policy.free { isSlowed = true }
        }
        return isSlowed
    }

    /// Forgets the failures of this address at this client and of the address. The client's own count stays but for the
    /// try that succeeded: else whoever has one account could guess at others without end.
    static func succeed(email: String, remote: String, in context: WriteContext) throws {
        let subjects = subjects(email: email, remote: remote)
        for (subject, policy) in subjects {
            if policy == client {
                try context.connection.execute(
                    "UPDATE sign_in_throttle SET failures = failures - 1, free = last WHERE subject = ?", subject)
            } else {
                try context.connection.execute("DELETE FROM sign_in_throttle WHERE subject = ?", subject)
            }
        }
    }

    /// Forgets what is too old to count, and the oldest where there is too much.
    static func sweep(in context: WriteContext) throws {
        let now = try SteadyTime.note(in: context).steady
        try context.connection.execute("DELETE FROM sign_in_throttle WHERE last < ?", now - memory)
        try context.connection.execute(
            """
            DELETE FROM sign_in_throttle WHERE subject IN (
                SELECT subject FROM sign_in_throttle ORDER BY last DESC LIMIT -1 OFFSET ?)
            """, recordLimit)
    }

    /// The wait after so many failures, in seconds: 1, 2, 4 … from the first that is not free.
    static func wait(after failures: Int, _ policy: Policy) -> Int64 {
        let step = failures - policy.free
        guard step >= 0 else { return 0 }
        return min(policy.longest, 1 << Int64(min(step, 40)))
    }

    private static func count(
        _ subject: [UInt8], _ policy: Policy, _ now: Int64, _ context: WriteContext
    ) throws -> Int {
        let known = try context.connection.first(
            "SELECT failures FROM sign_in_throttle WHERE subject = ? AND last >= ?", subject, now - memory
        ) { $0.int(0) }
        let failures = (known ?? 0) + 1
        try context.connection.execute(
            """
            INSERT INTO sign_in_throttle (subject, failures, last, free) VALUES (?, ?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last = excluded.last, free = excluded.free
            """, subject, failures, now, now + wait(after: failures, policy) * 1_000)
        return failures
    }

    private static func subjects(email: String, remote: String) -> [(subject: [UInt8], policy: Policy)] {
        let (email, client) = (email.lowercased(), client(remote))
        func digest(_ text: String) -> [UInt8] { Digest.sha256(Array(text.utf8)) }
        return [
            (digest("pair \(client) \(email)"), pair), (digest("client \(client)"), Self.client),
            (digest("address \(email)"), address),
        ]
    }

    /// An IPv6 client is its network of 64 bits: it may take any address in it.
    static func client(_ remote: String) -> String {
        guard remote.contains(":"), !remote.lowercased().hasPrefix("::ffff:") else { return remote }
        let halves = remote.split(separator: "%").first?.firstRange(of: "::")
        guard let halves else { return remote.split(separator: ":").prefix(4).joined(separator: ":") }
        let head = remote[..<halves.lowerBound].split(separator: ":")
        let tail = remote[halves.upperBound...].split(separator: ":")
        let zeros = Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count))
        return (head + zeros + tail).prefix(4).joined(separator: ":")
    }
}
