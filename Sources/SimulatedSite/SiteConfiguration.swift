public import SimulatedData

/// Which Jira a simulated site is.
public enum SiteFlavour: String, Sendable, CaseIterable {
    case cloud, dataCenter, server

    public var isCloud: Bool { self == .cloud }
}

/// Everything a simulated site follows from: the same configuration makes the same site, byte for byte.
public struct SiteConfiguration: Sendable {
    public var flavour: SiteFlavour
    public var seed: UInt64
    /// How many issues the site starts with; at least the dozen of the guided tour are always made.
    public var issueCount: Int
    /// Real texts to use for summaries and descriptions; nil uses the site's own text generator.
    public var corpus: [CorpusIssue]?
    /// When the oldest issue was created.
    public var start: Milliseconds
    /// When the youngest generated event happened.
    public var now: Milliseconds
    /// Roughly how long one issue's JSON with all its fields and comments is; scales descriptions and comments. Below 6,000
    /// it has no further effect, for an issue's fields alone take 4,500.
    public var averageIssueBytes: Int
    /// How long a change stays unknown to search, as on Cloud.
    public var indexLag: Milliseconds
    public var features: Features
    /// Makes the first state in place of the ordinary builder.
    package var maker: (@Sendable (SiteConfiguration) -> SiteState)?

    /// Parts of Jira that can be left out to make a plainer site.
    public struct Features: Sendable {
        public var securityLevels = true
        public var restrictedComments = true
        public var serviceDesk = true
        public var teamManagedProjects = true
        public var attachments = true
        public var worklogs = true
        public var changelogs = true
        /// A custom field of every type; otherwise only those that boards and permission rules need, which makes an
        /// issue's JSON about 1,500 bytes shorter.
        public var customFields = true
        /// Whether random rules leave administrators in every grant, level, role and group; sites of the ordinary builder
        /// always do.
        public var administratorSeesAll = true
        /// Whether an attachment shown in a restricted comment shares its restriction. Jira Cloud does so; Data Center does not.
        public var attachmentsInheritRestrictions: Bool?

        public init() {}
    }

    public init(
        flavour: SiteFlavour = .cloud, seed: UInt64 = 1, issueCount: Int = 2_000, corpus: [CorpusIssue]? = nil,
        start: Milliseconds = CivilTime(2020, 1, 6, 8).utcMilliseconds,
        now: Milliseconds = CivilTime(2026, 9, 28, 16, 30).utcMilliseconds,
        averageIssueBytes: Int = 5_000, indexLag: Milliseconds = 0, features: Features = Features()
    ) {
        precondition(start < now, "a site must have some past")
        precondition((0...1_000_000).contains(issueCount), "a simulated site holds up to a million issues")
        self.flavour = flavour
        self.seed = seed
        self.issueCount = issueCount
        self.corpus = corpus
        self.start = start
        self.now = now
        self.averageIssueBytes = averageIssueBytes
        self.indexLag = indexLag
        self.features = features
    }

    /// Whether an attachment that a restricted comment shows shares its restriction.
    public var attachmentsInheritRestrictions: Bool { features.attachmentsInheritRestrictions ?? flavour.isCloud }
}
