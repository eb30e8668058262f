public import Database
public import IssueModel

/// Projects of a source, their keys, roles and schemes.
public enum ProjectRecords {
    /// Whether the rules of a project are known well enough to show its issues.
    public enum AccessState: String, Hashable, Sendable {
        /// Not asked yet.
        case unknown
        case verified
        /// The rules could not be read; nobody but the operator sees the project.
        case hidden
        /// Jira no longer lists the project; nobody but the operator sees what is left of it.
        case gone
    }

    /// A project with its row.
    public struct Record: Hashable, Sendable {
        public var id: Int64
        public var source: Int64
        public var project: Project
        public var accessState: AccessState
        public var accessVerified: Timestamp?
        /// What the last attempt to read the rules met, for an administrator.
        public var accessProblem: String?
        /// When `accessState` last became another.
        public var accessChanged: Timestamp?
    }

    /// Adds or updates a project with its keys. Its scheme and access state stay as they are.
    ///
    /// - Returns: Our id of it.
    @discardableResult
    public static func store(
        _ project: Project, formerKeys: [String] = [], raw: [UInt8]? = nil, source: Int64, in context: WriteContext
    ) throws -> Int64 {
        let connection = context.connection
        let before = try find(project.id, source: source, in: connection)
        try connection.execute(
            """
            INSERT INTO project (source_id, jira_id, key, name, type, style, private, archived, lead, category, raw)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source_id, jira_id) DO UPDATE SET key = excluded.key, name = excluded.name,
                type = excluded.type, style = excluded.style, private = excluded.private, archived = excluded.archived,
                lead = excluded.lead, category = excluded.category, raw = coalesce(excluded.raw, raw),
                access_state = CASE access_state WHEN 'gone' THEN 'unknown' ELSE access_state END
            """, source, project.id.rawValue, project.key, project.name, project.type, project.style.rawValue,
            project.isPrivate, project.isArchived, project.lead?.rawValue, project.category, raw)
        guard let after = try find(project.id, source: source, in: connection) else {
            throw StoreError(.damaged, "A project has no row")
        }
        if before != after { context.noteAccessChange() }
        for key in formerKeys + [project.key] {
            // A former key that is another project's now finds that one.
            try connection.execute(
                """
                INSERT INTO project_key (source_id, key, project_id) SELECT ?1, ?2, ?3 WHERE ?2 = upper(?4)
                    OR NOT EXISTS (SELECT 1 FROM project WHERE source_id = ?1 AND upper(key) = ?2 AND id <> ?3)
                ON CONFLICT (source_id, key) DO UPDATE SET project_id = excluded.project_id
                """, source, key.uppercased(), after.id, project.key)
        }
        return after.id
    }

    /// Marks projects that a complete list no longer has; everybody but the operator stops seeing them.
    ///
    /// - Returns: Jira's identities of those newly marked.
    @discardableResult
    public static func retire(
        notIn listed: Set<EntityID>, source: Int64, in context: WriteContext
    ) throws -> [EntityID] {
        let known = try context.connection.rows(
            "SELECT id, jira_id FROM project WHERE source_id = ? AND access_state <> 'gone'", source
        ) { ($0.int64(0), EntityID($0.text(1))) }
        let gone = known.filter { !listed.contains($0.1) }
        for (id, _) in gone {
            try context.connection.execute(
                "UPDATE project SET access_state = 'gone', access_changed = ? WHERE id = ?", context.now.rawValue, id)
        }
        if !gone.isEmpty { context.noteAccessChange() }
        return gone.map(\.1)
    }

    /// Says whose rules a project follows; `nil` is none that could be read, and so nobody.
    public static func setSchemes(
        of project: EntityID, permissionScheme: EntityID?, securityScheme: EntityID?, source: Int64,
        in context: WriteContext
    ) throws {
        guard let row = try find(project, source: source, in: context.connection)?.id else {
            throw StoreError(.notFound, "There is no project \(project)")
        }
        try context.noteAccessChange(in: "SELECT scheme_id, security_scheme_id FROM project WHERE id = ?", row) {
            try context.connection.execute(
                """
                UPDATE project SET security_scheme_id = ?1,
                    scheme_id = (SELECT id FROM permission_scheme WHERE source_id = ?2 AND jira_id = ?3)
                WHERE id = ?4
                """, securityScheme?.rawValue, source, permissionScheme?.rawValue, row)
        }
    }

    /// Says how well a project's rules are known, and since when. The access version moves where the project is shown
    /// or hidden by it.
    ///
    /// - Parameters:
    ///   - verified: When its rules were read; `nil` leaves that as it was, and so the end of the lease.
    ///   - problem: What the attempt met; `nil` where all was well.
    public static func setAccess(
        _ state: AccessState, verified: Timestamp?, problem: String? = nil, of project: EntityID, source: Int64,
        in context: WriteContext
    ) throws {
        guard let before = try find(project, source: source, in: context.connection),
            let site = try SourceRecords.source(source, in: context.connection)
        else { throw StoreError(.notFound, "There is no project \(project)") }
        var after = before
        after.accessState = state
        after.accessVerified = verified ?? before.accessVerified
        after.accessProblem = problem
        if before.accessState != state { after.accessChanged = context.now }
        if after == before { return }
        try context.connection.execute(
            """
            UPDATE project SET access_state = ?, access_verified = ?, access_problem = ?, access_changed = ?
            WHERE id = ?
            """, state.rawValue, after.accessVerified?.rawValue, problem, after.accessChanged?.rawValue, before.id)
        let shown = [before, after].map {
            access(of: $0, source: site, now: context.now, context.endedLeases).isShown
        }
        if before.accessState != state || shown[0] != shown[1] { context.noteAccessChange() }
    }

    /// Makes `actors` all roles of a project with those who play them.
    public static func replaceRoles(
        of project: EntityID, _ actors: [RoleActors], source: Int64, in context: WriteContext
    ) throws {
        let connection = context.connection
        guard let id = try find(project, source: source, in: connection)?.id else {
            throw StoreError(.notFound, "There is no project \(project)")
        }
        let state = """
            SELECT role, role_name, account, actor_group FROM role_actor WHERE project_id = ? ORDER BY 1, 2, 3, 4
            """
        try context.noteAccessChange(in: state, id) {
            try connection.execute("DELETE FROM role_actor WHERE project_id = ?", id)
            for role in actors {
                // A role nobody plays is kept too: rules name it.
                if role.accounts.isEmpty, role.groups.isEmpty {
                    try insert(role.role, account: nil, group: nil, project: id, in: connection)
                }
                for account in role.accounts {
                    try insert(role.role, account: account, group: nil, project: id, in: connection)
                }
                for group in role.groups {
                    try insert(role.role, account: nil, group: group, project: id, in: connection)
                }
            }
        }
    }

    private static func insert(
        _ role: Entity, account: AccountID?, group: GroupID?, project: Int64, in connection: Connection
    ) throws {
        try connection.execute(
            "INSERT INTO role_actor (project_id, role, role_name, account, actor_group) VALUES (?, ?, ?, ?, ?)",
            project,
            role.id.rawValue, role.name, account?.rawValue, group?.rawValue)
    }

    public static func find(_ project: EntityID, source: Int64, in connection: Connection) throws -> Record? {
        try connection.first(
            "SELECT \(columns) FROM project p WHERE source_id = ? AND jira_id = ?", source, project.rawValue, as: record
        )
    }

    /// The project that has or had this key, compared without regard to case.
    public static func find(key: String, source: Int64, in connection: Connection) throws -> Record? {
        try connection.first(
            """
            SELECT \(columns) FROM project_key k JOIN project p ON p.id = k.project_id
            WHERE k.source_id = ? AND k.key = ?
            """, source, key.uppercased(), as: record)
    }

    /// Every project of a source, by key.
    public static func all(source: Int64, in connection: Connection) throws -> [Record] {
        try connection.rows("SELECT \(columns) FROM project p WHERE source_id = ? ORDER BY key", source, as: record)
    }

    private static let columns = """
        p.id, p.source_id, p.jira_id, p.key, p.name, p.type, p.style, p.private, p.archived, p.lead, p.category,
        p.access_state, p.access_verified, p.access_problem, p.access_changed
        """

    private static func record(_ row: Row) -> Record {
        Record(
            id: row.int64(0), source: row.int64(1),
            project: Project(
                id: EntityID(row.text(2)), key: row.text(3), name: row.text(4), type: row.text(5),
                style: Project.Style(rawValue: row.text(6)) ?? .company, isPrivate: row.bool(7),
                isArchived: row.bool(8), lead: row.optionalText(9).map { AccountID($0) },
                category: row.optionalText(10)),
            accessState: AccessState(rawValue: row.text(11)) ?? .hidden,
            accessVerified: row.optionalInt64(12).map { Timestamp(milliseconds: $0) },
            accessProblem: row.optionalText(13),
            accessChanged: row.optionalInt64(14).map { Timestamp(milliseconds: $0) })
    }
}
