public import AccessControl
public import Database
internal import IssueModel

extension AccessRecords {
    /// What `recompute` changed.
    public struct Recomputation: Hashable, Sendable {
        /// Acls whose clauses are other than before.
        public var changed = 0
        /// Acls that admit fewer than Jira would until the issues that use them are written again, because a rule now
        /// asks for something of the issue that the key does not hold.
        public var outdated: Set<Int64> = []
    }

    /// Derives the clauses of every acl of a source again by the rules stored now.
    @discardableResult
    public static func recompute(source: Int64, in context: WriteContext) throws -> Recomputation {
        let facts = try facts(source: source, withPeople: false, in: context.connection)
        return try recompute(rules: AudienceRules(facts), source: source, in: context)
    }

    /// Derives the clauses of every acl of a source again: after a scheme, a level, a role's or group's name, a project's
    /// lead or the mode changed. Touches no issue.
    ///
    /// Belongs in the transaction of the change, so that nobody reads by the old rules once the new ones are stored.
    @discardableResult
    public static func recompute(
        rules: AudienceRules, source: Int64, in context: WriteContext
    ) throws -> Recomputation {
        let connection = context.connection
        var result = Recomputation()
        var projects = ProjectRows(source: source)
        try forEachPage(source: source, in: connection) { page in
            for acl in page {
                let derivation = rules.derivation(for: acl.key)
                if derivation.needsRewriting { result.outdated.insert(acl.id) }
                let clauses = try bytes(of: derivation.clauses, source: source, in: context)
                let project = try projects.row(of: acl.key, in: connection)
                if clauses == acl.clauses, project == acl.project { continue }
                try connection.execute(
                    "UPDATE acl SET project_id = ?, browse = ?, level = ?, visibility = ? WHERE id = ?", project,
                    clauses.browse, clauses.level, clauses.visibility, acl.id)
                result.changed += 1
            }
        }
        if result.changed > 0 { context.noteAccessChange() }
        return result
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

    /// How many acls of a source are not what its rules derive from their keys: a change that was not followed up, or
    /// somebody's hand.
    public static func mistaken(source: Int64, in connection: Connection) throws -> Int {
        let rules = AudienceRules(try facts(source: source, withPeople: false, in: connection))
        var projects = ProjectRows(source: source)
        var count = 0
        let find = "SELECT id FROM principal WHERE source_id = ? AND kind = ? AND value = ?"
        try forEachPage(source: source, in: connection) { page in
            for acl in page {
                let derived = try ClauseBytes(rules.clauses(for: acl.key)) { principal in
                    // A principal that was never interned is in no stored clause.
                    let id = try connection.first(find, source, principal.kind, principal.value) { $0.int64(0) }
                    return id.flatMap { UInt32(exactly: $0) } ?? .max
                }
                let project = try projects.row(of: acl.key, in: connection)
                if derived != acl.clauses || acl.project != nil && acl.project != project { count += 1 }
            }
        }
        return count
    }

    /// Acls read at a time.
    private static let pageSize = 4_096

    private static func forEachPage(
        source: Int64, in connection: Connection, _ body: ([StoredAcl]) throws -> Void
    ) throws {
        var last: Int64 = 0
        while true {
            let page = try connection.rows(
                """
                SELECT id, key, project_id, browse, level, visibility FROM acl WHERE +source_id = ? AND id > ?
                ORDER BY id LIMIT ?
                """, source, last, pageSize
            ) { row in
                StoredAcl(
                    id: row.int64(0), key: AclKey(bytes: row.blob(1)), project: row.optionalInt64(2),
                    clauses: ClauseBytes(
                        browse: row.optionalBlob(3), level: row.optionalBlob(4), visibility: row.optionalBlob(5)))
            }
            guard let end = page.last?.id else { return }
            try body(page)
            last = end
        }
    }

    private struct StoredAcl {
        var id: Int64
        var key: AclKey
        var project: Int64?
        var clauses: ClauseBytes
    }

    /// Our ids of the projects that keys name, looked up once each.
    private struct ProjectRows {
        let source: Int64
        private var known: [EntityID: Int64?] = [:]

        init(source: Int64) { self.source = source }

        mutating func row(of key: AclKey, in connection: Connection) throws -> Int64? {
            guard let project = AclInputs(key)?.project else { return nil }
            if let known = known[project] { return known }
            let row = try ProjectRecords.find(project, source: source, in: connection)?.id
            known[project] = .some(row)
            return row
        }
    }

    /// Clauses as an acl row has them.
    struct ClauseBytes: Hashable {
        var browse: [UInt8]?
        var level: [UInt8]?
        var visibility: [UInt8]?

        init(browse: [UInt8]?, level: [UInt8]?, visibility: [UInt8]?) {
            (self.browse, self.level, self.visibility) = (browse, level, visibility)
        }

        /// - Parameter id: The interned id of a principal.
        init(_ clauses: AclClauses, id: (Principal) throws -> UInt32) throws {
            func bytes(_ clause: Set<Principal>?) throws -> [UInt8]? {
                try clause.map { AllowedSet.clauseBytes(try $0.map(id)) }
            }
            browse = try bytes(clauses.browse)
            level = try bytes(clauses.level)
            let visibilities = (clauses.visibility.map { [$0] } ?? []) + clauses.further
            visibility = AllowedSet.clauseBytes(all: try visibilities.map { try $0.map(id) })
        }
    }
}
