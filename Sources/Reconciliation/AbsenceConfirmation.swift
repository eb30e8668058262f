import IssueDecoding
public import IssueModel
public import JiraClient

/// Makes sure that what an answer left out is really kept from the source's account or gone.
public struct AbsenceConfirmation: Sendable {
    private let client: JiraClient
    private let account: AccountID?

    /// Issues asked for one by one at a time.
    private static let chunk = 200

    /// - Parameter account: Whose credential it is; `nil` for a site that is read without signing in.
    public init(client: JiraClient, account: AccountID?) {
        self.client = client
        self.account = account
    }

    /// Those of `missing` that Jira does not show the source's account.
    ///
    /// Cloud's answer to a question by ids counts as it is, once Jira has said that it still knows who asks. Data Center
    /// answers such questions from its search index, which may be behind or being built: there each issue is asked for by
    /// itself.
    ///
    /// - Throws: What any call throws, `credentialIgnored` where Jira takes us for somebody else, and `zoneChanged` where
    ///   the account's time zone is not the client's any more.
    public func missing(among missing: [IssueID]) async throws(JiraError) -> [IssueID] {
        if missing.isEmpty { return [] }
        try await confirmAccount()
        if client.flavour == .cloud { return missing }
        var gone: [IssueID] = []
        for start in stride(from: 0, to: missing.count, by: Self.chunk) {
            let ids = Array(missing[start..<min(start + Self.chunk, missing.count)])
            let shown = try await client.shownIssues(oneByOne: ids)
            gone += ids.filter { !shown.contains($0) }
        }
        return gone
    }

    /// Those of `issues` that Jira shows the source's account by their ids, whatever the state of its search index.
    func shown(among issues: [IssueID]) async throws(JiraError) -> Set<IssueID> {
        if issues.isEmpty { return [] }
        try await confirmAccount()
        if client.flavour == .cloud { return try await client.visibleIssues(issues) }
        return Set(issues).subtracting(try await missing(among: issues))
    }

    /// An expired credential may be answered as if nobody had signed in, who sees nothing. And pages that follow one another
    /// by time, as Data Center's do, leave issues out where the account reads times in another zone than it did.
    func confirmAccount() async throws(JiraError) {
        guard let account else { return }
        let found = try await client.myself()
        guard found.id == account else {
            throw JiraError(
                .credentialIgnored, endpoint: "myself", messages: ["Another account answers than the source's."])
        }
        if let zone = found.timeZone, zone != client.identity.timeZone {
            throw JiraError(.zoneChanged, endpoint: "myself")
        }
    }

    /// Whether a listing may be all there is: Jira still knows who asks, and counts no more than it listed, but for what
    /// came in the meantime, a hundredth or `spare` issues.
    func isPlausible(_ listed: Int, of query: IssueQuery, spare: Int) async throws(JiraError) -> Bool {
        try await confirmAccount()
        let count = try await client.issueCount(query)
        return listed >= count - max(spare, count / 100)
    }
}
