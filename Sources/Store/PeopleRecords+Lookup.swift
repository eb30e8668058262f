public import Database
public import IssueModel

/// An account with its row.
public struct AccountRecord: Hashable, Sendable {
    /// `account.id`.
    public var id: Int64
    public var source: Int64
    public var account: Account
}

extension PeopleRecords {
    /// The account with Jira's identity in a source.
    public static func account(_ id: AccountID, source: Int64, in connection: Connection) throws -> AccountRecord? {
        try connection.first(
            "SELECT \(columns) FROM account WHERE source_id = ? AND jira_id = ?", source, id.rawValue, as: record)
    }

    /// The account with our id.
    public static func account(row id: Int64, in connection: Connection) throws -> AccountRecord? {
        try connection.first("SELECT \(columns) FROM account WHERE id = ?", id, as: record)
    }

    /// Everybody a person may mean by `who`: an account id, a Data Center user key or login name, or an exact e-mail
    /// address. Names and addresses compare without regard to case, identities with.
    ///
    /// An identity wins over a name, a name over an address, in each source.
    ///
    /// - Parameter source: Only accounts of this source; all sources when `nil`.
    public static func accounts(
        matching who: String, source: Int64? = nil, in connection: Connection
    ) throws -> [AccountRecord] {
        var found: [Int64: [AccountRecord]] = [:]
        for condition in ["jira_id = ?1", "name = ?1 COLLATE NOCASE", "email = ?1 COLLATE NOCASE"] {
            let records = try connection.rows(
                "SELECT \(columns) FROM account WHERE \(condition) AND (?2 IS NULL OR source_id = ?2) ORDER BY id", who,
                source, as: record)
            for (source, records) in Dictionary(grouping: records, by: \.source) where found[source] == nil {
                found[source] = records
            }
        }
        return found.values.flatMap { $0 }.sorted { ($0.source, $0.id) < ($1.source, $1.id) }
    }

    /// The accounts of a source whose address is `email`, byte by byte but for the case of ASCII letters, active or not.
    public static func accounts(
        withAddress email: String, source: Int64, in connection: Connection
    ) throws -> [AccountRecord] {
        try connection.rows(
            "SELECT \(columns) FROM account WHERE email = ? COLLATE NOCASE AND source_id = ? ORDER BY id", email,
            source, as: record)
    }

    /// Every account of a source, people, apps and customers, by display name.
    public static func all(source: Int64, in connection: Connection) throws -> [AccountRecord] {
        try connection.rows(
            "SELECT \(columns) FROM account WHERE source_id = ? ORDER BY display_name, jira_id", source, as: record)
    }

    /// Direct groups of an account.
    public static func groups(ofAccountRow id: Int64, in connection: Connection) throws -> [GroupID] {
        try connection.rows(
            "SELECT g.jira_id FROM membership m JOIN person_group g ON g.id = m.group_id WHERE m.account_id = ?", id
        ) { GroupID($0.text(0)) }
    }

    private static let columns = "id, source_id, jira_id, name, display_name, email, kind, active, time_zone"

    private static func record(_ row: Row) -> AccountRecord {
        AccountRecord(
            id: row.int64(0), source: row.int64(1),
            account: Account(
                id: AccountID(row.text(2)), name: row.optionalText(3), displayName: row.text(4),
                email: row.optionalText(5), kind: Account.Kind(rawValue: row.text(6)) ?? .unknown,
                isActive: row.bool(7), timeZone: row.optionalText(8)))
    }
}
