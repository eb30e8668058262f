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
        "nothing is passed over where the time zone is changed between two pages of a delta",
        arguments: [SiteFlavour.cloud, .dataCenter], [4, 7])
    func midway(_ flavour: SiteFlavour, _ passed: Int) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 40, averageIssueBytes: 500)
        var simulator = SimulatorConfiguration()
        (simulator.issuePageLimit, simulator.idPageLimit) = (3, 3)
        try await AccessScene.lent(configuration, simulator: simulator) { scene in
            let user = try #require(scene.jira.credentials.administrator).index
            let west = try #require(SiteTimeZone(identifier: "Pacific/Honolulu"))
            var options = SyncOptions()
            (options.issuesPerUnit, options.limits.issuesPerCommit, options.client.issuesPerRequest) = (1, 1, 3)
            let service = SyncService(
                store: scene.store, transport: scene.jira, gatewayURL: scene.jira.gatewayHost, options: options,
                time: scene.time)
            scene.change { state, hand in state.setTimeZone(user, to: .utc, by: hand) }
            _ = try await service.synchronise(AccessScene.name)
            let source = try await scene.source().id
            for ordinal in 0..<30 {
                scene.clock.advance(by: 3_600_000)
                scene.change { state, hand in state.setSummary(ordinal, to: "Edited \(ordinal)", by: hand) }
            }
            scene.clock.advance(by: 3_600_000)
            let change = Fault.Kind.beforeAnswer {
                scene.site.change { state in
                    state.setTimeZone(user, to: west, by: SiteState.Hand(user: 0, now: scene.clock.now))
                }
            }
            scene.jira.faults.add(Fault(change, path: "/search", skip: passed))
            _ = try await service.synchronise(AccessScene.name, .changes)
            #expect(scene.jira.faults.isEmpty)
            for ordinal in 0..<30 {
                let issue = IssueID(Int64(scene.site.current().row(ordinal).id))
                let stored = try await scene.store.read {
                    try IssueRecords.row(issue, source: source, in: $0)?.summary
                }
                #expect(stored == "Edited \(ordinal)")
            }
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
