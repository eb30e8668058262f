import AccessControl
import Database
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import Reading
import SearchIndex
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// What cannot be read costs itself and nothing else, and comes back.
@Suite struct DamageTests {
    @Test(
        "a comment that cannot be read is left out, its issue is shown, and both come back",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func comment(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 40, averageIssueBytes: 1_500)
        try await AccessScene.lent(configuration) { scene in
            let first = try await scene.service(
                GarblingTransport(scene.jira, "\"comments\":[{", with: "\"comments\":[{\"id\":{},")
            ).synchronise(AccessScene.name)
            #expect(first.issues.quarantined == 0)
            #expect(first.warnings.contains { $0.code == .partsQuarantined })
            let truth = Seen(
                scene.jira.truth(for: .user(try #require(scene.jira.credentials.administrator).index)))
            let damaged = Seen(try await scene.visible(to: .operator))
            #expect(damaged.issues == truth.issues && damaged.worklogs == truth.worklogs)
            #expect(damaged.comments.count < truth.comments.count)
            #expect(Set(damaged.comments).isSubset(of: truth.comments))
            let source = try await scene.source().id
            let kept = try await scene.store.read { try Quarantine.entries(source: source, in: $0) }
            #expect(kept.contains { $0.kind == "comment" && $0.reason == "missing_field" })
            #expect(kept.allSatisfy { $0.retryAt.rawValue == $0.at.rawValue + 60_000 })
            // Not due yet, then read by their ids.
            let service = scene.service()
            _ = try await service.synchronise(AccessScene.name, .pending)
            let waiting = try await scene.store.read { try Quarantine.count(source: source, in: $0) }
            #expect(waiting == kept.count)
            scene.clock.advance(by: 61_000)
            _ = try await service.synchronise(AccessScene.name, .pending)
            let left = try await scene.store.read { try Quarantine.count(source: source, in: $0) }
            #expect(left == 0)
            let mended = Seen(try await scene.visible(to: .operator))
            #expect(mended == truth, "\(mended.difference(truth))")
        }
    }

    @Test("a record waits a minute, then twice as long each time, six hours at most")
    func waits() {
        let minutes = (1...12).map { Quarantine.wait(after: $0) / 60_000 }
        #expect(minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360])
        #expect(Quarantine.wait(after: 0) == 60_000 && Quarantine.wait(after: .max) == 21_600_000)
    }

    @Test("everything is derived again from the copies without a request", arguments: [SiteFlavour.cloud, .dataCenter])
    func reindex(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 60, averageIssueBytes: 1_000)
        try await AccessScene.lent(configuration) { scene in
            let service = scene.service()
            _ = try await service.synchronise(AccessScene.name)
            let before = Seen(try await scene.visible(to: .operator))
            let mistaken = try await scene.mistaken()
            try await scene.store.write { context in
                for table in ["comment", "worklog", "issue_value", "issue_link"] {
                    try context.connection.execute("DELETE FROM \(table)")
                }
                try context.connection.execute("UPDATE issue SET summary = 'lost'")
            }
            let broken = Seen(try await scene.visible(to: .operator))
            #expect(broken != before)
            scene.jira.log.reset()
            let version = try await scene.store.read { try Settings.contentVersion(in: $0) }
            let summary = try await service.reindex(AccessScene.name)
            #expect(summary == [ReindexSummary(source: AccessScene.name, issues: before.issues.count)])
            #expect(scene.jira.log.entries.isEmpty)
            let after = Seen(try await scene.visible(to: .operator))
            #expect(after == before, "\(after.difference(before))")
            let now = try await scene.mistaken()
            #expect(now == mistaken)
            let moved = try await scene.store.read { try Settings.contentVersion(in: $0) }
            #expect(moved > version)
            let mistakes = try await scene.store.read { try SearchIndex.mistakes(in: $0) }
            #expect(mistakes.isEmpty)
            let lost = try await scene.store.read { connection in
                try connection.first("SELECT count(*) FROM issue WHERE summary = 'lost'") { $0.int(0) }
            }
            #expect(lost == 0)
        }
    }
}
