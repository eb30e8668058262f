import AccessControl
import IssueModel
import JiraClient
import Synchronization

/// Reads one project's own facts: which scheme it uses, and who plays the roles that some rule names.
struct ProjectReading: Sendable {
    let reader: AccessReader
    /// As known after what is site-wide was read.
    let facts: AccessFacts
    let issues: [EntityID: AccessNeeds.OfIssues]
    let directory: AccountDirectory
    /// Whether the contents of company-managed projects' schemes come from the list of all schemes.
    let schemesAreListed: Bool

    func read(
        _ project: AccessFacts.ProjectFacts, withNames: Bool
    ) async throws -> ReadOutcome<RefreshState.ProjectRead> {
        try await scheme(of: project).flatMap { scheme in
            var known = project
            known.permissionScheme = scheme.id
            let roles = withNames ? try await allRoles(of: known, scheme) : try await namedRoles(of: known, scheme)
            return try await roles.flatMap { read in
                var read = read
                read.securityScheme = try await securityScheme(of: project)
                return .read(read)
            }
        }
    }

    /// Data Center tells project by project which security scheme is used. It decides nothing by itself, so that a site
    /// that does not tell it loses nothing.
    private func securityScheme(of project: AccessFacts.ProjectFacts) async throws -> EntityID?? {
        guard facts.groupsAreNames, !facts.securityLevels.isEmpty else { return nil }
        let client = reader.client
        let outcome = try await reader.read { () async throws(JiraError) in
            try await client.securityScheme(ofProject: project.id)
        }
        return outcome.value.map { $0?.id }
    }

    private struct Scheme: Sendable {
        var id: EntityID
        /// Its grants, where no list of schemes has them.
        var own: PermissionScheme?
    }

    private func scheme(of project: AccessFacts.ProjectFacts) async throws -> ReadOutcome<Scheme> {
        let client = reader.client
        if schemesAreListed, project.style == .company {
            let outcome = try await reader.read { () async throws(JiraError) in
                try await client.permissionSchemeID(ofProject: project.id)
            }
            guard case .read(let id) = outcome, facts.permissionSchemes[id] == nil else {
                return await outcome.flatMap { .read(Scheme(id: $0)) }
            }
        }
        let whole = try await reader.read { () async throws(JiraError) in
            try await client.permissionScheme(ofProject: project.id)
        }
        return await whole.flatMap { .read(Scheme(id: $0.id, own: $0)) }
    }

    private func namedRoles(
        of project: AccessFacts.ProjectFacts, _ scheme: Scheme
    ) async throws -> ReadOutcome<RefreshState.ProjectRead> {
        let (client, directory) = (reader.client, directory)
        var roles: [RoleActors] = []
        for role in self.roles(of: project, scheme.own).sorted(by: { $0.rawValue < $1.rawValue }) {
            let outcome = try await reader.read { () async throws(JiraError) in
                try await client.roleActors(in: project.id, role: role, people: directory)
            }
            switch outcome {
            case .read(let actors): roles.append(actors)
            case .missing: roles += absent([role])
            case .refused(let problem): return .refused(problem)
            case .failed(let problem): return .failed(problem)
            }
        }
        return .read(.init(scheme: scheme.id, own: scheme.own, roles: roles, hasAllNames: false))
    }

    /// All roles, to find those by name that only a name is known of; only what a rule names is kept.
    private func allRoles(
        of project: AccessFacts.ProjectFacts, _ scheme: Scheme
    ) async throws -> ReadOutcome<RefreshState.ProjectRead> {
        let (client, directory) = (reader.client, directory)
        let outcome = try await reader.read { () async throws(JiraError) in
            try await client.roleActors(in: project.id, people: directory)
        }
        return await outcome.flatMap { all in
            var known = project
            known.roles = all
            let wanted = roles(of: known, scheme.own)
            let kept = all.filter { wanted.contains($0.role.id) } + absent(wanted.subtracting(all.map(\.role.id)))
            return .read(.init(scheme: scheme.id, own: scheme.own, roles: kept, hasAllNames: true))
        }
    }

    /// The roles of the project that some rule names, its scheme being known.
    private func roles(of project: AccessFacts.ProjectFacts, _ own: PermissionScheme?) -> Set<EntityID> {
        var only = AccessFacts(
            groupsAreNames: facts.groupsAreNames, projects: [project],
            securityLevels: Array(facts.securityLevels.values))
        only.permissionSchemes = facts.permissionSchemes
        if let own { only.permissionSchemes[own.id] = own }
        return AccessNeeds(only, issues: issues).roles[project.id] ?? []
    }

    /// Roles that the project does not have are kept without anybody, so that they are not asked for again and again.
    private func absent(_ roles: Set<EntityID>) -> [RoleActors] {
        roles.sorted { $0.rawValue < $1.rawValue }.map {
            RoleActors(role: Entity(id: $0, name: ""), accounts: [], groups: [])
        }
    }
}

/// Counts what has been read, from any task.
final class ReadProgress: Sendable {
    private let counts = Mutex((done: 0, expected: 0))
    private let report: @Sendable (Int, Int) -> Void

    init(expected: Int, _ report: @escaping @Sendable (Int, Int) -> Void) {
        self.report = report
        counts.withLock { $0.expected = expected }
    }

    /// At least so many more are to come.
    func expect(_ more: Int) {
        counts.withLock { $0.expected = max($0.expected, $0.done + more) }
    }

    func advance() {
        let now = counts.withLock { counts in
            counts.done += 1
            return counts
        }
        report(now.done, max(now.done, now.expected))
    }
}
