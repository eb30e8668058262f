public import IssueDecoding
public import IssueModel

/// What came of asking for some issues.
public struct IssueBatch: Hashable, Sendable {
    public var issues: [FetchedIssue] = []
    public var quarantined: [QuarantinedIssue] = []
    /// Asked for and not returned: deleted, or not visible to this account. Not proof of either.
    public var missing: [IssueID] = []

    public init() {}

    public mutating func append(_ other: IssueBatch) {
        issues += other.issues
        quarantined += other.quarantined
        missing += other.missing
    }
}
