internal import Database
public import IssueModel
public import Store

extension IdentityLinks {
    /// Links a member to an account because whoever runs the installation says so. A personal credential of another
    /// account goes.
    ///
    /// - Throws: ``WorkspaceError`` where the source has no such account, where it is no active person's, or where
    ///   another member is linked to it.
    public static func set(
        _ account: AccountID, for member: Member, source: Source, at now: Timestamp, in context: WriteContext
    ) throws {
        try store(.manual, account, member, source, now, context)
    }

    /// Links a member to the account that the member's own credential signed in as. The credential is stored by
    /// `PersonalCredentials.put`.
    ///
    /// - Throws: The same as ``set(_:for:source:at:in:)``.
    public static func prove(
        _ account: AccountID, for member: Member, source: Source, at now: Timestamp, in context: WriteContext
    ) throws {
        try store(.token, account, member, source, now, context)
    }

    /// Ends a member's link: destroys the personal credential with what was listed by it, forgets a stored link, and
    /// keeps the address from linking until ``forgetRefusal(for:source:in:)`` or a new link.
    public static func refuse(
        _ member: Member, source: Int64, at now: Timestamp, in context: WriteContext
    ) throws {
        try PersonalCredentials.remove(of: member.id, source: source, in: context)
        try write(refusal, nil, member.id, source, now, context)
    }

    /// Lets the member's address link again.
    ///
    /// - Returns: Whether it was refused.
    @discardableResult
    public static func forgetRefusal(for member: Member, source: Int64, in context: WriteContext) throws -> Bool {
        try context.connection.execute(
            "DELETE FROM identity_link WHERE member_id = ? AND source_id = ? AND kind = ?", member.id.rawValue, source,
            refusal)
        let wasRefused = context.connection.changedRows > 0
        if wasRefused { context.noteAccessChange() }
        return wasRefused
    }

    private static func store(
        _ proof: LinkProof, _ account: AccountID, _ member: Member, _ source: Source, _ now: Timestamp,
        _ context: WriteContext
    ) throws {
        let connection = context.connection
        guard let record = try PeopleRecords.account(account, source: source.id, in: connection) else {
            throw WorkspaceError(
                .unknownAccount,
                "\(source.name) has no account \(account). `drawbridge member people --source \(source.name)` shows the "
                    + "accounts; a new one is there after the next synchronisation.")
        }
        guard record.account.isActive else {
            throw WorkspaceError(
                .unusableAccount, "Account \(account) is inactive: Jira lets nobody sign in with it. Link another one.")
        }
        guard record.account.kind != .app, record.account.kind != .customer else {
            throw WorkspaceError(
                .unusableAccount,
                "Account \(account) is \(record.account.kind == .app ? "an app's" : "a portal customer's"). Link the "
                    + "account with which the member uses Jira.")
        }
        if let other = try self.member(of: record.account, source: source.id, in: connection), other.id != member.id {
            throw WorkspaceError(
                .accountTaken,
                "Account \(account) is linked to the member \(other.email). If that is wrong, run `drawbridge member "
                    + "unlink \(other.email) --source \(source.name)` first.")
        }
        if let kept = try PersonalCredentials.get(of: member.id, source: source.id, in: connection),
            kept.account != account
        {
            try PersonalCredentials.remove(of: member.id, source: source.id, in: context)
        }
        try write(proof.rawValue, account, member.id, source.id, now, context)
    }

    private static func write(
        _ kind: String, _ account: AccountID?, _ member: MemberID, _ source: Int64, _ now: Timestamp,
        _ context: WriteContext
    ) throws {
        try context.connection.execute(
            """
            INSERT INTO identity_link (member_id, source_id, kind, account, since) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (member_id, source_id) DO UPDATE SET kind = excluded.kind, account = excluded.account,
                since = excluded.since
            """, member.rawValue, source, kind, account?.rawValue, now.rawValue)
        context.noteAccessChange()
    }
}
