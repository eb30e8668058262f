internal import Database
public import IssueModel

/// Accounts, groups, memberships and application roles of a source.
///
/// Every change that may let somebody see more or less moves the access version.
public enum PeopleRecords {
    /// Makes `accounts` the complete list of a source's accounts. Accounts that are not in it become inactive, as Jira
    /// no longer knows them; their rows stay, as issues name them.
    ///
    /// - Returns: How many rows were added or changed.
    @discardableResult
    public static func replaceAccounts(_ accounts: [Account], source: Int64, in context: WriteContext) throws -> Int {
        let changed = try storeAccounts(accounts, source: source, in: context)
        return try changed + retireAccounts(notIn: Set(accounts.map(\.id)), source: source, in: context)
    }

    /// Adds or updates listed accounts, for lists that are read page by page.
    @discardableResult
    public static func storeAccounts(_ accounts: [Account], source: Int64, in context: WriteContext) throws -> Int {
        let upsert = try context.connection.statement(
            """
            INSERT INTO account (source_id, jira_id, name, display_name, email, kind, active, time_zone, listed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
            ON CONFLICT (source_id, jira_id) DO UPDATE SET name = excluded.name, display_name = excluded.display_name,
                email = excluded.email, kind = excluded.kind, active = excluded.active,
                time_zone = excluded.time_zone, listed = 1
            WHERE (name, display_name, email, kind, active, time_zone, listed) IS NOT
                (excluded.name, excluded.display_name, excluded.email, excluded.kind, excluded.active,
                excluded.time_zone, 1)
            """)
        var changed = 0
        for account in accounts {
            bind(account, source: source, to: upsert)
            try upsert.run()
            changed += context.connection.changedRows
        }
        if changed > 0 { context.noteAccessChange() }
        return changed
    }

    /// Makes accounts inactive that a complete list no longer has.
    @discardableResult
    public static func retireAccounts(
        notIn listed: Set<AccountID>, source: Int64, in context: WriteContext
    ) throws -> Int {
        let known = try context.connection.rows(
            "SELECT id, jira_id FROM account WHERE source_id = ? AND (listed = 1 OR active = 1)", source
        ) { ($0.int64(0), AccountID($0.text(1))) }
        let gone = known.filter { !listed.contains($0.1) }
        for (id, _) in gone {
            try context.connection.execute("UPDATE account SET active = 0, listed = 0 WHERE id = ?", id)
        }
        if !gone.isEmpty { context.noteAccessChange() }
        return gone.count
    }

    /// Makes `groups` the complete list of a source's groups. Those not in it go, with their memberships.
    public static func replaceGroups(_ groups: [Group], source: Int64, in context: WriteContext) throws {
        let connection = context.connection
        let wanted = Set(groups.map(\.id))
        let known = try connection.rows("SELECT id, jira_id, name FROM person_group WHERE source_id = ?", source) {
            (id: $0.int64(0), group: Group(id: GroupID($0.text(1)), name: $0.text(2)))
        }
        for (id, _) in known.filter({ !wanted.contains($0.group.id) }) {
            try removeGroup(row: id, in: context)
        }
        let unchanged = Set(known.map(\.group))
        for group in groups where !unchanged.contains(group) {
            _ = try groupRow(group.id, name: group.name, source: source, in: context)
        }
    }

    /// Forgets one group with its memberships, where the site says that it is deleted.
    public static func removeGroup(_ group: GroupID, source: Int64, in context: WriteContext) throws {
        let known = try context.connection.first(
            "SELECT id FROM person_group WHERE source_id = ? AND jira_id = ?", source, group.rawValue
        ) { $0.int64(0) }
        if let known { try removeGroup(row: known, in: context) }
    }

    private static func removeGroup(row id: Int64, in context: WriteContext) throws {
        let connection = context.connection
        try connection.execute("DELETE FROM membership WHERE group_id = ?", id)
        try connection.execute("DELETE FROM subgroup WHERE parent_id = ?1 OR child_id = ?1", id)
        try connection.execute("DELETE FROM application_role_group WHERE group_id = ?", id)
        try connection.execute("DELETE FROM person_group WHERE id = ?", id)
        context.noteAccessChange()
    }

    /// Makes `members` the members of a group, all of them. Nothing else is touched. Accounts that are not known yet are added as inactive.
    public static func replaceMembers(
        of group: GroupID, _ members: [AccountID], source: Int64, in context: WriteContext
    ) throws {
        let connection = context.connection
        let groupID = try groupRow(group, name: nil, source: source, in: context)
        var wanted: Set<Int64> = []
        for member in members {
            let stranger = Account(id: member, displayName: member.rawValue, kind: .unknown, isActive: false)
            wanted.insert(try intern(stranger, source: source, in: context))
        }
        let known = Set(
            try connection.rows("SELECT account_id FROM membership WHERE group_id = ?", groupID) { $0.int64(0) })
        for account in known.subtracting(wanted) {
            try connection.execute("DELETE FROM membership WHERE group_id = ? AND account_id = ?", groupID, account)
        }
        for account in wanted.subtracting(known) {
            try connection.execute("INSERT INTO membership (group_id, account_id) VALUES (?, ?)", groupID, account)
        }
        if known != wanted { context.noteAccessChange() }
    }

    /// Makes `members`, of whom the site told more than the identity, the members of a group.
    public static func replaceMembers(
        of group: GroupID, accounts members: [Account], source: Int64, in context: WriteContext
    ) throws {
        for member in members { _ = try intern(member, source: source, in: context) }
        try replaceMembers(of: group, members.map(\.id), source: source, in: context)
    }

    /// Makes `subgroups` all groups inside groups of a source.
    public static func replaceSubgroups(
        _ subgroups: [GroupID: [GroupID]], source: Int64, in context: WriteContext
    ) throws {
        let state = """
            SELECT parent_id, child_id FROM subgroup
            WHERE parent_id IN (SELECT id FROM person_group WHERE source_id = ?) ORDER BY 1, 2
            """
        try context.noteAccessChange(in: state, source) {
            try context.connection.execute(
                "DELETE FROM subgroup WHERE parent_id IN (SELECT id FROM person_group WHERE source_id = ?)", source)
            for (parent, children) in subgroups {
                let parentID = try groupRow(parent, name: nil, source: source, in: context)
                for child in children {
                    let childID = try groupRow(child, name: nil, source: source, in: context)
                    try context.connection.execute(
                        "INSERT OR IGNORE INTO subgroup (parent_id, child_id) VALUES (?, ?)", parentID, childID)
                }
            }
        }
    }

    /// Makes `roles` all application roles of a source.
    public static func replaceApplicationRoles(
        _ roles: [ApplicationRole], source: Int64, in context: WriteContext
    ) throws {
        let connection = context.connection
        let state = """
            SELECT r.key, r.name, g.group_id FROM application_role r
            LEFT JOIN application_role_group g ON g.role_id = r.id WHERE r.source_id = ? ORDER BY 1, 2, 3
            """
        try context.noteAccessChange(in: state, source) {
            try connection.execute(
                """
                DELETE FROM application_role_group
                WHERE role_id IN (SELECT id FROM application_role WHERE source_id = ?)
                """, source)
            try connection.execute("DELETE FROM application_role WHERE source_id = ?", source)
            for role in roles {
                try connection.execute(
                    "INSERT INTO application_role (source_id, key, name) VALUES (?, ?, ?)", source, role.key, role.name)
                let id = connection.lastInsertedID
                for group in role.groups {
                    let groupID = try groupRow(group, name: nil, source: source, in: context)
                    try connection.execute(
                        "INSERT OR IGNORE INTO application_role_group (role_id, group_id) VALUES (?, ?)", id, groupID)
                }
            }
        }
    }

    /// Our id of an account that a record names. One that no list told of is added with what the record says of it.
    public static func intern(_ account: Account, source: Int64, in context: WriteContext) throws -> Int64 {
        let key = InternedIDs.SourceKey(source: source, value: account.id.rawValue)
        if let known = context.interned.accounts[key] { return known }
        let connection = context.connection
        let find = "SELECT id FROM account WHERE source_id = ? AND jira_id = ?"
        var id = try connection.first(find, source, account.id.rawValue) { $0.int64(0) }
        if id == nil {
            let insert = try connection.statement(
                """
                INSERT INTO account (source_id, jira_id, name, display_name, email, kind, active, time_zone)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
            bind(account, source: source, to: insert)
            try insert.run()
            // Moves no version: only this account's own set changes, and the set of an unknown account is not remembered.
            id = connection.lastInsertedID
        }
        guard let id else { throw StoreError(.damaged, "An account has no row") }
        context.interned.accounts.remember(id, for: key)
        return id
    }

    private static func bind(_ account: Account, source: Int64, to statement: Statement) {
        statement.bind(1, source)
        statement.bind(2, account.id.rawValue)
        statement.bind(3, account.name)
        statement.bind(4, account.displayName)
        statement.bind(5, account.email)
        statement.bind(6, account.kind.rawValue)
        statement.bind(7, Int64(account.isActive ? 1 : 0))
        statement.bind(8, account.timeZone)
    }

    /// Our id of a group; one that is not known yet is added. A name changes the stored one.
    private static func groupRow(
        _ group: GroupID, name: String?, source: Int64, in context: WriteContext
    ) throws -> Int64 {
        let known = try context.connection.first(
            "SELECT id, name FROM person_group WHERE source_id = ? AND jira_id = ?", source, group.rawValue
        ) { ($0.int64(0), $0.text(1)) }
        if let known, name == nil || name == known.1 { return known.0 }
        context.noteAccessChange()
        if let known {
            try context.connection.execute("UPDATE person_group SET name = ? WHERE id = ?", name, known.0)
            return known.0
        }
        try context.connection.execute(
            "INSERT INTO person_group (source_id, jira_id, name) VALUES (?, ?, ?)", source, group.rawValue,
            name ?? group.rawValue)
        return context.connection.lastInsertedID
    }
}
