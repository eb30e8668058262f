public import Database
internal import IssueModel
public import Store

/// The members of this installation. Every change moves the access version.
public enum MemberRecords {
    /// Adds a member.
    ///
    /// - Returns: The member with its number.
    /// - Throws: ``WorkspaceError`` with `invalidEmail`, or `memberExists` where the address differs from another
    ///   member's at most in the case of ASCII letters.
    @discardableResult
    public static func add(_ member: Member, in context: WriteContext) throws -> Member {
        try EmailAddress.check(member.email)
        if let known = try find(member.email, in: context.connection) {
            throw WorkspaceError(.memberExists, "There is a member \(known.email) already.")
        }
        try context.connection.execute(
            "INSERT INTO member (email, name, role, email_verified, state, added) VALUES (?, ?, ?, ?, ?, ?)",
            member.email, member.name, member.role.rawValue, member.emailVerified, member.state.rawValue,
            member.added.rawValue)
        context.noteAccessChange()
        var added = member
        added.id = MemberID(context.connection.lastInsertedID)
        return added
    }

    /// Stores everything of `member` but its address, which is who the member is.
    public static func update(_ member: Member, in context: WriteContext) throws {
        try context.connection.execute(
            "UPDATE member SET name = ?, role = ?, email_verified = ?, state = ? WHERE id = ?", member.name,
            member.role.rawValue, member.emailVerified, member.state.rawValue, member.id.rawValue)
        try requireChange(member.email, context)
    }

    /// Removes a member with all links and personal credentials, and what was listed with those.
    public static func remove(_ member: Member, in context: WriteContext) throws {
        let sources = try context.connection.rows(
            "SELECT source_id FROM personal_credential WHERE member_id = ?", member.id.rawValue
        ) { $0.int64(0) }
        for source in sources { try PersonalCredentials.remove(of: member.id, source: source, in: context) }
        try context.connection.execute("DELETE FROM member WHERE id = ?", member.id.rawValue)
        try requireChange(member.email, context)
    }

    /// Every member, by address.
    public static func list(in connection: Connection) throws -> [Member] {
        try connection.rows("SELECT \(columns) FROM member ORDER BY email, id", as: record)
    }

    /// The member with this address, compared by its bytes but for the case of ASCII letters.
    public static func find(_ email: String, in connection: Connection) throws -> Member? {
        try connection.first("SELECT \(columns) FROM member WHERE email = ?", email, as: record)
    }

    /// The member with this address, compared as in ``find(_:in:)``.
    ///
    /// - Throws: ``WorkspaceError`` with `unknownMember` where there is none.
    public static func member(named email: String, in connection: Connection) throws -> Member {
        guard let member = try find(email, in: connection) else { throw unknown(email) }
        return member
    }

    /// The member with our number.
    public static func member(_ id: MemberID, in connection: Connection) throws -> Member? {
        try connection.first("SELECT \(columns) FROM member WHERE id = ?", id.rawValue, as: record)
    }

    private static func requireChange(_ email: String, _ context: WriteContext) throws(WorkspaceError) {
        guard context.connection.changedRows == 1 else { throw unknown(email) }
        context.noteAccessChange()
    }

    static func unknown(_ email: String) -> WorkspaceError {
        WorkspaceError(.unknownMember, "There is no member \(email). `drawbridge member list` shows the members.")
    }

    private static let columns = "id, email, name, role, email_verified, state, added"

    private static func record(_ row: Row) throws -> Member {
        guard let role = Member.Role(rawValue: row.text(3)), let state = Member.State(rawValue: row.text(5)) else {
            throw WorkspaceError(.damaged, "Member \(row.int64(0)) has a value this version does not know.")
        }
        return Member(
            id: MemberID(row.int64(0)), email: row.text(1), name: row.text(2), role: role, emailVerified: row.bool(4),
            state: state, added: Timestamp(milliseconds: row.int64(6)))
    }
}
