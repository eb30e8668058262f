import Pacing

/// How hard the client may press a site, and how long it waits.
public struct PacingOptions: Hashable, Sendable {
    /// Requests of one endpoint in flight at the start. Defaults to 4.
    public var initialConcurrency = 4
    /// The most requests of one endpoint in flight. Defaults to 32.
    public var maximumConcurrency = 32
    /// Further tries after a server error, a lost connection or a garbled answer. Defaults to 4.
    public var maximumRetries = 4
    /// Further tries after being told to slow down, which is no failure. Defaults to 12.
    public var maximumRateLimitRetries = 12
    /// First wait of the exponential back-off. Defaults to 2 seconds.
    public var firstBackoff: Duration = .seconds(2)
    /// Longest wait of the exponential back-off. Defaults to 30 seconds.
    public var longestBackoff: Duration = .seconds(30)
    /// A longer wait asked for by Jira ends the call with ``JiraError/Code/rateLimited``. Defaults to 65 minutes: an
    /// hourly quota is worth waiting for.
    public var longestWait: Duration = .seconds(3_900)
    /// `Retry-After` beyond this means that the account is blocked rather than slowed. Defaults to a day.
    public var blockedAfter: Duration = .seconds(86_400)

    /// The share of Jira's budget that is used at most, above 0 and up to 1. Defaults to all of it.
    public var budgetShare = 1.0
    /// What ``budgetShare`` is a share of where Jira names no budget: requests a second of one endpoint. Defaults to 100, the
    /// usual bucket of Cloud.
    public var usualRate = 100.0

    public init() {}

    var limits: PaceLimits {
        PaceLimits(
            initial: initialConcurrency, maximum: maximumConcurrency, share: budgetShare, usualRate: usualRate)
    }
}
