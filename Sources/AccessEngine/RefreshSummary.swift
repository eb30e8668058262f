/// What a refresh of a source's access facts did.
public struct AccessRefreshSummary: Hashable, Sendable {
    /// Requests sent to Jira, retries included.
    public var requests = 0
    /// Facts that were read, of those that could be.
    public var read = 0
    /// Facts that Jira did not answer for; what is known of them holds until its lease ends.
    public var failed = 0
    /// Whether something that decides access is now other than before.
    public var changed = false
    /// Keys of projects that are shown no longer, by this refresh.
    public var hidden: [String] = []
    /// Keys of projects that are shown again.
    public var restored: [String] = []
    /// Acls that admit fewer people than Jira does until the issues with them get their keys anew, from the kept copies.
    public var outdated: Set<Int64> = []
    /// Issues that got their keys anew.
    public var rewritten = 0
    /// What was read of members' own listings, where those decide something.
    public var listings = ListingSummary()
    /// Whether the source's facts cannot all stay fresh within the budget of requests; they are read all the same.
    public var exceedsBudget = false
    public var warnings: [AccessWarning] = []

    public init() {}

    mutating func warn(_ code: AccessWarning.Code, _ message: String) {
        let warning = AccessWarning(code, message)
        if !warnings.contains(warning) { warnings.append(warning) }
    }
}
