import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

/// One holder and whom it lets in; everybody not named stays out.
struct HolderCase: Sendable, CustomTestStringConvertible {
    var name: String
    var holder: Holder
    var mayBrowse: Set<Int>
    var letsAnonymousIn = false

    var testDescription: String { name }

    // People of the site below: 0 administrator, 1 developer, 2 finance lead, 3 security officer, 5 customer, 6 app,
    // 7 inactive, 10 contractor (no product). The issue's reporter is 2, its assignee 3, its approver 1, its team 4.
    static let all: [HolderCase] = [
        HolderCase(
            name: "anyone", holder: .anyone, mayBrowse: [0, 1, 2, 3, 5, 6, 10], letsAnonymousIn: true),
        HolderCase(name: "any product", holder: .applicationRole(nil), mayBrowse: [0, 1, 2, 3, 6]),
        HolderCase(name: "one product", holder: .applicationRole("jira-servicedesk"), mayBrowse: [0]),
        HolderCase(name: "unknown product", holder: .applicationRole("jira-nothing"), mayBrowse: []),
        HolderCase(name: "group", holder: .group(4), mayBrowse: [1]),
        HolderCase(name: "empty group", holder: .group(10), mayBrowse: []),
        HolderCase(name: "user", holder: .user(10), mayBrowse: [10]),
        HolderCase(name: "inactive user", holder: .user(7), mayBrowse: []),
        HolderCase(name: "customer by name", holder: .user(5), mayBrowse: []),
        HolderCase(name: "role through a group", holder: .projectRole(10_001), mayBrowse: [1, 10]),
        HolderCase(name: "role nobody plays", holder: .projectRole(10_101), mayBrowse: []),
        HolderCase(name: "project lead", holder: .projectLead, mayBrowse: [2]),
        HolderCase(name: "reporter", holder: .reporter, mayBrowse: [2]),
        HolderCase(name: "assignee", holder: .assignee, mayBrowse: [3]),
        HolderCase(name: "user field", holder: .userCustomField("customfield_10060"), mayBrowse: [1]),
        HolderCase(name: "empty user field", holder: .userCustomField("customfield_10061"), mayBrowse: []),
        HolderCase(name: "group field", holder: .groupCustomField("customfield_10062"), mayBrowse: []),
        HolderCase(name: "portal customers", holder: .portalOnly, mayBrowse: []),
        HolderCase(name: "unknown", holder: .unknown(type: "com.example.x", parameter: "1"), mayBrowse: []),
    ]
}

@Suite struct PermissionEvaluatorTests {
    private static let people = [0, 1, 2, 3, 5, 6, 7, 10]

    /// A site whose payments project lets in only `browse`, with one new issue in it.
    private func site(browse: [Holder], level: [Holder]? = nil) -> (state: SiteState, issue: Int) {
        let site = SimulatedSite(SiteConfiguration(seed: 5, issueCount: 12))
        let hand = SiteState.Hand(user: 2, now: site.configuration.now)
        let issue = site.change { state in
            let issue = state.createIssue(project: 0, summary: "Table", by: hand)
            state.setAssignee(issue, to: 3, by: hand)
            state.setUserField(issue, "customfield_10060", to: [1], by: hand)
            state.setGrants(state.projects[0].permissionScheme, "BROWSE_PROJECTS", to: browse)
            state.setActors(0, role: 10_001, to: [.group(4), .user(10), .user(7)])
            state.setMembers(4, to: [1])
            state.setMembers(2, to: [0])
            if let level {
                state.setLevelMembers(10_100, to: level)
                state.setLevel(issue, to: 10_100, by: hand)
            }
            return issue
        }
        return (site.current(), issue)
    }

    @Test("a browse grant lets in exactly whom it names", arguments: HolderCase.all)
    func browse(_ test: HolderCase) {
        let (state, issue) = site(browse: [test.holder])
        let evaluator = PermissionEvaluator(state)
        let admitted = Set(Self.people.filter { evaluator.mayBrowse(.user($0), issue: issue) })
        #expect(admitted == test.mayBrowse)
        #expect(evaluator.mayBrowse(.anonymous, issue: issue) == test.letsAnonymousIn)
    }

    @Test("a security level lets in exactly whom it names of those who may browse", arguments: HolderCase.all)
    func level(_ test: HolderCase) {
        let (state, issue) = site(browse: [.anyone], level: [test.holder])
        let evaluator = PermissionEvaluator(state)
        #expect(Set(Self.people.filter { evaluator.mayBrowse(.user($0), issue: issue) }) == test.mayBrowse)
        #expect(evaluator.mayBrowse(.anonymous, issue: issue) == test.letsAnonymousIn)
    }

    @Test("browse and level must both hold")
    func both() {
        let (state, issue) = site(browse: [.user(1), .user(2)], level: [.user(2), .user(3)])
        let evaluator = PermissionEvaluator(state)
        #expect(Self.people.filter { evaluator.mayBrowse(.user($0), issue: issue) } == [2])
    }

    @Test("a level without members hides the issue from everybody")
    func emptyLevel() {
        let (state, issue) = site(browse: [.anyone], level: [])
        #expect(state.callers.allSatisfy { !PermissionEvaluator(state).mayBrowse($0, issue: issue) })
    }

    @Test("a scheme without grants hides the project from everybody")
    func emptyScheme() {
        let (state, issue) = site(browse: [])
        #expect(state.callers.allSatisfy { !PermissionEvaluator(state).mayBrowse($0, issue: issue) })
    }

    @Test(
        "somebody who cannot log in sees nothing, not even what anyone sees", arguments: [Known.inactive, Known.former])
    func lockedOut(_ user: Int) {
        let evaluator = PermissionEvaluator(Sites.cloud.current())
        #expect(evaluator.visibleIssues(to: .user(user)).count == 0)
        #expect(evaluator.visibleIssues(to: .anonymous).count > 0)
    }

    @Test("a portal customer sees what an anonymous visitor sees")
    func customers() {
        let evaluator = PermissionEvaluator(Sites.cloud.current())
        let customer = evaluator.visibleIssues(to: .user(Known.customer)).ordinals
        #expect(customer == evaluator.visibleIssues(to: .anonymous).ordinals)
    }

    @Test("the administrator sees every live issue and every part of it", arguments: [Sites.cloud, Sites.dataCenter])
    func administrator(_ site: SimulatedSite) {
        let state = site.current()
        let evaluator = PermissionEvaluator(state)
        let visible = evaluator.visibleIssues(to: .user(Known.admin))
        let live = (0..<state.issueCount).filter {
            state.row($0).state == .live && !state.projects[Int(state.row($0).project)].isArchived
        }
        #expect(visible.ordinals == live)
        for ordinal in live {
            let content = state.content(of: ordinal)
            #expect(content.comments.allSatisfy { evaluator.sees(.user(Known.admin), comment: $0, of: ordinal) })
            #expect(content.worklogs.allSatisfy { evaluator.sees(.user(Known.admin), worklog: $0, of: ordinal) })
        }
    }

    @Test("the listing agrees with asking issue by issue, for everybody", arguments: [Sites.cloud, Sites.dataCenter])
    func listingAgrees(_ site: SimulatedSite) {
        let state = site.current()
        let evaluator = PermissionEvaluator(state)
        for caller in state.callers {
            let listed = Set(evaluator.visibleIssues(to: caller).ordinals)
            let asked = Set(
                (0..<state.issueCount).filter {
                    let row = state.row($0)
                    return row.state == .live && !state.projects[Int(row.project)].isArchived
                        && evaluator.mayBrowse(caller, issue: $0)
                })
            #expect(listed == asked, "\(caller)")
        }
    }
}
