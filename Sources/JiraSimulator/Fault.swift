/// Something that goes wrong on purpose.
public struct Fault: Sendable {
    public enum Kind: Sendable {
        /// 429 as Jira sends it for that reason. `retryAfter` nil leaves the header out.
        case rateLimited(RateLimitReason, retryAfter: Int?)
        /// Any status, with a short JSON error body.
        case status(Int, retryAfter: Int? = nil)
        /// Resets the connection after so many bytes of the real answer; nil before the status line.
        case reset(after: Int?)
        /// Ends the real answer short of its announced length.
        case torn(after: Int)
        /// Sends the real answer in small pieces.
        case slow(chunk: Int, interval: Duration)
        /// Waits, then answers as usual.
        case delay(Duration)
        /// 200 with a body that is not JSON.
        case garbage
        /// 200 with a JSON body that stops in the middle, its length announced as it is.
        case truncatedJSON
        /// 200 with the HTML of a login page.
        case loginPage
        /// 200 with no bytes at all.
        case emptyBody
        /// The credential is no longer good: 401.
        case expiredCredential
        /// 403 that asks for a CAPTCHA, Data Center.
        case captcha
        /// The request is treated as nobody's, with 200 wherever anonymous callers get that.
        case anonymous
        /// A page of search results is answered a second time, with the same next token.
        case repeatedPage
        /// A page of search results begins so many issues later than it should: the order changed between two pages.
        case shiftedPage(Int)
        /// A search leaves out these issues (by id), as an index that lags.
        case missingFromSearch([Int])
        /// Runs before the request is answered: moves an issue in the middle of a listing, say.
        case beforeAnswer(@Sendable () -> Void)
    }

    public enum RateLimitReason: String, Sendable, CaseIterable {
        /// Too fast: a bucket of this endpoint.
        case burst = "jira-burst-based"
        /// The hourly pool of points of all tenants.
        case globalQuota = "jira-quota-global-based"
        /// The hourly pool of points of this tenant.
        case tenantQuota = "jira-quota-tenant-based"
        /// Too many writes to one issue.
        case perIssue = "jira-per-issue-on-write"
        /// The gateway in front of Jira, with none of Jira's own headers.
        case gateway = "gateway"
        /// Data Center's bucket for this user; `retryAfter` is sent in small letters.
        case dataCenter = "data-center"
    }

    public var kind: Kind
    /// The fault plays only for requests whose path contains this; empty for all.
    public var path: String
    /// Lets so many matching requests pass first.
    public var skip: Int
    /// Plays so many times; nil for ever.
    public var count: Int?
    /// Plays on every nth matching request only.
    public var every: Int

    public init(_ kind: Kind, path: String = "", skip: Int = 0, count: Int? = 1, every: Int = 1) {
        self.kind = kind
        self.path = path
        self.skip = skip
        self.count = count
        self.every = max(1, every)
    }
}
