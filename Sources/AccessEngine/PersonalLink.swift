public import HTTPMessages
public import IssueModel
public import JiraClient
public import Store
public import Workspace

/// Links a member to the account that the member's own credential signs in as.
public struct PersonalLink: Sendable {
    private let store: Store
    private let transport: any HTTPTransport
    private let gatewayURL: String
    private let time: TimeSource

    /// - Parameter gatewayURL: Defaults to `https://api.atlassian.com`.
    public init(
        store: Store, transport: any HTTPTransport, gatewayURL: String = "https://api.atlassian.com",
        time: TimeSource = .system
    ) {
        self.store = store
        self.transport = transport
        self.gatewayURL = gatewayURL
        self.time = time
    }

    /// Signs in at the source's own site with the credential, then stores the link and the sealed credential together.
    ///
    /// Jira's `/myself` says whose the credential is; nothing the caller says of the account counts.
    ///
    /// - Parameter also: What else belongs to the transaction in which the link is stored.
    /// - Returns: The account.
    /// - Throws: `JiraError` where the site refuses the credential or cannot be reached; ``WorkspaceError`` with
    ///   `otherSite` where another site than the source's answers, `unusableAccount` where the credential is not a
    ///   person's, `accountTaken` where the account is another member's. Nothing is stored then.
    public func link(
        _ member: Member, to source: Source, with credential: Credential,
        also: @escaping @Sendable (Account, WriteContext) throws -> Void = { _, _ in }
    ) async throws -> Account {
        let probe = SiteProbe(transport: transport, apiURL: gatewayURL, time: time)
        let identity = try await probe.identify(SiteAddress(source.url), credential)
        guard identity.isSite(of: source) else {
            throw WorkspaceError(
                .otherSite,
                "The address of \(source.name) is answered by another Jira site now, so the credential proves nothing. "
                    + "Check the source with `drawbridge source test \(source.name)`.")
        }
        guard let bytes = CredentialRecord.bytes(credential), let account = identity.account else {
            throw WorkspaceError(
                .unusableAccount, "Reading anonymously proves no account. Give the person's own token.")
        }
        let (key, now) = (try store.secretKey(), time.now())
        try await store.write { context in
            try Self.makeKnown(account, source: source.id, in: context)
            try IdentityLinks.prove(account.id, for: member, source: source, at: now, in: context)
            try PersonalCredentials.put(
                bytes, kind: credential.kind, apiURL: identity.apiBase, account: account.id, of: member.id,
                source: source.id, key: key, at: now, in: context)
            try also(account, context)
        }
        return account
    }

    /// Somebody who has just signed in has an active account, whatever an incomplete list of accounts says.
    private static func makeKnown(_ account: Account, source: Int64, in context: WriteContext) throws {
        var account = account
        let known = try PeopleRecords.account(account.id, source: source, in: context.connection)?.account
        if known?.isActive == true { return }
        // A person's own view of their address says nothing of whether others may see it.
        account.email = known?.email
        account.isActive = true
        try PeopleRecords.storeAccounts([account], source: source, in: context)
    }
}
