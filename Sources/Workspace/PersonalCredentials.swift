public import Cryptography
public import Database
public import IssueModel
public import Store

/// Members' own credentials at the sources' sites, sealed: what such a credential lists is what its owner may see.
public enum PersonalCredentials {
    /// A credential as it is kept.
    public struct Record: Hashable, Sendable {
        public var member: MemberID
        /// `source.id`.
        public var source: Int64
        /// The account that the credential proved to belong to.
        public var account: AccountID
        /// How it is used; what the words mean is the client's business.
        public var kind: String
        /// Where requests with it go: the site itself or Atlassian's gateway.
        public var apiURL: String
        public var stored: Timestamp
        /// Opened by ``PersonalCredentials/open(_:key:)``.
        public var sealed: [UInt8]
    }

    /// Seals and stores a member's credential in the place of an earlier one.
    ///
    /// Where the earlier one was of another account, what was listed with it goes in the same transaction. The link to
    /// the account is stored by `IdentityLinks.prove`.
    public static func put(
        _ credential: [UInt8], kind: String, apiURL: String, account: AccountID, of member: MemberID, source: Int64,
        key: SecretKey, at now: Timestamp, in context: WriteContext
    ) throws {
        if let earlier = try get(of: member, source: source, in: context.connection), earlier.account != account {
            try remove(of: member, source: source, in: context)
        }
        let sealed = try key.seal(credential, context: sealContext(member, source, account))
        try context.connection.execute(
            """
            INSERT INTO personal_credential (member_id, source_id, account, kind, api_url, credential, stored)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (member_id, source_id) DO UPDATE SET account = excluded.account, kind = excluded.kind,
                api_url = excluded.api_url, credential = excluded.credential, stored = excluded.stored
            """, member.rawValue, source, account.rawValue, kind, apiURL, sealed, now.rawValue)
    }

    /// A member's credential at a source; `nil` where there is none.
    public static func get(of member: MemberID, source: Int64, in connection: Connection) throws -> Record? {
        try connection.first(
            "SELECT \(columns) FROM personal_credential WHERE member_id = ? AND source_id = ?", member.rawValue, source,
            as: record)
    }

    /// Every credential at a source, by account.
    public static func all(source: Int64, in connection: Connection) throws -> [Record] {
        try connection.rows(
            "SELECT \(columns) FROM personal_credential WHERE source_id = ? ORDER BY account, member_id", source,
            as: record)
    }

    /// The secret of a stored credential.
    ///
    /// - Throws: `StoreError` with code `keyMissing` where it was sealed with another key, or for another member,
    ///   source or account.
    public static func open(_ record: Record, key: SecretKey) throws -> [UInt8] {
        do {
            return try key.open(record.sealed, context: sealContext(record.member, record.source, record.account))
        } catch {
            guard error.code == .notAuthentic else { throw error }
            throw StoreError(
                .keyMissing,
                "A member's credential was sealed with another key file. Restore that file, or link the member again")
        }
    }

    /// Destroys a member's credential, and in the same transaction what was listed with it.
    public static func remove(of member: MemberID, source: Int64, in context: WriteContext) throws {
        guard let record = try get(of: member, source: source, in: context.connection) else { return }
        try context.connection.execute(
            "DELETE FROM personal_credential WHERE member_id = ? AND source_id = ?", member.rawValue, source)
        try Listings.remove(record.account, source: source, in: context)
        context.noteAccessChange()
    }

    /// Destroys every credential at a source, for when the source itself is disconnected.
    public static func removeAll(source: Int64, in context: WriteContext) throws {
        for record in try all(source: source, in: context.connection) {
            try remove(of: record.member, source: source, in: context)
        }
    }

    /// For another key.
    public static let sealed = SealedColumn(
        table: "personal_credential", column: "credential", identity: ["member_id", "source_id", "account"]
    ) { "personal credential of member \($0[0]) in source \($0[1]) as \($0[2])" }

    /// A credential moved to another row does not open there.
    private static func sealContext(_ member: MemberID, _ source: Int64, _ account: AccountID) -> String {
        "personal credential of member \(member) in source \(source) as \(account)"
    }

    private static let columns = "member_id, source_id, account, kind, api_url, stored, credential"

    private static func record(_ row: Row) -> Record {
        Record(
            member: MemberID(row.int64(0)), source: row.int64(1), account: AccountID(row.text(2)), kind: row.text(3),
            apiURL: row.text(4), stored: Timestamp(milliseconds: row.int64(5)), sealed: row.blob(6))
    }
}
