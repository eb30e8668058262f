public import IssueDecoding
public import IssueModel

/// What a site turned out to be when asked; everything a client needs besides the credential.
public struct SiteIdentity: Hashable, Sendable {
    public var product: Product
    /// The address people open, without a trailing slash, with its context path.
    public var baseURL: String
    /// Where requests go: the site itself, or Atlassian's gateway for tokens with scopes.
    public var apiBase: String
    /// Cloud's id of the site; other products have none.
    public var siteID: String?
    /// `1001.0.0-SNAPSHOT` on Cloud, `10.3.24` elsewhere.
    public var version: String
    /// The account the credential belongs to; `nil` for anonymous.
    public var account: Account?
    /// The IANA or `GMT+hh:mm` zone in which the site reads the dates of this account's queries.
    public var timeZone: String
    /// The site's clock minus ours, in seconds, when it said its time.
    public var clockSkewSeconds: Int?
    /// How far the `Date` of the site's answers is ahead of the clock it stamps issues with, in milliseconds and rounded up:
    /// a proxy has a clock of its own.
    public var dateLead: Int64 = 0
    /// How the address was changed to reach the site, for showing to the person who typed it.
    public var mends: [SiteAddress.Mend]

    public enum Product: String, Hashable, Sendable { case cloud, dataCenter, server }

    public init(
        product: Product, baseURL: String, apiBase: String, siteID: String? = nil, version: String,
        account: Account? = nil, timeZone: String = "UTC", clockSkewSeconds: Int? = nil,
        mends: [SiteAddress.Mend] = []
    ) {
        self.product = product
        self.baseURL = baseURL
        self.apiBase = apiBase
        self.siteID = siteID
        self.version = version
        self.account = account
        self.timeZone = timeZone
        self.clockSkewSeconds = clockSkewSeconds
        self.mends = mends
    }

    public var flavour: Flavour { product == .cloud ? .cloud : .dataCenter }
    /// Whether requests go through Atlassian's gateway.
    public var usesGateway: Bool { apiBase != baseURL }
}
