import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedSite
import WebServer

extension Simulator {
    /// The first fault that replaces the answer.
    static func instead(_ kinds: [Fault.Kind], _ simulator: Simulator) -> Refusal? {
        for kind in kinds {
            switch kind {
            case .rateLimited(let reason, let retryAfter): return .rateLimited(reason, retryAfter, simulator)
            case .status(let status, let retryAfter):
                var refusal = Refusal(status, "The simulated site answers with status \(status).")
                refusal.response.headers["Retry-After"] = retryAfter.map(String.init)
                return refusal
            case .garbage:
                return Refusal(
                    WebResponse(
                        headers: ["Content-Type": "application/json;charset=UTF-8"],
                        body: Array("\u{1F9E8} this is not { JSON".utf8) + [0xFF, 0xFE, 0x00]))
            case .loginPage: return Refusal(.loginPage)
            case .emptyBody:
                return Refusal(WebResponse(headers: ["Content-Type": "application/json;charset=UTF-8"], body: []))
            case .expiredCredential:
                return simulator.isCloud ? .unauthenticated : .basicFailure(isServer: false)
            case .captcha: return .captcha(simulator.base)
            default: continue
            }
        }
        return nil
    }

    /// Breaks the answer's delivery as the faults say.
    static func deliver(_ response: WebResponse, _ kinds: [Fault.Kind]) -> WebResponse {
        var response = response
        for kind in kinds {
            switch kind {
            case .reset(let after): response.ending = after.map { .reset(after: $0) } ?? .resetAtOnce
            case .torn(let after): response.ending = .torn(after: after)
            case .slow(let chunk, let interval): response = response.dripping(chunk: chunk, every: interval)
            case .truncatedJSON:
                if case .bytes(let body) = response.content {
                    response.content = .bytes(Array(body.prefix(body.count / 2)))
                }
            default: continue
            }
        }
        return response
    }

    /// The headers Jira adds to every answer.
    func decorate(
        _ response: WebResponse, _ entry: RequestLog.Entry, route: String, _ request: WebRequest
    ) -> WebResponse {
        var response = response
        response.headers[PointsQuota.header] = nil
        if !isCloud {
            let name = entry.person.map { site.current().users[$0].name } ?? "anonymous"
            response.headers.append("X-AUSERNAME", name)
            // A credential taken for nobody's shows here only, even beside 200.
            if entry.person == nil, request.message.headers["Authorization"] != nil,
                response.headers["X-Seraph-LoginReason"] == nil
            {
                response.headers.append("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
            }
            response.headers.append("X-AREQUESTID", "\(log.count)x1")
        }
        guard configuration.sendsRateHeaders, response.headers["X-RateLimit-Limit"] == nil else { return response }
        let (limit, left) = limiter.remaining(limiterKey(route, entry.person))
        if isCloud {
            response.headers.append("X-RateLimit-Limit", String(limit))
            response.headers.append("X-RateLimit-Remaining", String(left))
            if left * 5 < limit { response.headers.append("X-RateLimit-NearLimit", "true") }
        } else if entry.person != nil {
            response.headers.append("X-RateLimit-Limit", String(limit))
            response.headers.append("X-RateLimit-Remaining", String(left))
            response.headers.append("X-RateLimit-FillRate", String(limiter.fillRate))
            response.headers.append("X-RateLimit-Interval-Seconds", "1")
            response.headers.append("retry-after", "0")
        }
        return response
    }

    /// RFC 9110 §5.6.7.
    static func httpDate(_ moment: Milliseconds) -> String {
        let time = CivilTime(utc: moment)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(days[time.weekday]), \(two(time.day)) \(months[time.month - 1]) \(time.year) "
            + "\(two(time.hour)):\(two(time.minute)):\(two(time.second)) GMT"
    }
}

extension Refusal {
    /// 429 with the headers Jira, or what stands before it, sends for that reason.
    static func rateLimited(_ reason: Fault.RateLimitReason, _ retryAfter: Int?, _ simulator: Simulator) -> Refusal {
        var refusal = Refusal(429, "Rate limit exceeded.")
        var headers = refusal.response.headers
        let wait = retryAfter.map(String.init)
        switch reason {
        case .gateway:
            headers["X-Failure-Category"] = "FAILURE_CLIENT_RATE_LIMITED"
            headers["X-RateLimit-Limit"] = "360000"
            headers["Retry-After"] = wait
        case .dataCenter:
            headers["X-RateLimit-Limit"] = "70"
            headers["X-RateLimit-Remaining"] = "0"
            headers["X-RateLimit-FillRate"] = "5"
            headers["X-RateLimit-Interval-Seconds"] = "1"
            headers["retry-after"] = wait
        case .burst, .globalQuota, .tenantQuota, .perIssue:
            headers["RateLimit-Reason"] = reason.rawValue
            headers["X-RateLimit-Limit"] = reason == .burst ? "100" : "65000"
            headers["X-RateLimit-Remaining"] = "0"
            headers["X-RateLimit-NearLimit"] = "true"
            let reset = simulator.site.clock.now() + Milliseconds(retryAfter ?? 1) * 1_000
            // Jira writes this header without seconds.
            headers["X-RateLimit-Reset"] = PartWriter.instant(reset).prefix(16) + "Z"
            headers["Retry-After"] = wait
        }
        refusal.response.headers = headers
        return refusal
    }
}
