import AccessControl
import AccessEngine
import IssueModel
import JiraSimulator
import Journal
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// Runs, refreshes and checks against Jira that share one schedule.
@Suite struct RefreshScheduleTests {
    private static let configuration = SiteConfiguration(seed: 7, issueCount: 80, averageIssueBytes: 1_000)

    /// How often everything site-wide was asked for.
    private func refreshes(_ scene: AccessScene) -> Int {
        scene.jira.log.entries.count { $0.target.contains("/permissionscheme?") && !$0.target.contains("/project/") }
    }

    @Test("runs more frequent than the refresh neither put it off nor bring it forward") func frequentRuns()
        async throws
    {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            scene.jira.log.reset()
            let service = scene.watching(every: 300)
            for _ in 0..<12 {
                scene.clock.advance(by: 60_000)
                _ = try await service.synchronise(AccessScene.name)
            }
            #expect(refreshes(scene) == 2, "\(refreshes(scene))")
        }
    }

    @Test("a check against Jira reads first what is due, so that what changed since is no alarm", arguments: [30, 400])
    func audit(after seconds: Int64) async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            try await scene.synchronise()
            let service = scene.watching(every: 300)
            scene.change { state, hand in
                for scheme in state.permissionSchemes.indices {
                    state.setGrants(scheme, "BROWSE_PROJECTS", to: [.user(0)], by: hand)
                }
            }
            scene.clock.advance(by: seconds * 1_000)
            scene.jira.log.reset()
            let isDue = seconds >= 300
            let summary = try await service.auditAccess(AccessScene.name)
            #expect(refreshes(scene) == (isDue ? 1 : 0))
            // Within the interval the rules are as stale as they may be, and a difference is one.
            #expect((summary.totals.tooMuch == 0) == isDue, "\(summary.totals)")
            #expect(summary.withheld.isEmpty == isDue)
            // Nothing is read twice: neither by the next check nor by the watch.
            _ = try await service.auditAccess(AccessScene.name)
            #expect(refreshes(scene) == (isDue ? 1 : 0))
            #expect(try await (service.untilAccessRefresh(of: AccessScene.name) > .zero))
        }
    }

    @Test("a clock that was set back makes the refresh due") func setBack() async throws {
        try await AccessScene.lent(Self.configuration) { scene in
            scene.clock.advance(by: 7_200_000)
            try await scene.synchronise()
            #expect(try await scene.service().untilAccessRefresh(of: AccessScene.name) > .zero)
            let behind = scene.watching(every: 300, behind: 7_200)
            #expect(try await behind.untilAccessRefresh(of: AccessScene.name) == .zero)
        }
    }
}
