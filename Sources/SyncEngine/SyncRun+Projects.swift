import AccessEngine
import IssueModel
import JiraClient
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
        let live = inScope.map(\.project).filter { !$0.isArchived }
        let forAccess = AccessRefresh.ListedProjects(
            live: inScope.filter { !$0.project.isArchived }, archived: inScope.filter(\.project.isArchived), at: began)
        withState { state in
            state.projects = live
            state.listedProjects = forAccess
        }
        expect(live.count)
        let sourceID = source.id
        _ = try await each(live) { project in
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
        let sourceID = source.id
        let gone = try await store.write { context in
            try AccessRefresh.followed(source: sourceID, in: context) {
                for project in projects {
                    try ProjectRecords.store(
                        project.project, formerKeys: project.keys.filter { $0 != project.project.key },
                        raw: project.raw, source: sourceID, in: context)
                }
                return try ProjectRecords.retire(
                    notIn: Set(projects.map(\.project.id)), source: sourceID, in: context)
            }
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
