import SimulatedAccess
import SimulatedChanges
import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

@Suite struct ContentMutationTests {
    private func site(_ configuration: SiteConfiguration) -> (SimulatedSite, VirtualSiteClock) {
        let clock = VirtualSiteClock(configuration.now)
        return (SimulatedSite(configuration, clock: clock.clock), clock)
    }

    @Test func `the same seed makes the same life`() {
        for seed in UInt64(0)..<10 {
            let runs = (0..<2).map { _ in
                let (site, clock) = site(.tiny(seed: seed))
                var random = SeededRandom(seed: seed)
                return (0..<60).map { _ in
                    clock.advance(by: 60_000)
                    return site.live(using: &random)?.description
                }
            }
            #expect(runs[0] == runs[1])
        }
    }

    @Test func `every kind happens, and exactly edits move an issue's update`() {
        for kind in ContentMutation.Kind.allCases {
            var happened = 0
            for seed in UInt64(0)..<12 {
                let (site, clock) = site(
                    seed % 2 == 0
                        ? .tiny(seed: seed) : SiteConfiguration(flavour: .cloud, seed: seed, issueCount: 150))
                var random = SeededRandom(seed: seed)
                if kind == .projectRestored { site.change { $0.trashProject(1, by: .init(user: 0, now: clock.now)) } }
                for _ in 0..<4 {
                    clock.advance(by: 60_000)
                    let before = site.current()
                    guard site.live(using: &random, [kind]) != nil else { continue }
                    happened += 1
                    let after = site.current()
                    let moved = (0..<after.issueCount).contains {
                        $0 >= before.issueCount || after.row($0).updated != before.row($0).updated
                    }
                    let isNew = kind == .projectCreated
                    #expect(moved == (kind.isEdit && kind != .issueDeleted || isNew), "\(kind) \(seed)")
                }
            }
            #expect(happened > 0, "\(kind)")
        }
    }

    @Test func `a long life leaves a site that fits together`() {
        for seed in UInt64(0)..<30 {
            let (site, clock) = site(.tiny(seed: seed))
            var random = SeededRandom(seed: seed)
            for _ in 0..<150 {
                clock.advance(by: 600_000)
                site.live(using: &random)
            }
            let state = site.current()
            for ordinal in 0..<state.issueCount where state.row(ordinal).state != .deleted {
                let (row, content) = (state.row(ordinal), state.content(of: ordinal))
                let project = state.projects[Int(row.project)]
                #expect(!project.isDeleted)
                #expect(content.traits.fixVersions.allSatisfy { project.versions.indices.contains($0) })
                #expect(content.traits.components.allSatisfy { project.components.indices.contains($0) })
                for link in content.links {
                    #expect(state.row(link.other).state != .deleted)
                    #expect(state.content(of: link.other).links.contains { $0.id == link.id && $0.other == ordinal })
                }
                #expect(state.ordinal(key: state.key(of: ordinal)) == ordinal)
                #expect(content.changes.map(\.created) == content.changes.map(\.created).sorted())
            }
            let updates = state.byUpdated.map { state.row(Int($0)).updated }
            #expect(updates == updates.sorted() && updates.count == state.issueCount)
        }
    }

    @Test func `projects in the trash are nobody's and come back as they were`() {
        let (site, clock) = site(SiteConfiguration(flavour: .cloud, seed: 3, issueCount: 120))
        let hand = SiteState.Hand(user: 0, now: clock.now)
        func seen() -> [Int] { PermissionEvaluator(site.current()).visibleIssues(to: .user(0)).ordinals }
        let before = seen()
        let project = Int(site.current().row(20).project)
        site.change { $0.trashProject(project, by: hand) }
        #expect(seen().allSatisfy { Int(site.current().row($0).project) != project })
        #expect(!PermissionEvaluator(site.current()).seesProject(.user(0), project: project))
        site.change { $0.restoreProject(project, by: hand) }
        #expect(seen() == before)
        site.change { $0.deleteProject(project, by: hand) }
        let state = site.current()
        #expect(state.row(20).state == .deleted)
        #expect(state.project(idOrKey: state.projects[project].key) == nil)
        // One line for the project, none for its issues.
        let records = state.auditRecords.suffix(3).map(\.summary)
        #expect(records == ["Project moved to trash", "Project restored from trash", "Project deleted"])
    }

    @Test func `replicas of a lagging index disagree, and agree in the end`() {
        let (site, clock) = site(SiteConfiguration(flavour: .cloud, seed: 4, issueCount: 60))
        site.indexLags = [0, 5_000, 60_000]
        let hand = SiteState.Hand(user: 0, now: clock.now)
        site.change { $0.setSummary(0, to: "New", by: hand) }
        clock.advance(by: 10_000)
        let answers = (0..<40).map { _ in site.indexed().summary(of: 0) == "New" }
        #expect(answers.contains(true) && answers.contains(false))
        clock.advance(by: 60_000)
        #expect((0..<40).allSatisfy { _ in site.indexed().summary(of: 0) == "New" })
        site.indexLags = []
        site.change { $0.setSummary(0, to: "Newer", by: hand) }
        #expect(site.indexed().summary(of: 0) == "Newer")
    }
}
