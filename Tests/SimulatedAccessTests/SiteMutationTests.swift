import SimulatedAccess
import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

@Suite struct SiteMutationTests {
    private func site(_ seed: UInt64, _ flavour: SiteFlavour? = nil) -> (SimulatedSite, VirtualSiteClock) {
        let configuration = SiteConfiguration.tiny(seed: seed, flavour: flavour)
        let clock = VirtualSiteClock(configuration.now)
        return (SimulatedSite(configuration, clock: clock.clock), clock)
    }

    @Test func `the same seed makes the same changes`() {
        for seed in UInt64(0)..<20 {
            let runs = (0..<2).map { _ in
                let (site, clock) = site(seed)
                var random = SeededRandom(seed: seed)
                return (0..<30).map { _ in
                    clock.advance(by: 60_000)
                    return site.mutate(using: &random)
                }
            }
            #expect(runs[0] == runs[1])
        }
    }

    @Test func `every kind of change happens, and only changes of issues count as updates`() {
        for kind in SiteMutation.Kind.allCases {
            var happened = 0
            for seed in UInt64(0)..<24 {
                let (site, clock) = site(seed)
                clock.advance(by: 3_600_000)
                let before = site.current()
                var random = SeededRandom(seed: seed)
                let mutation = site.mutate(using: &random, [kind])
                // What is impossible in this site is replaced by a change of members.
                if case .setMembers(TinySite.Team.red, _) = mutation, kind != .members { continue }
                happened += 1
                let after = site.current()
                let updated = (0..<before.issueCount).filter { before.row($0).updated != after.row($0).updated }
                switch kind {
                case .issueDeleted, .issueArchived, .issueCreated: #expect(updated.isEmpty)
                default: #expect(updated.isEmpty == !kind.isContent, "\(mutation)")
                }
            }
            #expect(happened > 0, "\(kind)")
        }
    }

    @Test func `listings agree with questions issue by issue after many changes`() {
        for seed in UInt64(0)..<40 {
            let (site, clock) = site(seed)
            var random = SeededRandom(seed: seed)
            for _ in 0..<25 {
                clock.advance(by: 60_000)
                site.mutate(using: &random)
            }
            let state = site.current()
            let evaluator = PermissionEvaluator(state)
            for caller in state.users.map({ Caller.user($0.index) }) + [.anonymous] {
                let asked = (0..<state.issueCount).filter {
                    let row = state.row($0)
                    return row.state == .live && !state.projects[Int(row.project)].isArchived
                        && evaluator.mayBrowse(caller, issue: $0)
                }
                #expect(evaluator.visibleIssues(to: caller).ordinals == asked)
            }
            let words = state.plantedRecords.flatMap(\.words)
            #expect(Set(words).count == words.count)
        }
    }

    @Test func `the administrator goes on seeing everything, whatever changes`() {
        for seed in UInt64(0)..<40 {
            let configuration = SiteConfiguration.tiny(seed: seed, administratorSeesAll: true)
            let site = SimulatedSite(configuration)
            var random = SeededRandom(seed: seed)
            for _ in 0..<40 { site.mutate(using: &random) }
            let state = site.current()
            let evaluator = PermissionEvaluator(state)
            let hidden = (0..<state.issueCount).filter {
                state.row($0).state != .deleted && !evaluator.mayBrowse(.user(TinySite.administrator), issue: $0)
            }
            #expect(hidden.isEmpty, "seed \(seed)")
        }
    }

    @Test func `rules changed by hand are in the audit log, those from outside Jira are not`() throws {
        let (site, clock) = site(0)
        let inside = SiteState.Hand(user: 0, now: clock.now)
        let outside = SiteState.Hand(user: 0, now: clock.now, leavesAuditRecord: false)
        let before = site.current().auditRecords.count
        site.change { $0.setMembers(TinySite.Team.empty, to: [0, 1], by: inside) }
        let record = try #require(site.current().auditRecords.last)
        #expect(record.summary == "User added to group" && record.object.name == "empty-group")
        #expect(record.associated.map(\.name) == [site.current().users[1].accountID])
        site.change { $0.setMembers(TinySite.Team.empty, to: [], by: outside) }
        #expect(site.current().auditRecords.last == record)
        site.change { $0.setGrants(0, "BROWSE_PROJECTS", to: [.reporter], by: inside) }
        let last = try #require(site.current().auditRecords.last)
        #expect(last.category == "permissions" && last.changes.contains { $0.field == "Type" })
        let count = site.current().auditRecords.count
        site.change { _ = $0.addComment(0, RichText(paragraph: "x"), by: inside) }
        #expect(site.current().auditRecords.count == count && count > before)
    }
}
