public import Database
public import IssueModel
public import Store
public import Workspace

/// Which person of an identity provider a member is. The provider's own id of the person is what counts: an address may
/// pass to somebody else.
public enum ProviderLinks {
    /// A link as it is kept.
    public struct Record: Hashable, Sendable {
        public var provider: String
        public var subject: String
        public var member: MemberID
        public var since: Timestamp
    }

    /// The member who is this person; `nil` where none is.
    public static func member(
        provider: String, subject: String, in connection: Connection
    ) throws -> MemberID? {
        try connection.first(
            "SELECT member_id FROM provider_link WHERE provider = ? AND subject = ?", provider, subject
        ) { MemberID($0.int64(0)) }
    }

    public static func list(of member: MemberID, in connection: Connection) throws -> [Record] {
        try connection.rows(
            "SELECT provider, subject, member_id, since FROM provider_link WHERE member_id = ? ORDER BY provider, subject",
            member.rawValue
        ) {
            Record(
                provider: $0.text(0), subject: $0.text(1), member: MemberID($0.int64(2)),
                since: Timestamp(milliseconds: $0.int64(3)))
        }
    }

    static func add(provider: String, subject: String, to member: MemberID, in context: WriteContext) throws {
        try context.connection.execute(
            "INSERT INTO provider_link (provider, subject, member_id, since) VALUES (?, ?, ?, ?)", provider, subject,
            member.rawValue, context.now.rawValue)
    }

    /// Ends the member's links to a provider, or to all.
    @discardableResult
    public static func remove(
        of member: MemberID, provider: String? = nil, in context: WriteContext
    ) throws -> Int {
        try context.connection.execute(
            "DELETE FROM provider_link WHERE member_id = ?1 AND (?2 IS NULL OR provider = ?2)", member.rawValue,
            provider)
        return context.connection.changedRows
    }
}
