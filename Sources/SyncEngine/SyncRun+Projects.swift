import AccessEngine
import IssueModel
import JiraClient
import Journal
import Reconciliation
import SiteConnection
import Store

extension SyncRun {
    /// Reads the projects in scope, with their versions and components.
    func readProjects() async throws {
        let began = time.now()
        let listed = try await client.projects()
        let archived =
            try await readable(.catalogueUnreadable, "Archived projects cannot be listed.") {
                () async throws(JiraError) in try await client.projects(.archived)
            } ?? []
        let wanted = Set(source.scope.projects.map { $0.uppercased() })
        let inScope = (listed + archived).filter { source.scope.includes($0) }
        try warnOfMissing(wanted, inScope)
        try await keep(inScope)
        _ = try await AbsentProjects.settle(in: store, source: source, at: time.now(), log: log)
        let live = inScope.map(\.project).filter { !$0.isArchived }
        let forAccess = AccessRefresh.ListedProjects(
            live: inScope.filter { !$0.project.isArchived }, archived: inScope.filter(\.project.isArchived), at: began)
        withState { state in
            state.projects = live
            state.listedProjects = forAccess
        }
        try await readParts(of: try await inTurn(live, \.id, "projects", limit: Self.projectsInTurn))
    }

    /// Projects, and boards, of which one run for the catalogue reads versions and components, or sprints.
    static let projectsInTurn = 50

    /// All of a list, or its next part where the run is one of many for the catalogue.
    func inTurn<Element: Sendable>(
        _ all: [Element], _ id: (Element) -> EntityID, _ list: String, limit: Int
    ) async throws -> [Element] {
        guard !extent.readsWholeCatalogue else { return all }
        let (sourceID, now) = (source.id, time.now())
        let stored = try await store.read { try Checkpoints.data(CatalogueTurn.phase, source: sourceID, in: $0) }
        var turn = stored.map { CatalogueTurn(json: $0) } ?? CatalogueTurn()
        let chosen = turn.next(limit, of: all.map(id), in: list)
        let json = turn.json
        try await store.write {
            try Checkpoints.advance(CatalogueTurn.phase, to: json, at: now, source: sourceID, in: $0)
        }
        return all.filter { chosen.contains(id($0)) }
    }

    private func readParts(of projects: [Project]) async throws {
        expect(projects.count)
        let sourceID = source.id
        _ = try await each(projects) { project in
            let versions = try await self.readable(
                .catalogueUnreadable, "The versions of \(project.key) cannot be read."
            ) { () async throws(JiraError) in try await self.client.versions(of: project.id) }
            let components = try await self.readable(
                .catalogueUnreadable, "The components of \(project.key) cannot be read."
            ) { () async throws(JiraError) in try await self.client.components(of: project.id) }
            try await self.store.write { context in
                for version in versions ?? [] { try CatalogueRecords.store(version, source: sourceID, in: context) }
                for component in components ?? [] {
                    try CatalogueRecords.store(.component, component, source: sourceID, in: context)
                }
            }
            self.advance(by: 1)
        }
    }

    private func keep(_ projects: [FetchedProject]) async throws {
        let (sourceID, now) = (source.id, time.now())
        let gone = try await store.write { context in
            let gone = try AccessRefresh.followed(source: sourceID, in: context) {
                for project in projects {
                    try ProjectRecords.store(
                        project.project, formerKeys: project.keys.filter { $0 != project.project.key },
                        raw: project.raw, source: sourceID, in: context)
                }
                return try ProjectRecords.retire(
                    notIn: Set(projects.map(\.project.id)), source: sourceID, in: context)
            }
            try ProjectKeys.follow(source: sourceID, at: now, in: context)
            return gone
        }
        if !gone.isEmpty {
            warn(
                .projectGone,
                gone.count == 1
                    ? "One project is no longer listed or no longer in scope; what was read of it is hidden."
                    : "\(gone.count) projects are no longer listed or no longer in scope; what was read of them is hidden."
            )
        }
    }

    private func warnOfMissing(_ wanted: Set<String>, _ found: [FetchedProject]) throws {
        let keys = Set(found.flatMap { $0.keys + [$0.project.key] }.map { $0.uppercased() })
        for key in wanted.subtracting(keys).sorted() {
            warn(.projectGone, "Project \(key) does not exist, or the account may not see it.")
        }
        guard found.isEmpty else { return }
        throw SyncFailure(
            .nothingVisible, what: "The account sees no project\(wanted.isEmpty ? "" : " of those asked for").",
            why: "Jira lists only projects in which the account has the permission Browse Projects.",
            fix: wanted.isEmpty
                ? "Give the account that permission, or use another account." : "Check the keys given with --project.")
    }
}
