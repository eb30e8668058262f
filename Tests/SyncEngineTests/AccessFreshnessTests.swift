import AccessControl
import AccessEngine
import IssueModel
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// Changes of rules and people between two readings of issues.
@Suite struct AccessFreshnessTests {
    private static func configuration(_ flavour: SiteFlavour) -> SiteConfiguration {
        SiteConfiguration(flavour: flavour, seed: 7, issueCount: 80, averageIssueBytes: 1_000)
    }

    @Test(
        "changes of groups and roles are there at the next refresh and touch no issue",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func people(_ flavour: SiteFlavour) async throws {
        try await AccessScene.lent(Self.configuration(flavour)) { scene in
            try await scene.synchronise()
            #expect(try await scene.mistaken() == [])
            let issues = try await scene.issueChanges()
            let users = scene.site.current().users.filter { $0.kind == .atlassian && $0.isActive }.map(\.index)
            scene.change { state, hand in state.setMembers(4, to: Array(users.suffix(3)), by: hand) }
            try await scene.refresh()
            #expect(try await scene.mistaken() == [])
            scene.change { state, hand in
                for role in state.catalogue.roles.prefix(3) {
                    state.setActors(0, role: role.id, to: [.user(users[2]), .group(5)], by: hand)
                }
            }
            try await scene.refresh()
            #expect(try await scene.mistaken() == [])
            scene.change { state, _ in state.setActive(users[4], false) }
            try await scene.refresh()
            #expect(try await scene.mistaken() == [])
            #expect(try await scene.issueChanges() == issues)
        }
    }

    @Test(
        "rules that ask for something new of issues get it from the kept copies, without reading issues",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func rewriting(_ flavour: SiteFlavour) async throws {
        try await AccessScene.lent(Self.configuration(flavour)) { scene in
            try await scene.synchronise()
            let users = scene.site.current().users.filter { $0.kind == .atlassian && $0.isActive }.map(\.index)
            scene.change { state, hand in
                for project in state.projects.indices {
                    state.setGrants(
                        state.projects[project].permissionScheme, "BROWSE_PROJECTS",
                        to: [.reporter, .assignee, .user(users[0]), .projectLead], by: hand)
                }
            }
            let (summary, asked) = try await scene.refresh()
            #expect(summary.rewritten > 0)
            #expect(Self.readings(asked) <= Self.samples)
            #expect(try await scene.mistaken() == [])
            let (again, _) = try await scene.refresh()
            #expect(again.rewritten == 0 && again.outdated.isEmpty && !again.changed)
        }
    }

    /// Requests for issues.
    private static func readings(_ asked: [String]) -> Int {
        asked.count {
            $0.contains("/issue/")
                || $0.contains("/search") && !$0.contains("project/search") && !$0.contains("user")
        }
    }

    /// A refresh looks at samples of issues, all at once.
    private static let samples = 1

    @Test(
        "another security scheme hides its project until the issues are read again",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func securityScheme(_ flavour: SiteFlavour) async throws {
        try await AccessScene.lent(Self.configuration(flavour)) { scene in
            try await scene.synchronise()
            let state = scene.site.current()
            let project = try #require(
                state.projects.indices.first { index in
                    state.projects[index].securityScheme != nil && !state.projects[index].isArchived
                })
            let other = state.projects[project].securityScheme.flatMap { used in
                state.securitySchemes.indices.first { $0 != used }
            }
            scene.change { state, hand in state.setSecurityScheme(project, to: other, by: hand) }
            try await scene.refresh(.everything)
            #expect(try await !scene.shown().contains(state.projects[project].key))
            try await scene.synchronise()
            #expect(try await scene.shown().contains(state.projects[project].key))
            #expect(try await scene.mistaken() == [])
        }
    }

    @Test(
        "a source in every other mode shows what its mode says, and goes back to mirroring without reading issues",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func modes(_ flavour: SiteFlavour) async throws {
        try await AccessScene.lent(Self.configuration(flavour)) { scene in
            try await scene.synchronise()
            let all = Seen(try await scene.visible(to: .operator))
            func switchTo(_ mode: Source.AccessMode) async throws {
                var source = try await scene.source()
                source.accessMode = mode
                let changed = source
                try await scene.store.write { try SourceRecords.update(changed, in: $0) }
                let (_, asked) = try await scene.refresh(.everything)
                #expect(Self.readings(asked) <= Self.samples)
            }
            try await switchTo(.shared)
            #expect(try await scene.seen(by: 1) == all)
            #expect(try await scene.visible(to: .anonymous).issues.isEmpty)
            try await switchTo(.public)
            #expect(Seen(try await scene.visible(to: .anonymous)) == all)
            try await switchTo(.linked)
            #expect(try await scene.seen(by: 1).issues.isEmpty)
            try await switchTo(.mirror)
            #expect(try await scene.mistaken() == [])
        }
    }

    @Test("a change within the millisecond of the one before is not taken for nothing") func sameMoment() async throws {
        try await AccessScene.lent(Self.configuration(.cloud)) { scene in
            let hand = SiteState.Hand(user: 0, now: scene.clock.now)
            let ordinal = 3
            scene.site.change { $0.setSummary(ordinal, to: "First", by: hand) }
            try await scene.synchronise()
            scene.site.change { $0.setReporter(ordinal, to: 5, by: hand) }
            try await scene.synchronise()
            #expect(try await scene.mistaken() == [])
            let id = scene.site.current().row(ordinal).id
            let source = try await scene.source().id
            let reporter = try await scene.store.read { connection in
                let row = try IssueRecords.row(IssueID(Int64(id)), source: source, in: connection)
                return try row?.reporter.flatMap { try PeopleRecords.account(row: $0, in: connection)?.account.id }
            }
            #expect(reporter == scene.account(5))
        }
    }

    @Test("a withheld issue stays closed whatever is read of it, and its keys come back from the kept copy")
    func withheld() async throws {
        try await AccessScene.lent(Self.configuration(.cloud)) { scene in
            try await scene.synchronise()
            let (source, ordinal) = (try await scene.source().id, 3)
            let id = IssueID(Int64(scene.site.current().row(ordinal).id))
            let now = Timestamp(milliseconds: scene.clock.now)
            _ = try await scene.store.write {
                try Withheld.put(id, reason: "a test", at: now, source: source, in: $0)
            }
            scene.change { state, hand in state.setSummary(ordinal, to: "Edited while withheld", by: hand) }
            try await scene.synchronise()
            for user in scene.site.current().users {
                #expect(try await !scene.visible(to: scene.reader(user.index)).issues.contains(id))
            }
            _ = try await scene.store.write { try Withheld.release(id, source: source, in: $0) }
            #expect(try await scene.service().rewriteKeys(of: AccessScene.name) == 1)
            #expect(try await scene.mistaken() == [])
        }
    }
}
