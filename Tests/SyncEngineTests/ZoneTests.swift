import IssueModel
import JiraClient
import JiraSimulator
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// Jira reads the times of queries in the zone of the account that asks, and that may change at any time.
@Suite struct ZoneTests {
    static let zones = [
        "Etc/GMT+12", "Pacific/Marquesas", "America/New_York", "America/St_Johns", "UTC", "Asia/Kathmandu",
        "Asia/Kolkata", "Australia/Eucla", "Pacific/Chatham", "Pacific/Kiritimati",
    ]

    @Test(
        "a change is found although the account's time zone was changed since the last delta",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func follows(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 30, averageIssueBytes: 500)
        try await AccessScene.lent(configuration) { scene in
            let user = try #require(scene.jira.credentials.administrator).index
            let service = scene.service()
            _ = try await service.synchronise(AccessScene.name)
            let source = try await scene.source().id
            var used = 0
            for (round, name) in (Self.zones + Self.zones.reversed()).enumerated() {
                guard let zone = SiteTimeZone(identifier: name) else { continue }
                used += 1
                let ordinal = round % 20
                scene.clock.advance(by: 300_000)
                scene.change { state, hand in
                    state.setTimeZone(user, to: zone, by: hand)
                    state.setSummary(ordinal, to: "Edited in \(name)", by: hand)
                }
                scene.clock.advance(by: 60_000)
                let summary = try await service.synchronise(AccessScene.name, .changes)
                let issue = IssueID(Int64(scene.site.current().row(ordinal).id))
                let stored = try await scene.store.read {
                    try IssueRecords.row(issue, source: source, in: $0)?.summary
                }
                #expect(stored == "Edited in \(name)")
                // Not everything again: a day at most is the difference of two zones.
                #expect(summary.issues.read <= 25, "\(name)")
            }
            #expect(used >= 12)
        }
    }

    @Test(
        "a delta that fails midway leaves its mark, and the next one brings everything",
        arguments: [
            SiteFlavour.cloud, .dataCenter,
        ])
    func fails(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 30, averageIssueBytes: 500)
        try await AccessScene.lent(configuration) { scene in
            let service = scene.service()
            _ = try await service.synchronise(AccessScene.name)
            let source = try await scene.source().id
            scene.clock.advance(by: 3_600_000)
            scene.change { state, hand in state.setSummary(2, to: "Late", by: hand) }
            scene.clock.advance(by: 3_600_000)
            // The listing is answered, what it names is not.
            scene.jira.faults.add(
                Fault(
                    .status(500), path: flavour.isCloud ? "bulkfetch" : "/search", skip: flavour.isCloud ? 0 : 1,
                    count: 20))
            let failure = await #expect(throws: SyncFailure.self) {
                _ = try await service.synchronise(AccessScene.name, .changes)
            }
            #expect(failure?.code == .siteUnreachable)
            scene.jira.faults.removeAll()
            scene.clock.advance(by: 86_400_000)
            _ = try await service.synchronise(AccessScene.name, .changes)
            let issue = IssueID(Int64(scene.site.current().row(2).id))
            let stored = try await scene.store.read { try IssueRecords.row(issue, source: source, in: $0)?.summary }
            #expect(stored == "Late")
        }
    }
}
