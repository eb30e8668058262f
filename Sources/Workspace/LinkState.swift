public import IssueModel

/// Which account of a source a member is, and how that is known, or why it is not.
public enum LinkState: Hashable, Sendable {
    /// - Parameter since: `nil` where the proof is the e-mail address, which holds only as long as the stored accounts
    ///   say so and is looked up anew each time.
    case linked(account: AccountID, proof: LinkProof, since: Timestamp?)
    /// Several active accounts have the member's address, so it proves nothing.
    case ambiguous([AccountID])
    case unmatched(LinkGap)
    /// Whoever runs the installation said that the address shall not link.
    case refused(since: Timestamp)

    /// The linked account.
    public var account: AccountID? {
        if case .linked(let account, _, _) = self { account } else { nil }
    }

    /// The word for the state: `linked`, `ambiguous`, `unmatched` or `refused`.
    public var name: String {
        switch self {
        case .linked: "linked"
        case .ambiguous: "ambiguous"
        case .unmatched: "unmatched"
        case .refused: "refused"
        }
    }
}

/// How it is known that a member is an account.
public enum LinkProof: String, Hashable, Sendable, CaseIterable {
    /// Exactly one active account of the source has the member's verified address.
    case email
    /// The member's own credential signed in as the account.
    case token
    /// Whoever runs the installation said so.
    case manual
}

/// Why a member is no account of a source.
public enum LinkGap: Hashable, Sendable {
    /// Nobody vouches for the member's address.
    case emailUnverified
    /// No account has the address, and none hides its own.
    case noSuchAccount
    /// No account shows the address; so many people's accounts hide theirs, a normal state of Jira Cloud.
    case emailHidden(accounts: Int)
    /// Accounts have the address, but none may sign in to Jira.
    case inactive([AccountID])
    /// The one account that has the address is an app's or a portal customer's, who may have typed any address.
    case notAPerson(AccountID)
    /// Another member is linked to the account by a token or by hand.
    case taken(AccountID)
    /// The member was linked by a token or by hand to an account that may no longer sign in, or is gone.
    case accountRetired(AccountID)

    /// A stable word for the reason.
    public var code: String {
        switch self {
        case .emailUnverified: "email_unverified"
        case .noSuchAccount: "no_such_account"
        case .emailHidden: "email_hidden"
        case .inactive: "inactive"
        case .notAPerson: "not_a_person"
        case .taken: "account_taken"
        case .accountRetired: "account_retired"
        }
    }

    /// The accounts that the reason is about.
    public var accounts: [AccountID] {
        switch self {
        case .emailUnverified, .noSuchAccount, .emailHidden: []
        case .inactive(let accounts): accounts
        case .notAPerson(let account), .taken(let account), .accountRetired(let account): [account]
        }
    }
}
