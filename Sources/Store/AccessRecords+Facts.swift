public import AccessControl
public import Database
public import IssueModel

extension AccessRecords {
    /// What decides who may see what in a source, as it was last read.
    ///
    /// - Parameter withPeople: Also every account and membership, which a large site has very many of. The rules and
    ///   acls need none of them; only enumerating whom a rule admits does.
    public static func facts(source: Int64, withPeople: Bool, in connection: Connection) throws -> AccessFacts {
        let site = try connection.first("SELECT product, access_mode FROM source WHERE id = ?", source) {
            (product: $0.text(0), mode: $0.text(1))
        }
        guard let site else { throw StoreError(.notFound, "There is no source \(source)") }
        guard let mode = AccessMode(rawValue: site.mode) else {
            throw StoreError(.damaged, "The access mode of source \(source) is none that this version knows")
        }
        return AccessFacts(
            mode: mode, groupsAreNames: site.product != Source.Product.cloud.rawValue,
            projects: try projects(source, connection),
            permissionSchemes: try permissionSchemes(source, connection),
            securityLevels: try securityLevels(source, connection),
            groups: try connection.rows("SELECT jira_id, name FROM person_group WHERE source_id = ?", source) {
                Group(id: GroupID($0.text(0)), name: $0.text(1))
            },
            subgroups: try subgroups(source, connection),
            memberships: withPeople ? try memberships(source, connection) : [:],
            applicationRoles: try applicationRoles(source, connection),
            accounts: withPeople ? try people(source, connection) : [])
    }

    /// Permission schemes with their grants.
    public static func permissionSchemes(_ source: Int64, _ connection: Connection) throws -> [PermissionScheme] {
        var grants: [Int64: [PermissionScheme.Grant]] = [:]
        try connection.forEach(
            """
            SELECT g.scheme_id, g.permission, g.holder_type, g.holder_parameter FROM permission_grant g
            JOIN permission_scheme s ON s.id = g.scheme_id WHERE s.source_id = ? ORDER BY g.rowid
            """, source
        ) { row in
            let holder = Holder(type: row.text(2), parameter: row.optionalText(3))
            grants[row.int64(0), default: []].append(.init(permission: row.text(1), holder: holder))
        }
        return try connection.rows("SELECT id, jira_id, name FROM permission_scheme WHERE source_id = ?", source) {
            PermissionScheme(id: EntityID($0.text(1)), name: $0.text(2), grants: grants[$0.int64(0)] ?? [])
        }
    }

    /// Security levels with their members, as the site tells them or else as an administrator declared them.
    public static func securityLevels(_ source: Int64, _ connection: Connection) throws -> [SecurityLevel] {
        var members: [Int64: [Holder]] = [:]
        try connection.forEach(
            """
            SELECT m.level_id, m.holder_type, m.holder_parameter FROM security_level_member m
            JOIN security_level l ON l.id = m.level_id WHERE l.source_id = ? ORDER BY m.rowid
            """, source
        ) { row in
            members[row.int64(0), default: []].append(Holder(type: row.text(1), parameter: row.optionalText(2)))
        }
        let declared = Dictionary(
            try DeclaredLevels.all(source: source, in: connection).map { ($0.level, $0.members) }
        ) { first, _ in first }
        return try connection.rows(
            "SELECT id, jira_id, scheme, name, members_known FROM security_level WHERE source_id = ?", source
        ) { row in
            let id = EntityID(row.text(1))
            return SecurityLevel(
                id: id, schemeID: row.optionalText(2).map { EntityID($0) }, name: row.text(3),
                members: row.bool(4) ? members[row.int64(0)] ?? [] : declared[id])
        }
    }

    private static func projects(_ source: Int64, _ connection: Connection) throws -> [AccessFacts.ProjectFacts] {
        struct RoleKey: Hashable {
            var project: Int64
            var role: Entity
        }
        var roles: [RoleKey: RoleActors] = [:]
        try connection.forEach(
            """
            SELECT a.project_id, a.role, a.role_name, a.account, a.actor_group FROM role_actor a
            JOIN project p ON p.id = a.project_id WHERE p.source_id = ?
            """, source
        ) { row in
            let role = Entity(id: EntityID(row.text(1)), name: row.text(2))
            let key = RoleKey(project: row.int64(0), role: role)
            var actors = roles[key] ?? RoleActors(role: role, accounts: [], groups: [])
            if let account = row.optionalText(3) { actors.accounts.append(AccountID(account)) }
            if let group = row.optionalText(4) { actors.groups.append(GroupID(group)) }
            roles[key] = actors
        }
        let byProject = Dictionary(grouping: roles, by: \.key.project)
        return try connection.rows(
            """
            SELECT p.id, p.jira_id, p.key, p.style, p.private, p.lead, s.jira_id, p.security_scheme_id
            FROM project p
            LEFT JOIN permission_scheme s ON s.id = p.scheme_id WHERE p.source_id = ? AND p.access_state <> 'gone'
            """, source
        ) { row in
            AccessFacts.ProjectFacts(
                id: EntityID(row.text(1)), key: row.text(2), style: Project.Style(rawValue: row.text(3)) ?? .company,
                isPrivate: row.bool(4), lead: row.optionalText(5).map { AccountID($0) },
                permissionScheme: row.optionalText(6).map { EntityID($0) },
                securityScheme: row.optionalText(7).map { EntityID($0) },
                roles: (byProject[row.int64(0)] ?? []).map(\.value).sorted { $0.role.id.rawValue < $1.role.id.rawValue }
            )
        }
    }

    private static func subgroups(_ source: Int64, _ connection: Connection) throws -> [GroupID: [GroupID]] {
        var result: [GroupID: [GroupID]] = [:]
        try connection.forEach(
            """
            SELECT p.jira_id, c.jira_id FROM subgroup s JOIN person_group p ON p.id = s.parent_id
            JOIN person_group c ON c.id = s.child_id WHERE p.source_id = ?
            """, source
        ) { result[GroupID($0.text(0)), default: []].append(GroupID($0.text(1))) }
        return result
    }

    private static func memberships(_ source: Int64, _ connection: Connection) throws -> [GroupID: [AccountID]] {
        var result: [GroupID: [AccountID]] = [:]
        try connection.forEach(
            """
            SELECT g.jira_id, a.jira_id FROM membership m JOIN person_group g ON g.id = m.group_id
            JOIN account a ON a.id = m.account_id WHERE g.source_id = ?
            """, source
        ) { result[GroupID($0.text(0)), default: []].append(AccountID($0.text(1))) }
        return result
    }

    private static func applicationRoles(_ source: Int64, _ connection: Connection) throws -> [ApplicationRole] {
        var roles: [String: ApplicationRole] = [:]
        try connection.forEach(
            """
            SELECT r.key, r.name, g.jira_id FROM application_role r
            LEFT JOIN application_role_group l ON l.role_id = r.id
            LEFT JOIN person_group g ON g.id = l.group_id WHERE r.source_id = ?
            """, source
        ) { row in
            var role = roles[row.text(0)] ?? ApplicationRole(key: row.text(0), name: row.text(1), groups: [])
            if let group = row.optionalText(2) { role.groups.append(GroupID(group)) }
            roles[role.key] = role
        }
        return roles.values.sorted { $0.key < $1.key }
    }

    private static func people(_ source: Int64, _ connection: Connection) throws -> [AccessFacts.Person] {
        try connection.rows("SELECT jira_id, kind, active, display_name FROM account WHERE source_id = ?", source) {
            AccessFacts.Person(
                id: AccountID($0.text(0)), kind: Account.Kind(rawValue: $0.text(1)) ?? .unknown, isActive: $0.bool(2),
                displayName: $0.text(3))
        }
    }
}
