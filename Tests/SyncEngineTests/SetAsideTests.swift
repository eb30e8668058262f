import AccessControl
import HTTPMessages
import IssueModel
import Journal
import JiraClient
import JiraSimulator
import Reading
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// What could not be read of an issue may be that fewer people see it now.
@Suite struct SetAsideTests {
    @Test(
        "an issue that cannot be read any more is hidden until it can, in every place",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func hides(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 30, averageIssueBytes: 1_000)
        try await AccessScene.lent(configuration) { scene in
            try await scene.synchronise()
            let (user, ordinal) = (scene.site.tour.administrator.index, 3)
            let issue = IssueID(Int64(scene.site.current().row(ordinal).id))
            #expect(try await scene.visible(to: scene.reader(user)).issues.contains(issue))
            let before = try await scene.visible(to: scene.reader(user))
            scene.change { state, hand in state.setSummary(ordinal, to: "Another", by: hand) }
            scene.clock.advance(by: 60_000)
            let summary = try await scene.service(
                GarblingTransport(scene.jira, "\"resolutiondate\":", with: "\"duedate\":7,\"resolutiondate\":")
            ).synchronise(AccessScene.name)
            #expect(summary.issues.quarantined > 0)
            #expect(try await !scene.visible(to: scene.reader(user)).issues.contains(issue))
            let report = try await AccessReading(store: scene.store).explain(
                issue.description, as: scene.account(user).rawValue)
            #expect(!report.explanation.visible)
            #expect(report.explanation.clauses.first?.because.first?.contains("could not be read") == true)
            try await scene.synchronise()
            #expect(try await scene.visible(to: scene.reader(user)) == before)
            #expect(try await scene.mistaken() == [])
        }
    }
}
