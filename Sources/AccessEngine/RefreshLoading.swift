import AccessControl
public import Database
public import IssueModel
import JiraClient
import Journal
public import Store

extension AccessRefresh {
    /// What is stored, in one snapshot.
    func load() async throws -> RefreshState {
        let source = source
        return try await store.read { connection in
            let facts = try AccessRecords.facts(source: source.id, withPeople: false, in: connection)
            let keys = try Self.scanKeys(AudienceRules(facts), source: source.id, in: connection)
            var times: [AccessFact: FactTime] = [:]
            var trail: AuditTrail?
            for record in try AccessFactRecords.all(source: source.id, in: connection) {
                guard let fact = AccessFact(kind: record.kind.rawValue, ref: record.ref) else { continue }
                let isRefused = record.data == Self.refused
                times[fact] = FactTime(
                    verified: record.verified, refusal: isRefused ? record.problem ?? "Jira refuses it." : nil,
                    detail: isRefused ? nil : record.data)
                if fact == .auditLog { trail = AuditTrail(json: record.data) }
            }
            let projects = try ProjectRecords.all(source: source.id, in: connection)
            return RefreshState(
                facts: facts, issues: keys.named, outdated: keys.outdated, times: times, trail: trail,
                projects: Dictionary(projects.map { ($0.project.id, $0) }) { first, _ in first },
                memberCounts: try Self.memberCounts(source.id, connection),
                accountCount: try connection.first("SELECT count(*) FROM account WHERE source_id = ?", source.id) {
                    $0.int(0)
                } ?? 0,
                directory: facts.groupsAreNames ? try Self.directory(source.id, connection) : AccountDirectory(),
                securitySchemes: try Self.securitySchemes(source.id, connection))
        }
    }

    private static func securitySchemes(_ source: Int64, _ connection: Connection) throws -> [EntityID: EntityID] {
        let pairs = try connection.rows(
            "SELECT jira_id, security_scheme_id FROM project WHERE source_id = ? AND security_scheme_id IS NOT NULL",
            source
        ) { (EntityID($0.text(0)), EntityID($0.text(1))) }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Projects whose issues are to be read again because their levels may be others than those of the kept copies, each
    /// with what tells this change from a later one.
    public static func projectsToReread(source: Int64, in connection: Connection) throws -> [EntityID: Int64] {
        let all = try AccessFactRecords.all(source: source, in: connection)
        let noted = all.filter { $0.kind.rawValue == "issue_levels" }
            .map { (EntityID($0.ref), $0.verified?.rawValue ?? 0) }
        return Dictionary(noted) { first, _ in first }
    }

    /// Notes that the issues of these projects have been read again, since ``projectsToReread(source:in:)`` was asked: a
    /// change that was found later is still to be followed.
    public static func noteReread(
        _ projects: [EntityID: Int64], source: Int64, in context: WriteContext
    ) throws {
        let now = try projectsToReread(source: source, in: context.connection)
        for (project, change) in projects where now[project] == change {
            try AccessFactRecords.remove(
                .init(rawValue: "issue_levels"), ref: project.rawValue, source: source, in: context)
        }
    }

    /// Kept in the place of a fact's data where Jira refuses it.
    static let refused = "refused"

    /// What the keys of all acls name of each project, and which of them lack what the rules now ask for.
    private static func scanKeys(
        _ rules: AudienceRules, source: Int64, in connection: Connection
    ) throws -> (named: [EntityID: AccessNeeds.OfIssues], outdated: Set<Int64>) {
        var named: [EntityID: AccessNeeds.OfIssues] = [:]
        var outdated: Set<Int64> = []
        try connection.forEach("SELECT id, key FROM acl WHERE source_id = ?", source) { row in
            let key = AclKey(bytes: row.blob(1))
            if let inputs = AclInputs(key) { named[inputs.project, default: .init()].add(inputs) }
            if rules.derivation(for: key).needsRewriting { outdated.insert(row.int64(0)) }
        }
        return (named, outdated)
    }

    private static func memberCounts(_ source: Int64, _ connection: Connection) throws -> [GroupID: Int] {
        let counts = try connection.rows(
            """
            SELECT g.jira_id, count(*) FROM membership m JOIN person_group g ON g.id = m.group_id
            WHERE g.source_id = ? GROUP BY g.id
            """, source
        ) { (GroupID($0.text(0)), $0.int(1)) }
        return Dictionary(counts) { first, _ in first }
    }

    private static func directory(_ source: Int64, _ connection: Connection) throws -> AccountDirectory {
        AccountDirectory(
            try connection.rows(
                "SELECT jira_id, name FROM account WHERE source_id = ? AND name IS NOT NULL", source
            ) { Account(id: AccountID($0.text(0)), name: $0.text(1), displayName: "") })
    }
}
