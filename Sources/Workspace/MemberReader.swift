public import AccessControl
public import Database
internal import IssueModel
internal import Store

/// Who a member is when something is read.
public enum MemberReader {
    /// The member with the account of every link, in the sources that are not removed.
    ///
    /// A source in which the member has no account is read as somebody unlinked, who sees nothing of a mirrored one.
    ///
    /// - Throws: ``WorkspaceError`` with `memberSuspended`: such a member is nobody, not even a member.
    public static func reader(for member: Member, in connection: Connection) throws -> Reader {
        guard member.state == .active else {
            throw WorkspaceError(.memberSuspended, "The member \(member.email) is suspended.")
        }
        var accounts: [Int64: AccountID] = [:]
        for source in try SourceRecords.all(in: connection, includingRemoved: false) {
            accounts[source.id] = try IdentityLinks.found(for: member, source: source.id, in: connection).account
        }
        return .accounts(accounts)
    }
}
