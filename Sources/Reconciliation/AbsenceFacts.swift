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
        open = try Self.projectsThatHideNothing(source: source, in: connection)
    }

    func sight(of row: IssueRow) -> AbsenceEvidence.ProjectSight {
        guard let record = projects[row.project] else { return .gone }
        if deleted.contains(record.project.id), record.accessState == .gone { return .deleted }
        if record.project.isArchived { return .archived }
        return record.accessState == .gone ? .gone : .listed
    }

    func canBeHidden(_ row: IssueRow) -> Bool {
        guard row.level == nil, let project = projects[row.project]?.project.id else { return true }
        return !open.contains(project)
    }

    /// Projects whose rules are known and show every issue to whoever sees any: no security scheme, no restriction of
    /// single issues, and no grant that depends on the issue.
    private static func projectsThatHideNothing(source: Int64, in connection: Connection) throws -> Set<EntityID> {
        guard let site = try SourceRecords.source(source, in: connection), site.accessMode == .mirror else { return [] }
        let levels = try AccessFactRecords.record(.levels, source: source, in: connection)
        guard let levels, levels.verified != nil, levels.problem == nil else { return [] }
        let facts = try AccessRecords.facts(source: source, withPeople: false, in: connection)
        // Data Center does not tell which project uses which levels.
        if site.product != .cloud, !facts.securityLevels.isEmpty { return [] }
        return Set(
            facts.projects.values.filter { project in
                guard project.style == .company, project.securityScheme == nil,
                    let scheme = project.permissionScheme.flatMap({ facts.permissionSchemes[$0] })
                else { return false }
                return scheme.grants.filter { $0.permission == "BROWSE_PROJECTS" }.allSatisfy { !$0.holder.isOfIssue }
            }.map(\.id))
    }
}

extension Holder {
    /// Whether whom it names depends on the issue, or is not known.
    fileprivate var isOfIssue: Bool {
        switch self {
        case .reporter, .assignee, .accountField, .groupField, .unknown: true
        case .anyone, .applicationRole, .group, .account, .projectRole, .projectLead, .portalCustomer: false
        }
    }
}
