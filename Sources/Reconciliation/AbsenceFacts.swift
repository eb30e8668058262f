import AccessControl
import Database
import IssueModel
import Journal
import Store

/// What the store knows that helps to tell a deleted issue from one that is hidden. Read once for many issues.
struct AbsenceFacts {
    private let projects: [Int64: ProjectRecords.Record]
    private let deleted: Set<EntityID>
    private let open: Set<EntityID>

    init(source: Int64, in connection: Connection) throws {
        projects = Dictionary(
            try ProjectRecords.all(source: source, in: connection).map { ($0.id, $0) }
        ) { first, _ in first }
        deleted = try AbsentProjects.having(.deleted, source: source, in: connection)
        open = try Self.openProjects(source: source, in: connection)
    }

    func sight(of row: IssueRow) -> AbsenceEvidence.ProjectSight {
        guard let record = projects[row.project] else { return .gone }
        if deleted.contains(record.project.id), record.accessState == .gone { return .deleted }
        if record.project.isArchived { return .archived }
        return record.accessState == .gone ? .gone : .listed
    }

    /// Whether Jira could hide this one issue of its project from the source's account.
    func canBeHidden(_ row: IssueRow) -> Bool {
        projects[row.project].map { !open.contains($0.project.id) } ?? true
    }

    /// Whether every rule of the project was read since a moment, so that the rules are not those of before.
    func areRulesKnown(of row: IssueRow, since moment: Timestamp) -> Bool {
        guard let record = projects[row.project], record.accessState == .verified,
            let verified = record.accessVerified
        else { return false }
        return verified > moment
    }

    /// Projects of which the source's account sees every issue by the rules: its own groups and roles let it browse, and put
    /// it into every security level.
    private static func openProjects(source: Int64, in connection: Connection) throws -> Set<EntityID> {
        guard let site = try SourceRecords.source(source, in: connection), site.accessMode == .mirror,
            let account = site.principal,
            let record = try PeopleRecords.account(account, source: source, in: connection),
            let levels = try AccessFactRecords.record(.levels, source: source, in: connection),
            levels.verified != nil, levels.problem == nil
        else { return [] }
        let facts = try AccessRecords.facts(source: source, withPeople: false, in: connection)
        let person = AccessFacts.Person(
            id: record.account.id, kind: record.account.kind, isActive: record.account.isActive)
        let principals = Membership(facts).principals(
            of: person, directGroups: try PeopleRecords.groups(ofAccountRow: record.id, in: connection))
        let rules = AudienceRules(facts)
        return Set(
            facts.projects.values.filter { project in
                // Issues of team-managed projects may be restricted one by one.
                guard project.style == .company else { return false }
                // Data Center does not tell which project uses which levels: there it must be in all.
                let used = facts.securityLevels.values.filter { level in
                    site.product != .cloud || level.schemeID == nil || level.schemeID == project.securityScheme
                }
                let inputs =
                    [AclInputs(project: project.id)]
                    + used.map { AclInputs(project: project.id, level: $0.id) }
                return inputs.allSatisfy { rules.derivation(for: $0).clauses.admits(principals) }
            }.map(\.id))
    }
}
