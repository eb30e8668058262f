import Database
import IssueModel
import JiraSimulator
import Journal
import SimulatedChanges
import SimulatedSite
import Store
import Testing

@testable import Reconciliation

/// Issues that are deleted in Jira, on a site whose audit log tells nothing.
struct DeletionTests {
    @Test(
        "a deleted issue is hidden at once, and removed when Jira does not return it a second time",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func isRemoved(_ flavour: SiteFlavour) async throws {
        try await CensusScene.lent(flavour, levels: false) { scene in
            let ordinal = try #require(scene.issues(of: "OPEN").first)
            let issue = scene.id(ordinal)
            #expect(try await scene.isIndexed(issue))
            scene.change { $0.deleteIssue(ordinal, by: $1) }
            let summary = try await scene.census()
            #expect(summary.absent == 1 && summary.hidden == 1 && summary.deleted == 0)
            #expect(try await scene.row(issue)?.state == .unseen)
            try await scene.pass(minutes: 11)
            if flavour == .dataCenter {
                // Members of levels are not told there, so that a level might hide it: a webhook's word decides.
                #expect(try await scene.row(issue)?.state == .unseen)
                try await scene.hint([issue], .webhookDeleted)
                try await scene.pass(minutes: 0)
            }
            #expect(try await scene.row(issue) == nil)
            #expect(try await !scene.isIndexed(issue))
            let grave = try #require(try await scene.grave(issue))
            #expect(grave.reason == .deleted)
            #expect(grave.purge.rawValue - grave.at.rawValue == 30 * 86_400_000)
            #expect(try await scene.count("SELECT count(*) FROM absence") == 0)
            #expect(try await scene.shown() == scene.truth())
        }
    }

    @Test("two questions right after each other are one")
    func needsTime() async throws {
        try await CensusScene.lent { scene in
            let ordinal = try #require(scene.issues(of: "OPEN").first)
            let issue = scene.id(ordinal)
            scene.change { $0.deleteIssue(ordinal, by: $1) }
            for _ in 0..<3 { try await scene.census() }
            #expect(try await scene.row(issue)?.state == .unseen)
            try await scene.pass(minutes: 11)
            #expect(try await scene.row(issue) == nil)
        }
    }

    @Test("where Jira could hide a single issue it counts as out of sight, and is destroyed after the grace period")
    func expires() async throws {
        try await CensusScene.lent { scene in
            let ordinal = try #require(scene.teamManagedIssues().first)
            let issue = scene.id(ordinal)
            scene.change { $0.deleteIssue(ordinal, by: $1) }
            try await scene.census()
            try await scene.pass(minutes: 11)
            try await scene.pass(minutes: 60)
            #expect(try await scene.row(issue)?.state == .unseen)
            try await scene.pass(minutes: 29 * 1_440)
            try await scene.census()
            #expect(try await scene.row(issue)?.state == .unseen)
            scene.clock.advance(by: 2 * 86_400_000)
            try await scene.census()
            #expect(try await scene.row(issue) == nil)
            #expect(try await scene.grave(issue) == nil)
        }
    }

    @Test("with the audit log a deleted issue is removed by the next run, without any census")
    func isToldByTheAuditLog() async throws {
        try await CensusScene.lent(isFreePlan: false) { scene in
            let ordinal = try #require(scene.teamManagedIssues().first)
            let issue = scene.id(ordinal)
            scene.clock.advance(by: 600_000)
            scene.change { $0.deleteIssue(ordinal, by: $1) }
            scene.clock.advance(by: 600_000)
            try await scene.read()
            #expect(try await scene.row(issue) == nil)
            #expect(try await scene.grave(issue)?.reason == .deleted)
        }
    }

    @Test("a webhook's word is enough once Jira does not return the issue, and nothing while it does")
    func isToldByAWebhook() async throws {
        try await CensusScene.lent { scene in
            let two = Array(scene.teamManagedIssues().prefix(2))
            try #require(two.count == 2)
            let (deleted, alive) = (scene.id(two[0]), scene.id(two[1]))
            scene.change { $0.deleteIssue(two[0], by: $1) }
            try await scene.hint([deleted, alive], .webhookDeleted)
            try await scene.pass(minutes: 0)
            #expect(try await scene.row(deleted) == nil)
            #expect(try await scene.row(alive)?.state == .live)
        }
    }

    @Test("an issue that is deleted takes links to it from others, and they are read again")
    func takesLinks() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let linked = try await scene.store.read { connection in
                try connection.first(
                    """
                    SELECT l.other_jira_id, i.jira_id FROM issue_link l JOIN issue i ON i.id = l.issue_id
                    JOIN issue o ON o.jira_id = l.other_jira_id JOIN project p ON p.id = o.project_id
                    WHERE p.key IN ('OPEN', 'WEB', 'MKT') ORDER BY 1 LIMIT 1
                    """
                ) { (IssueID($0.int64(0)), IssueID($0.int64(1))) }
            }
            let (deleted, other) = try #require(linked)
            let ordinal = try #require(scene.site.current().ordinal(id: Int(deleted.rawValue)))
            scene.change { $0.deleteIssue(ordinal, by: $1) }
            try await scene.census()
            try await scene.pass(minutes: 11)
            #expect(try await scene.row(deleted) == nil)
            #expect(try await scene.count("SELECT count(*) FROM issue_link WHERE other_jira_id = \(deleted)") == 0)
            try await scene.pass(minutes: 1)
            let fetched = try #require(try await scene.row(other)?.fetched)
            #expect(fetched.rawValue >= scene.clock.now - 60_000)
        }
    }

    @Test("what comes back is shown again, and its grave is closed")
    func comesBack() async throws {
        try await CensusScene.lent { scene in
            let ordinal = try #require(scene.issues(of: "OPEN").first)
            let issue = scene.id(ordinal)
            let source = try await scene.source()
            let now = Timestamp(milliseconds: scene.clock.now)
            try await scene.store.write { context in
                try Burial(source: source.id, at: now, policy: DeletionPolicy())
                    .bury([issue], because: .deleted, in: context)
            }
            #expect(try await scene.grave(issue) != nil)
            let summary = try await scene.census()
            #expect(summary.unknown == 1)
            #expect(try await scene.row(issue)?.state == .live)
            #expect(try await scene.isIndexed(issue))
            #expect(try await scene.grave(issue) == nil)
            #expect(try await scene.count("SELECT count(*) FROM tombstone") == 0)
        }
    }
}
