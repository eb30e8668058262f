public import HTTPMessages
public import IssueModel

/// What an answer's headers say about our pace.
public struct RateSignal: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        case fine
        /// Jira's warning that less than a fifth of the budget is left.
        case nearLimit
        /// Too many requests of this kind: slow this endpoint.
        case burst(wait: Duration?)
        /// The budget of the hour is used up: stop everything until it is renewed.
        case quota(wait: Duration?)
        /// The administrators allow this account nothing.
        case blocked
        /// The server fails; `wait` if it says for how long.
        case overloaded(wait: Duration?)
    }

    public var verdict: Verdict
    /// Data Center's token bucket, where it is on: the least time between two requests that never empties it.
    public var spacing: Duration?
    /// What is left, where the answer says so.
    public var budget: Budget?

    public struct Budget: Hashable, Sendable {
        public var limit: Int
        public var remaining: Int
        /// Until the budget is whole again.
        public var resets: Duration?
        /// Data Center: how long one token takes to come back.
        public var refill: Duration?

        public init(limit: Int, remaining: Int, resets: Duration? = nil, refill: Duration? = nil) {
            (self.limit, self.remaining, self.resets, self.refill) = (limit, remaining, resets, refill)
        }
    }

    public init(verdict: Verdict, spacing: Duration? = nil, budget: Budget? = nil) {
        (self.verdict, self.spacing, self.budget) = (verdict, spacing, budget)
    }

    /// - Parameter now: Used where the answer has no `Date`; the server's own clock is the better one for its times.
    public init(_ response: HTTPResponse, now: Timestamp, blockedAfter: Duration) {
        let headers = response.headers
        let asked = Self.retryAfter(headers, now: now)
        let limit = headers["X-RateLimit-Limit"].flatMap { Int($0) }
        let isBlocked = limit == 0 || asked.map { $0 > blockedAfter } == true
        budget = Self.budget(headers, limit: limit, now: now)
        // Near the bottom of Data Center's bucket, what comes back is our pace.
        spacing = budget.flatMap { $0.remaining * 5 <= $0.limit ? $0.refill : nil }
        switch response.status {
        case 429 where isBlocked: verdict = .blocked
        case 429:
            let reason = headers["RateLimit-Reason"]?.lowercased() ?? ""
            if reason.contains("quota") {
                verdict = .quota(wait: asked ?? Self.untilReset(headers, now: now))
            } else {
                verdict = .burst(wait: asked)
            }
        case 503 where asked != nil: verdict = .overloaded(wait: asked)
        case 500...: verdict = .overloaded(wait: nil)
        default: verdict = headers["X-RateLimit-NearLimit"]?.lowercased() == "true" ? .nearLimit : .fine
        }
    }

    /// Seconds, or a date as RFC 9110 §10.2.3 allows. Numbers too large for time are clamped.
    private static func retryAfter(_ headers: HTTPHeaders, now: Timestamp) -> Duration? {
        guard let text = headers["Retry-After"] ?? headers["Beta-Retry-After"], !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            return .seconds(min(Int64(text) ?? .max, 1_000_000_000))
        }
        guard let moment = HTTPDate.parse(text) else { return nil }
        let start = headers["Date"].flatMap { HTTPDate.parse($0) } ?? now
        return .milliseconds(max(0, moment.rawValue - start.rawValue))
    }

    /// `X-RateLimit-Reset`, ISO 8601 and seen without seconds; else the top of the hour, when Jira renews budgets.
    private static func untilReset(_ headers: HTTPHeaders, now: Timestamp) -> Duration {
        let start = headers["Date"].flatMap { HTTPDate.parse($0) } ?? now
        let topOfHour = Timestamp(milliseconds: (start.rawValue / 3_600_000 + 1) * 3_600_000)
        let reset = headers["X-RateLimit-Reset"].flatMap { Timestamp($0) } ?? topOfHour
        return .milliseconds(min(max(1_000, reset.rawValue - start.rawValue), 3_600_000))
    }

    /// Data Center's token bucket (`FillRate` tokens every `Interval-Seconds`), Cloud's headers, or the structured ones of its
    /// beta: `Beta-RateLimit-Policy: "q";q=65000;w=3600`, `Beta-RateLimit: "q";r=11000;t=600`; the scarcest counts.
    private static func budget(_ headers: HTTPHeaders, limit: Int?, now: Timestamp) -> Budget? {
        if let limit, limit > 0, let remaining = headers["X-RateLimit-Remaining"].flatMap({ Int($0) }) {
            var budget = Budget(limit: limit, remaining: remaining)
            if let fill = headers["X-RateLimit-FillRate"].flatMap({ Double($0) }), fill > 0,
                let interval = headers["X-RateLimit-Interval-Seconds"].flatMap({ Double($0) }), interval > 0
            {
                budget.refill = .milliseconds(min(interval / fill * 1_000, 60_000))
            }
            if headers["X-RateLimit-Reset"] != nil { budget.resets = untilReset(headers, now: now) }
            return budget
        }
        let policies = parts(headers, "RateLimit-Policy")
        return parts(headers, "RateLimit").compactMap { name, left -> Budget? in
            guard let remaining = left["r"], let quota = policies.first(where: { $0.name == name })?.values["q"],
                quota > 0
            else { return nil }
            return Budget(limit: quota, remaining: remaining, resets: left["t"].map { .seconds(min($0, 86_400)) })
        }
        .min { $0.remaining * $1.limit < $1.remaining * $0.limit }
    }

    /// The numbers of a structured header (RFC 9651), by name; with and without the prefix of the beta.
    private static func parts(_ headers: HTTPHeaders, _ name: String) -> [(name: String, values: [String: Int])] {
        let text = (headers.values(of: "Beta-" + name) + headers.values(of: name)).joined(separator: ",")
        return text.split(separator: ",").prefix(16).map { item in
            let fields = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\"" } }
            var values: [String: Int] = [:]
            for field in fields.dropFirst() {
                let pair = field.split(separator: "=")
                // Larger numbers are none that a budget has, and would not multiply.
                if pair.count == 2, let number = Int(pair[1]), (0...1_000_000_000).contains(number) {
                    values[String(pair[0])] = number
                }
            }
            return (fields.first ?? "", values)
        }
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7); the obsolete forms are not read.
public enum HTTPDate {
    public static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = months.firstIndex(of: String(parts[2])),
            let date = CalendarDate(year: year, month: month + 1, day: day)
        else { return nil }
        return Timestamp("\(date)T\(parts[4])Z")
    }
}
