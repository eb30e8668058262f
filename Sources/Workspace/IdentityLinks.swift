internal import AccessControl
public import Database
public import IssueModel
internal import Store

/// Which Jira account a member is, in each source.
///
/// A link by e-mail is never stored: it is looked up among the accounts as they are stored at that moment, so that it
/// ends the moment an address is hidden, changes, or becomes somebody else's too. Links by token and by hand are
/// stored, and so are refusals. A stored link wins over the address. One account is at most one member's.
///
/// Never used: display names, user names, parts of addresses, and whatever a search for people finds first.
public enum IdentityLinks {
    /// Which account of a source the member is.
    public static func link(of member: Member, source: Int64, in connection: Connection) throws -> LinkState {
        let state = try found(for: member, source: source, in: connection)
        guard state == .unmatched(.noSuchAccount) else { return state }
        return gap(hidden: try hiddenAddresses(source: source, in: connection))
    }

    /// Every member with its state in a source, by address.
    public static func all(source: Int64, in connection: Connection) throws -> [(member: Member, state: LinkState)] {
        let hidden = try hiddenAddresses(source: source, in: connection)
        return try MemberRecords.list(in: connection).map { member in
            let state = try found(for: member, source: source, in: connection)
            return (member, state == .unmatched(.noSuchAccount) ? gap(hidden: hidden) : state)
        }
    }

    /// The same, without looking for the reason of a gap: what readers are made of.
    static func found(for member: Member, source: Int64, in connection: Connection) throws -> LinkState {
        let stored = try connection.first(
            "SELECT kind, account, since FROM identity_link WHERE member_id = ? AND source_id = ?",
            member.id.rawValue, source
        ) { (kind: $0.text(0), account: $0.optionalText(1), since: Timestamp(milliseconds: $0.int64(2))) }
        guard let stored else { return try derived(for: member, source: source, in: connection) }
        if stored.kind == refusal { return .refused(since: stored.since) }
        guard let proof = LinkProof(rawValue: stored.kind), let account = stored.account.map({ AccountID($0) }) else {
            throw WorkspaceError(.damaged, "The link of member \(member.id) has a value this version does not know.")
        }
        guard try isUsable(account, proof, source: source, in: connection) else {
            return .unmatched(.accountRetired(account))
        }
        return .linked(account: account, proof: proof, since: stored.since)
    }

    /// Whether the account may sign in, as far as is known.
    ///
    /// Where members see what their own credential lists, the source's account may not be shown all accounts: that one
    /// is missing from its list says nothing then, for the credential is tried at each refresh. That it is listed as
    /// inactive says enough everywhere.
    private static func isUsable(
        _ account: AccountID, _ proof: LinkProof, source: Int64, in connection: Connection
    ) throws -> Bool {
        let known = try connection.first(
            "SELECT active, listed FROM account WHERE source_id = ? AND jira_id = ?", source, account.rawValue
        ) { (isActive: $0.bool(0), isListed: $0.bool(1)) }
        if let known, known.isActive || known.isListed || proof != .token { return known.isActive }
        return try proof == .token && SourceRecords.source(source, in: connection)?.accessMode == .linked
    }

    /// The account whose address is the member's: compared byte by byte but for the case of ASCII letters, as SQLite's
    /// `NOCASE` does.
    private static func derived(for member: Member, source: Int64, in connection: Connection) throws -> LinkState {
        guard member.emailVerified else { return .unmatched(.emailUnverified) }
        let accounts = try PeopleRecords.accounts(
            withAddress: member.email, source: source, in: connection
        ).map(\.account)
        let active = accounts.filter(\.isActive)
        guard let only = active.first else {
            return .unmatched(accounts.isEmpty ? .noSuchAccount : .inactive(accounts.map(\.id)))
        }
        guard active.count == 1 else { return .ambiguous(active.map(\.id)) }
        guard only.kind == .person else { return .unmatched(.notAPerson(only.id)) }
        if try holder(of: only.id, source: source, in: connection) != nil { return .unmatched(.taken(only.id)) }
        return .linked(account: only.id, proof: .email, since: nil)
    }

    /// The member whose stored link names the account.
    private static func holder(
        of account: AccountID, source: Int64, in connection: Connection
    ) throws -> MemberID? {
        try connection.first(
            "SELECT member_id FROM identity_link WHERE source_id = ? AND account = ?", source, account.rawValue
        ) { MemberID($0.int64(0)) }
    }

    /// The member who is the account, by whatever proof.
    public static func member(
        of account: Account, source: Int64, in connection: Connection
    ) throws -> Member? {
        if let holder = try holder(of: account.id, source: source, in: connection) {
            return try MemberRecords.member(holder, in: connection)
        }
        guard let email = account.email, let member = try MemberRecords.find(email, in: connection),
            try found(for: member, source: source, in: connection).account == account.id
        else { return nil }
        return member
    }

    private static func gap(hidden: Int) -> LinkState {
        .unmatched(hidden == 0 ? .noSuchAccount : .emailHidden(accounts: hidden))
    }

    /// How many active people's accounts hide their address and are not linked otherwise: one of them may be anybody.
    private static func hiddenAddresses(source: Int64, in connection: Connection) throws -> Int {
        try connection.first(
            """
            SELECT count(*) FROM account WHERE source_id = ?1 AND email IS NULL AND active = 1 AND kind = ?2
                AND jira_id NOT IN (SELECT account FROM identity_link WHERE source_id = ?1 AND account IS NOT NULL)
            """, source, Account.Kind.person.rawValue
        ) { $0.int(0) } ?? 0
    }

    static let refusal = "refused"
}
