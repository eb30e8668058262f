public import IssueModel
public import Journal

/// What a check of what is shown against Jira itself did and found.
public struct AuditSummary: Hashable, Sendable {
    public var source: String
    public var totals = AccessAudits.Totals()
    /// Restricted comments and worklogs that were compared, each for one account.
    public var parts = 0
    /// Issues hidden by this run, because they were shown to somebody Jira does not show them to.
    public var withheld: [IssueID] = []
    /// Issues hidden by this run, because Jira does not show them to the source's own account any more.
    public var gone: [IssueID] = []
    /// Issues no longer withheld; their acls are to be written again from the kept copies.
    public var released: [IssueID] = []
    /// Findings on which we and Jira agree again.
    public var resolved = 0
    /// What still differs, latest first.
    public var findings: [AccessAudits.Finding] = []
    /// The latest difference that ever was found, resolved or not.
    public var lastMismatch: AccessAudits.Finding?
    public var coverage: Coverage?
    /// What could not be compared.
    public var unchecked: [Problem] = []

    /// How many of all pairs of a person and an issue were compared in this round; when all are, the next begins.
    public struct Coverage: Hashable, Sendable {
        public var pairs: Int
        public var of: Int
        public var accounts: Int
        public var issues: Int
        public var since: Timestamp
        /// Rounds that came to their end.
        public var rounds: Int

        /// From 0 to 1.
        public var share: Double { of == 0 ? 1 : min(1, Double(pairs) / Double(of)) }
    }

    public struct Problem: Hashable, Sendable {
        /// A stable code of Jira's client, or `nothing_to_ask_with`, `other_account`, ….
        public var code: String
        public var message: String
        /// The account that could not be asked about; `nil` where none could.
        public var account: AccountID?
    }

    public init(source: String) { self.source = source }
}
