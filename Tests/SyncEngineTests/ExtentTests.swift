import AccessControl
import Database
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// What each extent reads, and what it costs.
@Suite struct ExtentTests {
    static let flavours: [SiteFlavour] = [.cloud, .dataCenter]

    private static func lent(
        _ flavour: SiteFlavour, issues: Int = 40, _ body: (AccessScene, SyncService) async throws -> Void
    ) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: issues, averageIssueBytes: 600)
        try await AccessScene.lent(configuration) { scene in
            // Nothing on the site is recent.
            scene.clock.advance(by: 86_400_000)
            let service = scene.service()
            _ = try await service.synchronise(AccessScene.name)
            scene.clock.advance(by: 3_000_000)
            _ = try await service.synchronise(AccessScene.name, .changes)
            scene.clock.advance(by: 60_000)
            scene.jira.log.reset()
            try await body(scene, service)
        }
    }

    private func id(_ scene: AccessScene, _ ordinal: Int) -> IssueID {
        IssueID(Int64(scene.site.current().row(ordinal).id))
    }

    private func summary(_ scene: AccessScene, _ ordinal: Int) async throws -> String? {
        let (issue, source) = (id(scene, ordinal), try await scene.source().id)
        return try await scene.store.read { try IssueRecords.row(issue, source: source, in: $0)?.summary }
    }

    @Test("nothing new costs four requests", arguments: flavours)
    func idle(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            let result = try await service.synchronise(AccessScene.name, .changes)
            let asked = scene.jira.log.entries.map(\.target)
            #expect(asked.count <= 4, "\(asked)")
            #expect(result.requests == asked.count)
            #expect(result.finished && result.issues.stored == 0 && result.warnings.isEmpty)
        }
    }

    @Test("a change is read once, and listed without being read again", arguments: flavours)
    func change(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            scene.change { state, hand in state.setSummary(5, to: "Changed", by: hand) }
            scene.clock.advance(by: 30_000)
            let result = try await service.synchronise(AccessScene.name, .changes)
            #expect(result.issues.stored >= 1)
            #expect(try await summary(scene, 5) == "Changed")
            scene.clock.advance(by: 60_000)
            scene.jira.log.reset()
            let again = try await service.synchronise(AccessScene.name, .changes)
            #expect(again.issues.stored == 0 && again.issues.unchanged >= 1)
            #expect(scene.jira.log.entries.count <= 4, "\(scene.jira.log.entries.map(\.target))")
        }
    }

    @Test("an issue that waits is read by its id alone, and waits no more", arguments: flavours)
    func pending(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            scene.change { state, hand in state.setSummary(7, to: "Hinted at", by: hand) }
            let (issue, source, now) = (id(scene, 7), try await scene.source().id, scene.time.now())
            try await scene.store.write {
                try PendingIssues.add([issue], cause: .webhook, at: now, source: source, in: $0)
            }
            let result = try await service.synchronise(AccessScene.name, .pending)
            #expect(result.issues.stored == 1)
            #expect(try await summary(scene, 7) == "Hinted at")
            let asked = scene.jira.log.entries.map(\.target)
            #expect(asked.allSatisfy { $0.contains("bulkfetch") || $0.hasSuffix("/search") }, "\(asked)")
            let left = try await scene.store.read { try PendingIssues.count(source: source, in: $0).all }
            #expect(left == 0)
            scene.jira.log.reset()
            _ = try await service.synchronise(AccessScene.name, .pending)
            #expect(scene.jira.log.entries.isEmpty)
        }
    }

    @Test("a worklog that is written or deleted has its issue read", arguments: flavours)
    func worklogs(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            let source = try await scene.source().id
            let stored = { (issue: IssueID) in
                try await scene.store.read { connection in
                    guard let row = try IssueRecords.row(issue, source: source, in: connection) else { return -1 }
                    return try IssueRecords.partAcls(of: row.id, in: connection).worklogs.count
                }
            }
            let before = try await stored(id(scene, 9))
            scene.change { state, hand in
                _ = state.addWorklog(9, seconds: 3_600, note: RichText(paragraph: "An hour"), by: hand)
            }
            scene.clock.advance(by: 90_000)
            _ = try await service.synchronise(AccessScene.name, .changes)
            let after = try await stored(id(scene, 9))
            #expect(after == before + 1)
            let asked = scene.jira.log.entries.map(\.target)
            #expect(asked.contains { $0.contains("/worklog/list") })
        }
    }

    @Test("one project's changes leave the mark of the others where it was", arguments: flavours)
    func project(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            let state = scene.site.current()
            let mine = Int(state.row(3).project)
            let other = try #require((0..<state.issueCount).first { Int(state.row($0).project) != mine })
            scene.change { state, hand in
                state.setSummary(3, to: "In it", by: hand)
                state.setSummary(other, to: "Elsewhere", by: hand)
            }
            _ = try await service.synchronise(AccessScene.name, .project(state.projects[mine].key.lowercased()))
            #expect(try await summary(scene, 3) == "In it")
            #expect(try await summary(scene, other) != "Elsewhere")
            _ = try await service.synchronise(AccessScene.name, .changes)
            #expect(try await summary(scene, other) == "Elsewhere")
            let failure = await #expect(throws: SyncFailure.self) {
                _ = try await service.synchronise(AccessScene.name, .project("NOWHERE"))
            }
            #expect(failure?.code == .projectUnknown)
        }
    }

    @Test("a source that was never read is read wholly, whatever was asked for")
    func first() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 20, averageIssueBytes: 600)
        for extent in [SyncExtent.changes, .pending, .issues([IssueID(1)]), .project("ANY")] {
            try await AccessScene.lent(configuration) { scene in
                let result = try await scene.service().synchronise(AccessScene.name, extent)
                #expect(result.finished && result.issues.stored == 20, "\(extent)")
            }
        }
    }

    @Test("a credential that is withdrawn between two runs hides the source at the next", arguments: flavours)
    func refused(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            let before = try await scene.shown()
            #expect(!before.isEmpty)
            scene.jira.faults.add(Fault(.expiredCredential, count: nil))
            let failure = await #expect(throws: SyncFailure.self) {
                _ = try await service.synchronise(AccessScene.name, .changes)
            }
            #expect(failure?.code == .credentialRefused)
            let after = try await scene.shown()
            #expect(after.isEmpty)
        }
    }
}
