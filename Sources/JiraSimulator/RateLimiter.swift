import HTTPMessages
import Synchronization
import WebServer

/// A token bucket for each endpoint, shared by all callers, as Jira's burst limit is.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
    }

    private let limit: SimulatorConfiguration.RateLimit?
    private let buckets = Mutex<[String: Bucket]>([:])

    init(_ limit: SimulatorConfiguration.RateLimit?) {
        self.limit = limit
    }

    var fillRate: Int { Int(limit?.perSecond ?? 5) }

    /// Takes a token for `route`; the refusal when there is none.
    func refusal(for route: String, isCloud: Bool) -> Refusal? {
        guard let limit else { return nil }
        let now = ContinuousClock.now
        let missing: Double = buckets.withLock { buckets in
            var bucket = buckets[route] ?? Bucket(tokens: limit.burst, filled: now)
            let elapsed = (now - bucket.filled) / .seconds(1)
            bucket.tokens = min(limit.burst, bucket.tokens + elapsed * limit.perSecond)
            bucket.filled = now
            let missing = max(0, 1 - bucket.tokens)
            if missing == 0 { bucket.tokens -= 1 }
            buckets[route] = bucket
            return missing
        }
        guard missing > 0 else { return nil }
        var refusal = Refusal(429, "Rate limit exceeded.")
        let wait = String(max(1, Int((missing / limit.perSecond).rounded(.up))))
        refusal.response.headers["Retry-After"] = wait
        refusal.response.headers["X-RateLimit-Limit"] = String(Int(limit.burst))
        refusal.response.headers["X-RateLimit-Remaining"] = "0"
        if isCloud { refusal.response.headers["RateLimit-Reason"] = Fault.RateLimitReason.burst.rawValue }
        return refusal
    }

    /// The size of the bucket and what is left in it.
    func remaining(_ route: String) -> (limit: Int, left: Int) {
        guard let limit else { return (100, 99) }
        let left = buckets.withLock { $0[route]?.tokens ?? limit.burst }
        return (Int(limit.burst), max(0, Int(left)))
    }
}
