public import IssueModel

/// For whom something is read.
public enum Reader: Hashable, Sendable {
    /// The local operator, who holds the data folder and so everything in it.
    case `operator`
    /// Someone who is not signed in to Jira.
    case anonymous
    /// A person, by the accounts they have in the sources (by `source.id`).
    case accounts([Int64: AccountID])

    /// Who the reader is in one source.
    public enum Identity: Hashable, Sendable {
        case `operator`
        case anonymous
        /// A person without an account there, of whom Jira's rules say nothing.
        case unlinked
        case account(AccountID)
    }

    /// Who the reader is in one source.
    ///
    /// A person without an account there is not somebody anonymous: they see nothing of a source whose rules Drawbridge
    /// mirrors, or whose accounts list for themselves, until they are linked to one.
    public func identity(inSource source: Int64) -> Identity {
        switch self {
        case .operator: .operator
        case .anonymous: .anonymous
        case .accounts(let accounts): accounts[source].map { .account($0) } ?? .unlinked
        }
    }
}
