public import IssueModel

/// What a part of a census found.
public struct CensusSummary: Hashable, Sendable {
    /// Issue ids that Jira listed.
    public var listed = 0
    /// Listed and not stored, or not shown any more: put into `PendingIssues`.
    public var unknown = 0
    /// Stored and not listed.
    public var absent = 0
    public var deleted = 0
    public var hidden = 0
    public var archived = 0
    /// To be removed, and kept because there are too many at once.
    public var held = 0
    /// Listings that did not end cleanly, of which nothing was compared; they are listed again.
    public var unclean = 0
    public var requests = 0
    /// Whether every project has been compared; otherwise the next call goes on.
    public var isComplete = false
    /// When the census began that this belongs to.
    public var began: Timestamp?

    public init() {}
}

/// How much of a census one call does.
public struct CensusSlice: Hashable, Sendable {
    /// No further listing begins after so many requests; one that has begun is ended, which takes up to 80 more on Cloud.
    public var requests: Int

    public init(requests: Int) { self.requests = requests }

    public static let everything = CensusSlice(requests: .max)
}
