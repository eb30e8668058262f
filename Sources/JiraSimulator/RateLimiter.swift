import HTTPMessages
import SimulatedData
import SimulatedSite
import Synchronization
import WebServer

/// Token buckets: on Cloud one for each endpoint, shared by all callers; on Data Center one for each person.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        /// Seconds.
        var filled: Double
    }

    private let limit: SimulatorConfiguration.RateLimit?
    private let buckets = Mutex<[String: Bucket]>([:])

    private let now: @Sendable () -> Double

    /// - Parameter clock: Refills the buckets; nil for real time.
    init(_ limit: SimulatorConfiguration.RateLimit?, clock: SiteClock?) {
        self.limit = limit
        let start = ContinuousClock.now
        now = { clock.map { Double($0.now()) / 1_000 } ?? (ContinuousClock.now - start) / .seconds(1) }
    }

    var fillRate: Int { Int(limit?.perSecond ?? 5) }

    /// Takes a token from the bucket `route`; the refusal when there is none.
    func refusal(for route: String, isCloud: Bool) -> Refusal? {
        guard let limit else { return nil }
        let now = now()
        let missing: Double = buckets.withLock { buckets in
            var bucket = buckets[route] ?? Bucket(tokens: limit.burst, filled: now)
            // A clock that is set back refills nothing.
            bucket.tokens = min(limit.burst, bucket.tokens + max(0, now - bucket.filled) * limit.perSecond)
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
        if isCloud {
            refusal.response.headers["RateLimit-Reason"] = Fault.RateLimitReason.burst.rawValue
        } else {
            refusal.response.headers["X-RateLimit-FillRate"] = String(fillRate)
            refusal.response.headers["X-RateLimit-Interval-Seconds"] = "1"
        }
        return refusal
    }

    /// The size of the bucket and what is left in it.
    func remaining(_ route: String) -> (limit: Int, left: Int) {
        guard let limit else { return (100, 99) }
        let left = buckets.withLock { $0[route]?.tokens ?? limit.burst }
        return (Int(limit.burst), max(0, Int(left)))
    }
}

/// The points an OAuth app may spend in an hour of the site's clock: one a request and one for each thing it returns, two where
/// the thing is a person, a group or a permission.
final class PointsQuota: Sendable {
    /// How many things an answer holds; taken off before it leaves.
    static let header = "X-Simulated-Objects"

    private struct Spent {
        var hour: Milliseconds = 0
        var points = 0
    }

    private let limit: Int?
    private let spent = Mutex(Spent())

    init(_ limit: Int?) {
        self.limit = limit
    }

    /// Seconds until the next hour where nothing is left; nil where there is.
    func wait(at now: Milliseconds) -> Int? {
        guard let limit else { return nil }
        let isSpent = spent.withLock { $0.hour == now / 3_600_000 && $0.points >= limit }
        return isSpent ? Int((3_600_000 - now % 3_600_000 + 999) / 1_000) : nil
    }

    func take(_ response: WebResponse, for route: Route, at now: Milliseconds) {
        guard limit != nil else { return }
        let count = response.headers[Self.header].flatMap { Int($0) } ?? 1
        let price = route.scope == .user || route.scope == .configuration ? 2 : 1
        spent.withLock { spent in
            if spent.hour != now / 3_600_000 { spent = Spent(hour: now / 3_600_000) }
            spent.points += 1 + count * price
        }
    }

    /// Points spent in the hour that `now` is in.
    func points(at now: Milliseconds) -> Int { spent.withLock { $0.hour == now / 3_600_000 ? $0.points : 0 } }
}
