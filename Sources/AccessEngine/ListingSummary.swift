public import IssueModel

/// What a refresh of personal listings did.
public struct ListingSummary: Hashable, Sendable {
    /// Accounts whose listing was read.
    public var read = 0
    /// Accounts whose listing is recent enough, or for which the run had no requests left.
    public var postponed = 0
    /// Listings that went because there is no credential for them any more, or nothing asks for them.
    public var removed = 0
    public var requests = 0
    /// Issues that the listings read name, together.
    public var issues = 0
    public var problems: [Problem] = []

    /// Why one account's listing was not read.
    public struct Problem: Hashable, Sendable {
        public var account: AccountID
        public var code: String
        public var message: String
        /// The listing counts as none from now on; otherwise it holds until its lease ends.
        public var isRefused: Bool
    }

    public init() {}

    public mutating func add(_ other: ListingSummary) {
        read += other.read
        postponed += other.postponed
        removed += other.removed
        requests += other.requests
        issues += other.issues
        problems += other.problems
    }
}
