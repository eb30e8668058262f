public import AccessControl
public import Database
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

    /// Adds or replaces one permission scheme, where schemes are read project by project.
    public static func storePermissionScheme(
        _ scheme: PermissionScheme, source: Int64, in context: WriteContext
    ) throws {
        let others = try permissionSchemes(source, context.connection).filter { $0.id != scheme.id }
        try replacePermissionSchemes(others + [scheme], source: source, in: context)
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

    /// Our id of the acl with this key; a key that is new gets a row with the clauses that `rules` derive. That moves no
    /// version: remembered sets take the row in.
    public static func intern(
        _ key: AclKey, rules: AudienceRules, source: Int64, in context: WriteContext
    ) throws -> Int64 {
        try intern(
            key, clauses: rules.clauses(for: key), project: AclInputs(key)?.project, source: source, in: context)
    }

    static func intern(
        _ key: AclKey, clauses: @autoclosure () -> AclClauses, project: @autoclosure () -> EntityID?, source: Int64,
        in context: WriteContext
    ) throws -> Int64 {
        let cacheKey = InternedIDs.AclCacheKey(source: source, key: key.bytes)
        if let known = context.interned.acls[cacheKey] { return known }
        let connection = context.connection
        let find = "SELECT id FROM acl WHERE source_id = ? AND key = ?"
        if let id = try connection.first(find, source, key.bytes, as: { $0.int64(0) }) {
            context.interned.acls.remember(id, for: cacheKey)
            return id
        }
        let clauses = try bytes(of: clauses(), source: source, in: context)
        let project = try project().flatMap { try ProjectRecords.find($0, source: source, in: connection)?.id }
        try connection.execute(
            "INSERT INTO acl (source_id, key, project_id, browse, level, visibility) VALUES (?, ?, ?, ?, ?, ?)", source,
            key.bytes, project, clauses.browse, clauses.level, clauses.visibility)
        let id = connection.lastInsertedID
        context.interned.acls.remember(id, for: cacheKey)
        return id
    }

    /// Derives the clauses of every acl of a source again by the rules stored now.
    @discardableResult
    public static func recompute(source: Int64, in context: WriteContext) throws -> Recomputation {
        let facts = try facts(source: source, withPeople: false, in: context.connection)
        return try recompute(rules: AudienceRules(facts), source: source, in: context)
    }

    /// Acls of a source that admit fewer than Jira would until the issues that use them are written again, as
    /// `IssueRecords.identities(withAcls:)` finds them.
    public static func outdated(rules: AudienceRules, source: Int64, in connection: Connection) throws -> Set<Int64> {
        var result: Set<Int64> = []
        try connection.forEach("SELECT id, key FROM acl WHERE source_id = ?", source) { row in
            if rules.derivation(for: AclKey(bytes: row.blob(1))).needsRewriting { result.insert(row.int64(0)) }
        }
        return result
    }

    /// What `recompute` changed.
    public struct Recomputation: Hashable, Sendable {
        /// Acls whose clauses are other than before.
        public var changed = 0
        /// Acls that admit fewer than Jira would until the issues that use them are written again, because a rule now
        /// asks for something of the issue that the key does not hold.
        public var outdated: Set<Int64> = []
    }

    /// Derives the clauses of every acl of a source again: after a scheme, a level, a role's or group's name or a
    /// project's lead changed. Touches no issue.
    @discardableResult
    public static func recompute(
        rules: AudienceRules, source: Int64, in context: WriteContext
    ) throws -> Recomputation {
        let connection = context.connection
        var result = Recomputation()
        let acls = try connection.rows(
            "SELECT id, key, project_id, browse, level, visibility FROM acl WHERE source_id = ?", source
        ) { row in
            StoredAcl(
                id: row.int64(0), key: AclKey(bytes: row.blob(1)), project: row.optionalInt64(2),
                clauses: ClauseBytes(
                    browse: row.optionalBlob(3), level: row.optionalBlob(4), visibility: row.optionalBlob(5)))
        }
        var projects: [EntityID: Int64?] = [:]
        for acl in acls {
            let derivation = rules.derivation(for: acl.key)
            if derivation.needsRewriting { result.outdated.insert(acl.id) }
            let clauses = try bytes(of: derivation.clauses, source: source, in: context)
            var project: Int64?
            if let id = AclInputs(acl.key)?.project {
                if projects[id] == nil {
                    projects[id] = try ProjectRecords.find(id, source: source, in: connection)?.id
                }
                project = projects[id] ?? nil
            }
            if clauses == acl.clauses, project == acl.project { continue }
            try connection.execute(
                "UPDATE acl SET project_id = ?, browse = ?, level = ?, visibility = ? WHERE id = ?", project,
                clauses.browse, clauses.level, clauses.visibility, acl.id)
            result.changed += 1
        }
        if result.changed > 0 { context.noteAccessChange() }
        return result
    }

    private struct StoredAcl {
        var id: Int64
        var key: AclKey
        var project: Int64?
        var clauses: ClauseBytes
    }

    private struct ClauseBytes: Hashable {
        var browse: [UInt8]?
        var level: [UInt8]?
        var visibility: [UInt8]?
    }

    private static func bytes(
        of clauses: AclClauses, source: Int64, in context: WriteContext
    ) throws -> ClauseBytes {
        func ids(_ clause: Set<Principal>) throws -> [UInt32] {
            try clause.map { try intern($0, source: source, in: context) }
        }
        func bytes(_ clause: Set<Principal>?) throws -> [UInt8]? {
            try clause.map { AllowedSet.clauseBytes(try ids($0)) }
        }
        let visibilities = (clauses.visibility.map { [$0] } ?? []) + clauses.further
        return ClauseBytes(
            browse: try bytes(clauses.browse), level: try bytes(clauses.level),
            visibility: AllowedSet.clauseBytes(all: try visibilities.map(ids)))
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
