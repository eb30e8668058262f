import SimulatedAccess
import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

/// Jira's rules one by one, by hand, on a site with everybody in it: who of the people of a tiny site is let in.
@Suite struct RuleTests {
    /// A rule and whom it lets in.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var flavour = SiteFlavour.cloud
        /// Seeds 2 and 3 have a team-managed project or a nested group where that matters.
        var prepare: @Sendable (inout SiteState, Int, SiteState.Hand) -> Void
        var admits: Set<Int>
        var admitsAnonymous = false
    }

    private typealias Team = TinySite.Team
    /// Everybody who can sign in; the portal customer among them, the inactive and the deleted account not.
    private static let active: Set<Int> = [0, 1, 2, 3, 4, 5, 6, 9, 10, 11]
    /// Members of the software group, of those.
    private static let licensed: Set<Int> = [0, 1, 2, 3, 6, 10, 11]

    private static func browse(_ holders: [Holder]) -> @Sendable (inout SiteState, Int, SiteState.Hand) -> Void {
        { state, issue, _ in
            state.setGrants(
                state.projects[Int(state.row(issue).project)].permissionScheme, "BROWSE_PROJECTS", to: holders)
        }
    }

    static let cases: [Case] = [
        Case(
            testDescription: "anyone", prepare: browse([.anyone]), admits: active, admitsAnonymous: true),
        Case(
            testDescription: "no grant is nobody", prepare: browse([]), admits: []),
        Case(
            testDescription: "any product is the licensed, not the workspace", prepare: browse([.applicationRole(nil)]),
            admits: licensed.union([4])),
        Case(
            testDescription: "a product is its groups", prepare: browse([.applicationRole("jira-servicedesk")]),
            admits: [0, 4]),
        Case(
            testDescription: "an unknown product is nobody", prepare: browse([.applicationRole("jira-nothing")]),
            admits: []),
        Case(
            testDescription: "a product whose groups change",
            prepare: { state, issue, hand in
                state.setMembers(Team.red, to: [TinySite.unlicensed])
                state.setLicensedGroups(0, to: [Team.red])
                browse([.applicationRole("jira-software")])(&state, issue, hand)
            }, admits: [TinySite.unlicensed]),
        Case(
            testDescription: "a group is its members who can sign in",
            prepare: { state, issue, hand in
                state.setMembers(Team.red, to: [1, 5, 6, 7, 9])
                browse([.group(Team.red)])(&state, issue, hand)
            }, admits: [1, 6, 9]),
        Case(
            testDescription: "a group inside a group inside it, on Data Center", flavour: .dataCenter,
            prepare: { state, issue, hand in
                state.setMembers(Team.software, to: Array(active))
                state.setMembers(Team.inner, to: [3], subgroups: [])
                state.setMembers(Team.red, to: [2], subgroups: [Team.inner])
                state.setMembers(Team.blue, to: [1], subgroups: [Team.red])
                browse([.group(Team.blue)])(&state, issue, hand)
            }, admits: [1, 2, 3]),
        Case(
            testDescription: "without a product nobody signs in to Data Center", flavour: .dataCenter,
            prepare: { state, issue, hand in
                state.setMembers(Team.software, to: [0, 1], subgroups: [])
                state.setMembers(Team.service, to: [0])
                browse([.user(1), .user(9)])(&state, issue, hand)
            }, admits: [1]),
        Case(
            testDescription: "a person without a product may be named on Cloud", prepare: browse([.user(9)]),
            admits: [9]),
        Case(
            testDescription: "a customer is admitted by grants to anyone only", prepare: browse([.user(5), .reporter]),
            admits: [2]),
        Case(testDescription: "an inactive account by none", prepare: browse([.user(7), .user(8)]), admits: []),
        Case(
            testDescription: "an app as whoever it is", prepare: browse([.user(6)]), admits: [6]),
        Case(
            testDescription: "a role by person and by group, in this project",
            prepare: { state, issue, hand in
                state.setMembers(Team.green, to: [10])
                let project = Int(state.row(issue).project)
                for other in state.projects.indices { state.setActors(other, role: 10_001, to: [.user(4)]) }
                state.setActors(project, role: 10_001, to: [.user(3), .group(Team.green)])
                browse([.projectRole(10_001)])(&state, issue, hand)
            }, admits: [3, 10]),
        Case(testDescription: "a role that is not there", prepare: browse([.projectRole(99_999)]), admits: []),
        Case(
            testDescription: "the lead, the reporter and the assignee of today",
            prepare: { state, issue, hand in
                state.setLead(Int(state.row(issue).project), to: 1)
                state.setReporter(issue, to: 3, by: hand)
                state.setAssignee(issue, to: 4, by: hand)
                browse([.projectLead, .reporter, .assignee])(&state, issue, hand)
            }, admits: [1, 3, 4]),
        Case(
            testDescription: "people and groups named in fields",
            prepare: { state, issue, hand in
                state.setMembers(Team.blue, to: [10, 11])
                state.setUserField(issue, "customfield_10061", to: [1, 9], by: hand)
                state.setGroupField(issue, "customfield_10062", to: [Team.blue], by: hand)
                browse([.userCustomField("customfield_10061"), .groupCustomField("customfield_10062")])(
                    &state, issue, hand)
            }, admits: [1, 9, 10, 11]),
        Case(
            testDescription: "portal customers and unknown kinds are nobody",
            prepare: browse([.portalOnly, .unknown(type: "com.example", parameter: nil)]), admits: []),
        Case(
            testDescription: "a level narrows, it does not add",
            prepare: { state, issue, hand in
                browse([.user(1), .user(2)])(&state, issue, hand)
                state.setLevelMembers(10_100, to: [.user(2), .user(3)])
                state.setLevel(issue, to: 10_100, by: hand)
            }, admits: [2]),
        Case(
            testDescription: "a level without members is nobody",
            prepare: { state, issue, hand in
                browse([.anyone])(&state, issue, hand)
                state.setLevelMembers(10_100, to: [])
                state.setLevel(issue, to: 10_100, by: hand)
            }, admits: []),
        Case(
            testDescription: "a level taken off lets everybody back",
            prepare: { state, issue, hand in
                browse([.user(1), .user(2)])(&state, issue, hand)
                state.setLevel(issue, to: 10_100, by: hand)
                state.setLevel(issue, to: nil, by: hand)
            }, admits: [1, 2]),
        Case(
            testDescription: "somebody let go",
            prepare: { state, issue, hand in
                browse([.user(1), .user(2)])(&state, issue, hand)
                state.setActive(1, false)
                state.deleteUser(2)
            }, admits: []),
    ]

    /// A company-managed project's new issue, reported by the lead.
    private func site(_ flavour: SiteFlavour) -> (site: SimulatedSite, issue: Int, hand: SiteState.Hand) {
        let site = SimulatedSite(.tiny(seed: 12, flavour: flavour, administratorSeesAll: false))
        let hand = SiteState.Hand(user: TinySite.lead, now: site.configuration.now)
        let issue = site.change { state in
            state.setMembers(Team.software, to: [0, 1, 2, 3, 6, 7, 10, 11], subgroups: [])
            state.setMembers(Team.business, to: [0])
            return state.createIssue(project: 0, summary: "Rule", by: hand)
        }
        return (site, issue, hand)
    }

    @Test(arguments: cases) func `a rule lets in exactly whom it should`(_ test: Case) {
        let (site, issue, hand) = site(test.flavour)
        site.change { test.prepare(&$0, issue, hand) }
        let state = site.current()
        let evaluator = PermissionEvaluator(state)
        let admitted = state.users.map(\.index).filter { evaluator.mayBrowse(.user($0), issue: issue) }
        #expect(Set(admitted) == test.admits)
        #expect(evaluator.mayBrowse(.anonymous, issue: issue) == test.admitsAnonymous)
    }

    @Test(arguments: [Project.Access.open, .limited, .private])
    func `a team-managed project is for the licensed or for its roles`(_ access: Project.Access) throws {
        let seed = try #require(
            (UInt64(0)..<400).first { seed in
                SimulatedSite(.tiny(seed: seed, flavour: .cloud)).current().projects.contains { $0.access != nil }
            })
        let site = SimulatedSite(.tiny(seed: seed, flavour: .cloud))
        let project = try #require(site.current().projects.first { $0.access != nil })
        let roles = site.current().catalogue.roles.filter { $0.scope == project.index }.map(\.id)
        let hand = SiteState.Hand(user: TinySite.lead, now: site.configuration.now)
        let (free, restricted) = site.change { state in
            state.setMembers(Team.software, to: [0, 1, 2])
            state.setMembers(Team.administrators, to: [0])
            state.setAccess(project.index, to: access)
            for role in roles { state.setActors(project.index, role: role, to: []) }
            state.setActors(project.index, role: roles[0], to: [.user(3)])
            state.setActors(project.index, role: roles[1], to: [.user(4), .user(1)])
            let issues = (0..<2).map { _ in state.createIssue(project: project.index, summary: "Team", by: hand) }
            state.setRestriction(issues[1], toRoles: [roles[1]], by: hand)
            return (issues[0], issues[1])
        }
        let state = site.current()
        let evaluator = PermissionEvaluator(state)
        func readers(_ issue: Int) -> [Int] {
            state.users.map(\.index).filter { evaluator.mayBrowse(.user($0), issue: issue) }
        }
        #expect(readers(free) == (access == .private ? [1, 3, 4] : [0, 1, 2, 3, 4]))
        #expect(readers(restricted) == [1, 4])
        #expect(!evaluator.mayBrowse(.anonymous, issue: free))
    }

    @Test func `what is archived is in no listing and may still be opened`() {
        let (site, issue, hand) = site(.cloud)
        site.change { Self.browse([.user(1)])(&$0, issue, hand) }
        site.change { $0.archiveIssue(issue) }
        let archived = site.viewer(.user(1), in: site.current())
        #expect(!archived.visible.contains(issue) && archived.sees(issue: issue))
        #expect(!site.viewer(.user(2), in: site.current()).sees(issue: issue))
        site.change { state in
            state.archiveIssue(issue, false)
            state.archiveProject(0)
        }
        let inArchive = site.viewer(.user(1), in: site.current())
        #expect(!inArchive.visible.contains(issue) && inArchive.sees(issue: issue))
        site.change { $0.archiveProject(0, false) }
        #expect(site.viewer(.user(1), in: site.current()).visible.contains(issue))
    }

    @Test func `a restriction to a role follows its issue to the role of that name, or to nobody`() throws {
        let (site, issue, hand) = site(.cloud)
        let other = try #require(site.current().projects.first { $0.index > 0 && $0.style == .companyManaged }?.index)
        let comment = site.change { state in
            Self.browse([.anyone])(&state, issue, hand)
            state.setGrants(state.projects[other].permissionScheme, "BROWSE_PROJECTS", to: [.anyone])
            state.setActors(0, role: 10_001, to: [.user(1)])
            state.setActors(other, role: 10_001, to: [.user(2)])
            return state.addComment(issue, RichText(paragraph: "x"), visibility: .role(10_001), by: hand)
        }
        func readers() -> [Int] {
            let state = site.current()
            guard let found = state.content(of: issue).comments.first(where: { $0.id == comment }) else { return [] }
            return state.users.map(\.index).filter {
                PermissionEvaluator(state).sees(.user($0), comment: found, of: issue)
            }
        }
        #expect(readers() == [1])
        site.change { $0.moveIssue(issue, to: other, by: hand) }
        #expect(readers() == [2])
    }
}
