import FastJSON
public import HTTPMessages
public import IssueDecoding
public import IssueModel
import Synchronization

/// A Jira site, Cloud or Data Center, behind one interface.
///
/// Every method may be called from any number of tasks at once; the pace is kept here. Methods that list things return
/// the whole list unless they take a cursor. All throw ``JiraError``.
///
/// ```swift
/// let identity = try await SiteProbe(transport: transport).identify(address, credential)
/// let jira = JiraClient(identity, credential, transport: transport)
/// let page = try await jira.issueIDs(IssueQuery(jql: "project = PAY"), after: nil)
/// ```
public final class JiraClient: Sendable {
    public let identity: SiteIdentity
    public let flavour: Flavour
    let credential: Credential
    let transport: any HTTPTransport
    let time: TimeSource
    let pacer: Pacer
    let parsers = ParserPool()
    let options: Options
    private let counters = Mutex(ClientMetrics())
    /// The site's time by its last answer, and ours when it came.
    private let clock = Mutex<(site: Timestamp, ours: Timestamp)?>(nil)

    public struct Options: Sendable {
        public var pacing = PacingOptions()
        /// Names this program to Jira's administrators.
        public var userAgent = "Drawbridge"
        /// The largest answer accepted, in bytes. Defaults to 64 MiB.
        public var bodyLimit = 64 << 20
        /// From sending a request to the last byte of its answer. Defaults to a minute.
        public var timeout: Duration = .seconds(60)
        /// Issues per request where they come with all their fields. Jira takes at most 100.
        public var issuesPerRequest = 100
        /// Called after each request.
        public var onRequest: (@Sendable (RequestRecord) -> Void)?
        /// A number in 0..<1, for spreading retries.
        public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

        public init() {}
    }

    /// - Parameter earlier: A client of the same site whose pace this one goes on with, and what it found out of Jira's limits.
    public init(
        _ identity: SiteIdentity, _ credential: Credential, transport: any HTTPTransport, options: Options = Options(),
        time: TimeSource = .system, after earlier: JiraClient? = nil
    ) {
        self.identity = identity
        self.flavour = identity.flavour
        self.credential = credential
        self.transport = transport
        self.options = options
        self.time = time
        pacer = earlier?.pacer ?? Pacer(options: options.pacing, time: time)
    }

    public var metrics: ClientMetrics {
        var metrics = counters.withLock { $0 }
        metrics.waited = pacer.waited
        return metrics
    }

    /// The time by which the site stamps issues, as its last answer told, or up to two seconds earlier; `nil` where no answer
    /// told. From the answer's `Date`, RFC 9110 §6.6.1, corrected by ``SiteIdentity/dateLead``.
    public var siteTime: Timestamp? { clock.withLock { $0?.site } }

    /// The site's clock minus ours by its last answer, in milliseconds; up to two seconds too little.
    public var clockSkew: Int64? { clock.withLock { $0.map { $0.site.rawValue - $0.ours.rawValue } } }

    func note(siteTime: Timestamp) {
        let now = time.now()
        clock.withLock { $0 = (Timestamp(milliseconds: siteTime.rawValue - identity.dateLead), now) }
    }

    func count(_ change: (inout ClientMetrics) -> Void) {
        counters.withLock { change(&$0) }
    }
}
