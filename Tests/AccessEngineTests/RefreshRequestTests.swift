import AccessControl
import AccessEngine
import IssueModel
import JiraSimulator
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Testing

/// What staying fresh costs Jira.
@Suite struct RefreshRequestTests {
    private static func site(_ flavour: SiteFlavour = .cloud) -> SiteConfiguration {
        var scale = AccessScale()
        scale.projects = 150
        scale.groups = 60
        scale.accounts = 200
        scale.groupsOfDeveloper = 20
        scale.issues = 30
        return .access(seed: 3, flavour: flavour, scale: scale)
    }

    @Test("schemes are fetched once, not once for each project") func once() async throws {
        let scene = try await RefreshScene(Self.site())
        let (summary, asked) = try await scene.refresh(.everything)
        #expect(summary.warnings.isEmpty)
        #expect(try await scene.shown() > 100)
        #expect(asked.count { $0.contains("/permissionscheme?") && !$0.contains("/project/") } == 1)
        #expect(!asked.contains { $0.contains("/project/") && $0.contains("expand=all") })
    }

    @Test(
        "a quiet site of many projects costs a few requests each time, and stays shown", arguments: [SiteFlavour.cloud])
    func quiet(_ flavour: SiteFlavour) async throws {
        let scene = try await RefreshScene(Self.site(flavour))
        try await scene.refresh(.everything)
        let shown = try await scene.shown()
        var most = 0
        for _ in 0..<80 {
            let (summary, asked) = try await scene.refresh()
            most = max(most, asked.count)
            #expect(!summary.changed)
            #expect(try await scene.shown() == shown)
        }
        #expect(most < 100, "\(most)")
    }

    @Test("without an audit log every project is read in turn within half the lease", arguments: [true, false])
    func withoutAuditLog(isCloud: Bool) async throws {
        let scene = try await RefreshScene(Self.site(isCloud ? .cloud : .dataCenter))
        scene.jira.faults.add(Fault(.status(403), path: "/auditing/record", count: nil))
        try await scene.refresh(.everything)
        let shown = try await scene.shown()
        for _ in 0..<16 {
            try await scene.refresh()
            #expect(try await scene.shown() == shown)
        }
    }

    @Test("what the audit log names is read at once; what it does not tell, in turn")
    func audited() async throws {
        let scene = try await RefreshScene(Self.site())
        try await scene.refresh(.everything)
        let project = try #require(scene.jira.site.current().projects.last { !$0.isArchived })
        let index = project.index
        scene.change { state, hand in
            state.setPermissionScheme(index, to: (state.projects[index].permissionScheme + 1) % 12, by: hand)
        }
        let (summary, asked) = try await scene.refresh()
        #expect(summary.changed)
        #expect(asked.contains { $0.contains("/project/\(project.id)/permissionscheme") })
        let (again, askedAgain) = try await scene.refresh()
        #expect(!again.changed && askedAgain.count < asked.count + 5)
    }

    @Test("groups that no rule names are not read") func unneeded() async throws {
        let scene = try await RefreshScene(SiteConfiguration(seed: 5, issueCount: 12))
        scene.change { state, hand in
            // Nothing but one group counts any more.
            for scheme in state.permissionSchemes.indices {
                for permission in ["BROWSE_PROJECTS", "SERVICEDESK_AGENT"] {
                    state.setGrants(scheme, permission, to: [.group(5)], by: hand)
                }
            }
            for level in state.securitySchemes.flatMap(\.levels) {
                state.setLevelMembers(level.id, to: [.reporter], by: hand)
            }
        }
        let (_, asked) = try await scene.refresh(.everything)
        let pages = asked.filter { $0.contains("/group/member") }
        #expect(!pages.isEmpty)
        let wanted = scene.jira.site.current().groups[5].id
        #expect(pages.allSatisfy { $0.contains(wanted) }, "\(pages)")
        let facts = try await scene.facts()
        #expect(facts.groups.count == scene.jira.site.current().groups.count)
    }

    @Test("a refresh that is stopped at any request leaves everything as it was", arguments: 0..<12)
    func stopped(part: Int) async throws {
        let scene = try await RefreshScene(SiteConfiguration(seed: 5, issueCount: 12))
        try await scene.refresh(.everything)
        let before = try await scene.facts()
        scene.change { state, hand in
            let users = state.users.filter { $0.kind == .atlassian && $0.isActive }.map(\.index)
            state.setMembers(4, to: Array(users.suffix(3)), by: hand)
            for scheme in state.permissionSchemes.indices {
                state.setGrants(scheme, "BROWSE_PROJECTS", to: [.user(users[0]), .group(5)], by: hand)
            }
            state.setLead(0, to: users[3], by: hand)
        }
        let task = Task {
            try await scene.refresh(.everything)
        }
        // Cancels from within the chosen request, so that the moment does not depend on the machine.
        scene.jira.faults.add(Fault(.beforeAnswer { task.cancel() }, skip: part * 6))
        let result = await task.result
        let after = try await scene.facts()
        if case .failure = result { #expect(after == before) } else { #expect(after != before) }
        scene.jira.faults.removeAll()
        try await scene.refresh(.everything)
        #expect(try await scene.facts() != before)
    }
}
