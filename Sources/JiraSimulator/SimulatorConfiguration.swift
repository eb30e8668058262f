public import SimulatedData
public import SimulatedWebhooks
import SimulatedRules

/// How a simulated Jira shows itself on the network.
public struct SimulatorConfiguration: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes a free port.
    public var port = 0
    /// Threads that answer requests.
    public var threads = 2
    /// Where Jira hangs on its host, for example `/jira`; empty for the root.
    public var contextPath = ""
    /// The base URL written into answers; nil writes the server's own address.
    public var publicURL: String?
    /// Added to every answer.
    public var latency: Duration = .zero
    /// Jira's own rate headers on every answer.
    public var sendsRateHeaders = true
    /// A real limit on requests, enforced with 429; nil allows any rate.
    public var rateLimit: RateLimit?
    /// Whether ``rateLimit`` refills by the site's clock instead of real time.
    public var limitsFollowSiteClock = false
    /// Points an hour of the site's clock that OAuth apps may spend together; nil for no limit. Jira's own is 65,000.
    public var pointsPerHour: Int?
    /// What becomes of webhook deliveries.
    public var deliveryPlan = DeliveryPlan()
    /// The most issues with fields a page holds; nil for the flavour's own: 100 on Cloud, 1,000 elsewhere.
    public var issuePageLimit: Int?
    /// The most issues a page holds where only ids are asked for; nil for Cloud's own 5,000.
    public var idPageLimit: Int?
    /// Comments written inside an issue; the rest is reached by paging. Jira's own number is not documented.
    public var embeddedComments = 100
    /// Worklogs written inside an issue.
    public var embeddedWorklogs = 20
    /// Answer wrong credentials as if nobody had signed in, as some Jira sites do, instead of with 401.
    public var wrongCredentialsAreAnonymous = false
    /// Failed passwords in a row after which Data Center asks for a CAPTCHA.
    public var passwordAttempts = 3
    /// The audit log is refused, as on sites that have only Free plans.
    public var isFreePlan = false
    /// The server's clock runs ahead by so much: shows in `Date` and `serverTime`.
    public var clockSkew: Milliseconds = 0
    /// Memory for rendered issues, in bytes.
    public var cacheLimit = 1 << 30
    /// Identifies the site at the API gateway.
    public var cloudID = "7d1d3b4e-5f60-4a0c-9f6a-1f2e3d4c5b6a"

    public init() {}

    /// A token bucket: per endpoint and method on Cloud, per person on Data Center.
    public struct RateLimit: Sendable, Hashable {
        /// Tokens that return each second.
        public var perSecond: Double
        /// Tokens of a full bucket.
        public var burst: Double

        public init(perSecond: Double, burst: Double) {
            self.perSecond = perSecond
            self.burst = burst
        }
    }
}
