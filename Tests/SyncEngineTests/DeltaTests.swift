import AccessControl
import IssueModel
import JiraSimulator
import SimulatedData
import SimulatedRules
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

@Suite struct DeltaTests {
    @Test(
        "edits are found whatever the account's time zone, also in the night clocks are put back",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func zones(_ flavour: SiteFlavour) async throws {
        // Two hours before summer time ends in Europe.
        let night = CivilTime(2026, 10, 24, 23).utcMilliseconds
        let configuration = SiteConfiguration(
            flavour: flavour, issueCount: 60, now: night - 3_600_000, averageIssueBytes: 800)
        let users = SimulatedSite(configuration).current().users.filter { $0.kind == .atlassian && $0.isActive }
        var zones: Set<String> = []
        for user in users where zones.insert(user.timeZone.identifier).inserted && zones.count <= 4 {
            let clock = VirtualSiteClock(night)
            try await SimulatedSource.lent(
                configuration, clock: clock.clock, account: user.index, mode: .shared
            ) { source in
                _ = try await source.synchronise()
                for round in 0..<8 {
                    clock.advance(by: 20 * 60_000)
                    try await Self.editAndFollow(source, clock, round)
                }
            }
        }
    }

    private static func editAndFollow(_ source: SimulatedSource, _ clock: VirtualSiteClock, _ round: Int) async throws {
        let site = source.server.site
        // Stored, for an account may see an issue of a project that it does not see in lists.
        let stored = try await source.visible(to: .operator).issues.map { Int($0.rawValue) }
        let visible = site.visibleIssues(to: source.caller, in: site.current()).ordinals
            .filter { stored.contains(site.current().row($0).id) }
        let edited = [visible[round % visible.count], visible[(round * 7 + 3) % visible.count]]
        site.change { state in
            for ordinal in edited {
                state.setSummary(ordinal, to: "Edited in round \(round)", by: .init(user: 0, now: clock.now))
            }
        }
        let summary = try await source.synchronise()
        // An issue whose copy shows an edited one, as a sub-task shows its parent, is written as well.
        #expect(summary.issues.stored >= Set(edited).count)
        #expect(summary.issues.stored <= 10)
        #expect(summary.issues.read <= 40)
        let id = try await source.sourceRecord().id
        for ordinal in edited {
            let issue = IssueID(Int64(site.current().row(ordinal).id))
            let row = try await source.store.read { try IssueRecords.row(issue, source: id, in: $0) }
            #expect(row?.summary == "Edited in round \(round)")
            #expect(row?.updated.rawValue == site.current().row(ordinal).updated)
        }
    }

    @Test("new issues, comments, moves and a renamed project arrive", arguments: [SiteFlavour.cloud, .dataCenter])
    func changes(_ flavour: SiteFlavour) async throws {
        let clock = VirtualSiteClock(CivilTime(2026, 9, 29).utcMilliseconds)
        try await SimulatedSource.lent(
            SiteConfiguration(flavour: flavour, issueCount: 80, averageIssueBytes: 800), clock: clock.clock
        ) { source in
            _ = try await source.synchronise()
            clock.advance(by: 600_000)
            source.server.site.change { state in
                let hand = SiteState.Hand(user: 0, now: clock.now)
                state.createIssue(project: 0, summary: "Made later", by: hand)
                _ = state.addComment(3, RichText(paragraph: "A later remark"), by: hand)
                state.moveIssue(4, to: 1, by: hand)
                state.renameProject(0, key: "RENAMED", by: hand)
            }
            let summary = try await source.synchronise()
            #expect(summary.issues.stored >= 3)
            let truth = Seen(source.server.truth(for: source.caller))
            let stored = Seen(try await source.visible(to: .operator))
            #expect(stored == truth, "\(stored.difference(truth))")
            let again = try await source.synchronise()
            #expect(again.issues.stored == 0)
        }
    }
}
