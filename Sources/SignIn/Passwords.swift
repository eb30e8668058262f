internal import Cryptography
public import Database
public import IssueModel
public import Store
public import Workspace

/// Members' passwords, of which only Argon2id hashes are kept.
public enum Passwords {
    /// When the member's password was set; `nil` where there is none.
    public static func changed(of member: MemberID, in connection: Connection) throws -> Timestamp? {
        try connection.first("SELECT changed FROM member_password WHERE member_id = ?", member.rawValue) {
            Timestamp(milliseconds: $0.int64(0))
        }
    }

    static func hash(of member: MemberID, in connection: Connection) throws -> PasswordHash? {
        try connection.first("SELECT hash FROM member_password WHERE member_id = ?", member.rawValue) {
            PasswordHash(text: $0.text(0))
        }
    }

    /// Stores a password's hash, and ends every session of the member and every link that would set another one.
    static func set(_ hash: PasswordHash, of member: MemberID, in context: WriteContext) throws {
        try context.connection.execute(
            """
            INSERT INTO member_password (member_id, hash, changed) VALUES (?, ?, ?)
            ON CONFLICT (member_id) DO UPDATE SET hash = excluded.hash, changed = excluded.changed
            """, member.rawValue, hash.text, context.now.rawValue)
        try Sessions.revokeAll(of: member, in: context)
        try OneUseLinks.withdrawAll(of: member, in: context)
    }

    /// Forgets a member's password; the member comes in by single sign-on or a reset link only.
    @discardableResult
    public static func remove(of member: MemberID, in context: WriteContext) throws -> Bool {
        try context.connection.execute("DELETE FROM member_password WHERE member_id = ?", member.rawValue)
        return context.connection.changedRows > 0
    }
}
