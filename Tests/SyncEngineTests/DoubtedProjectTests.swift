import AccessEngine
import IssueModel
import JiraSimulator
import SimulatedSite
import Store
import SyncEngine
import Testing

/// Jira may say that a project is not there, by one refused or mistaken answer, and go on showing what is in it.
@Suite struct DoubtedProjectTests {
    @Test(
        "nothing is destroyed of a project that is taken for gone while Jira returns its issues; all of it stays hidden"
    )
    func keepsIssues() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 30, averageIssueBytes: 500)
        try await AccessScene.lent(configuration) { scene in
            try await scene.synchronise()
            let source = try await scene.source().id
            let state = scene.site.current()
            let row = try #require((0..<state.issueCount).map { state.row($0) }.first { $0.state == .live })
            let issue = IssueID(Int64(row.id))
            let project = EntityID("\(state.projects[Int(row.project)].id)")
            try await scene.store.write {
                try ProjectRecords.setAccess(.gone, verified: nil, of: project, source: source, in: $0)
            }
            scene.change { state, hand in state.setSummary(Int(row.ordinal), to: "Edited", by: hand) }
            _ = try await scene.service().synchronise(AccessScene.name, .issues([issue]))
            let stored = try await scene.store.read { try IssueRecords.row(issue, source: source, in: $0)?.summary }
            #expect(stored == "Edited")
            let administrator = try #require(scene.jira.credentials.administrator).index
            let seen = try await scene.visible(to: try await scene.reader(administrator)).issues
            #expect(!seen.contains(issue))
            // The next list of projects has it, and all is as before.
            try await scene.refresh(.everything)
            let again = try await scene.visible(to: try await scene.reader(administrator)).issues
            #expect(again.contains(issue))
        }
    }
}
