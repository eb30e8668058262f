public import AccessControl
internal import Database
public import IssueModel

extension AccessRecords {
    /// Makes `schemes` all permission schemes of a source. Projects keep theirs by Jira's identity.
    public static func replacePermissionSchemes(
        _ schemes: [PermissionScheme], source: Int64, in context: WriteContext
    ) throws {
        let connection = context.connection
        let state = """
            SELECT s.jira_id, s.name, g.permission, g.holder_type, g.holder_parameter FROM permission_scheme s
            LEFT JOIN permission_grant g ON g.scheme_id = s.id WHERE s.source_id = ? ORDER BY 1, 3, 4, 5
            """
        try context.noteAccessChange(in: state, source) {
            let wanted = Set(schemes.map(\.id))
            let known = try connection.rows("SELECT id, jira_id FROM permission_scheme WHERE source_id = ?", source) {
                ($0.int64(0), EntityID($0.text(1)))
            }
            for (id, _) in known.filter({ !wanted.contains($0.1) }) {
                try connection.execute("DELETE FROM permission_grant WHERE scheme_id = ?", id)
                try connection.execute("UPDATE project SET scheme_id = NULL WHERE scheme_id = ?", id)
                try connection.execute("DELETE FROM permission_scheme WHERE id = ?", id)
            }
            for scheme in schemes { try write(scheme, source: source, in: connection) }
        }
    }

    /// Makes `levels` all security levels of a source. Levels that issues still name stay, with members unknown.
    public static func replaceSecurityLevels(
        _ levels: [SecurityLevel], source: Int64, in context: WriteContext
    ) throws {
        let connection = context.connection
        let state = """
            SELECT l.jira_id, l.name, l.members_known, m.holder_type, m.holder_parameter FROM security_level l
            LEFT JOIN security_level_member m ON m.level_id = l.id WHERE l.source_id = ? ORDER BY 1, 4, 5
            """
        try context.noteAccessChange(in: state, source) {
            try connection.execute(
                """
                DELETE FROM security_level_member
                WHERE level_id IN (SELECT id FROM security_level WHERE source_id = ?)
                """, source)
            try connection.execute("UPDATE security_level SET members_known = 0 WHERE source_id = ?", source)
            for level in levels {
                try connection.execute(
                    """
                    INSERT INTO security_level (source_id, jira_id, scheme, name, members_known) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (source_id, jira_id) DO UPDATE SET scheme = excluded.scheme, name = excluded.name,
                        members_known = excluded.members_known
                    """, source, level.id.rawValue, level.schemeID?.rawValue, level.name, level.members != nil)
                guard let id = try levelRow(level.id, source: source, in: connection) else { continue }
                for member in level.members ?? [] {
                    let text = member.text
                    try connection.execute(
                        "INSERT INTO security_level_member (level_id, holder_type, holder_parameter) VALUES (?, ?, ?)",
                        id,
                        text.type, text.parameter)
                }
            }
        }
    }

    /// Our id of the acl with this key. A key that is new gets a row with the clauses that the rules stored now derive,
    /// whatever they were when the key was made. That moves no version: remembered sets take the row in.
    public static func intern(_ key: AclKey, source: Int64, in context: WriteContext) throws -> Int64 {
        let cacheKey = InternedIDs.AclCacheKey(source: source, key: key.bytes)
        if let known = context.interned.acls[cacheKey] { return known }
        let connection = context.connection
        let find = "SELECT id FROM acl WHERE source_id = ? AND key = ?"
        if let id = try connection.first(find, source, key.bytes, as: { $0.int64(0) }) {
            context.interned.acls.remember(id, for: cacheKey)
            return id
        }
        let clauses = try bytes(of: context.rules(of: source).clauses(for: key), source: source, in: context)
        let project = try AclInputs(key).flatMap {
            try ProjectRecords.find($0.project, source: source, in: connection)?.id
        }
        try connection.execute(
            "INSERT INTO acl (source_id, key, project_id, browse, level, visibility) VALUES (?, ?, ?, ?, ?, ?)", source,
            key.bytes, project, clauses.browse, clauses.level, clauses.visibility)
        let id = connection.lastInsertedID
        context.interned.acls.remember(id, for: cacheKey)
        return id
    }

    static func bytes(
        of clauses: AclClauses, source: Int64, in context: WriteContext
    ) throws -> ClauseBytes {
        try ClauseBytes(clauses) { try intern($0, source: source, in: context) }
    }

    private static func intern(_ principal: Principal, source: Int64, in context: WriteContext) throws -> UInt32 {
        let key = InternedIDs.PrincipalKey(source: source, kind: principal.kind, value: principal.value)
        if let known = context.interned.principals[key] { return known }
        let connection = context.connection
        let find = "SELECT id FROM principal WHERE source_id = ? AND kind = ? AND value = ?"
        var id = try connection.first(find, source, key.kind, key.value) { $0.int64(0) }
        if id == nil {
            var issue: Int64?
            if case .listed(let listed) = principal { issue = listed.rawValue }
            try connection.execute(
                "INSERT INTO principal (source_id, kind, value, issue) VALUES (?, ?, ?, ?)", source, key.kind,
                key.value, issue)
            id = connection.lastInsertedID
        }
        guard let id, let narrow = UInt32(exactly: id) else {
            throw StoreError(.tooLarge, "There are more principals than an acl can name")
        }
        context.interned.principals.remember(narrow, for: key)
        return narrow
    }

    private static func write(_ scheme: PermissionScheme, source: Int64, in connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO permission_scheme (source_id, jira_id, name) VALUES (?, ?, ?)
            ON CONFLICT (source_id, jira_id) DO UPDATE SET name = excluded.name
            """, source, scheme.id.rawValue, scheme.name)
        let id = try connection.first(
            "SELECT id FROM permission_scheme WHERE source_id = ? AND jira_id = ?", source, scheme.id.rawValue
        ) { $0.int64(0) }
        guard let id else { throw StoreError(.damaged, "A permission scheme has no row") }
        try connection.execute("DELETE FROM permission_grant WHERE scheme_id = ?", id)
        for grant in scheme.grants {
            let text = grant.holder.text
            try connection.execute(
                """
                INSERT INTO permission_grant (scheme_id, permission, holder_type, holder_parameter)
                VALUES (?, ?, ?, ?)
                """, id, grant.permission, text.type, text.parameter)
        }
    }

    static func levelRow(_ level: EntityID, source: Int64, in connection: Connection) throws -> Int64? {
        try connection.first(
            "SELECT id FROM security_level WHERE source_id = ? AND jira_id = ?", source, level.rawValue
        ) { $0.int64(0) }
    }
}
