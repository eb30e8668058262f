import SimulatedSite

extension Scenario {
    static let all = browse + levels + parts + people

    private static let everywhere: [AccessComparison.Path] = [
        .visible, .hits, .words, .snippets, .issueErrors, .jsonLines, .csv,
    ]

    /// Replaces who may browse the project of the issue under test.
    private static func browse(_ holders: Holder...) -> @Sendable (inout SiteState, Bench) -> Void {
        { state, bench in
            let scheme = state.projects[bench.project].permissionScheme
            state.setGrants(scheme, "BROWSE_PROJECTS", to: holders + [.user(bench.administrator)])
        }
    }

    private static let browse = [
        Scenario(
            name: "an empty list is nobody, not everybody", arrange: { _, _ in },
            later: { state, bench in
                state.setGrants(state.projects[bench.project].permissionScheme, "BROWSE_PROJECTS", to: [])
            }, without: Tampering.emptyMeansEverybody, bites: [.visible, .hits, .jsonLines]),
        Scenario(
            name: "a bare applicationRole is whoever has a licence, not everybody",
            arrange: browse(.applicationRole(nil)), without: Tampering.isEverybody("licensed"), bites: everywhere),
        Scenario(
            name: "an applicationRole with a parameter is its groups, not everybody",
            arrange: browse(.applicationRole("jira-servicedesk")), without: Tampering.isEverybody("applicationRole"),
            bites: everywhere),
        Scenario(
            name: "a group is meant by its id on Cloud: its name matches nobody",
            arrange: { state, bench in
                state.setMembers(4, to: [bench.developer])
                browse(.group(4))(&state, bench)
            },
            without: Tampering.sql(
                """
                UPDATE OR IGNORE principal SET value = (SELECT name FROM person_group WHERE jira_id = value)
                WHERE kind = 'group' AND value IN (SELECT jira_id FROM person_group)
                """), bites: [.visible, .hits, .issue], isLeak: false),
        Scenario(
            name: "a group is its members, not everybody",
            arrange: { state, bench in
                state.setMembers(4, to: [bench.developer])
                browse(.group(4))(&state, bench)
            },
            without: Tampering.everybodyInEveryGroup, bites: everywhere),
        Scenario(
            name: "nested groups hold their members on Data Center", flavour: .dataCenter,
            arrange: { state, bench in
                state.setMembers(4, to: [bench.developer], subgroups: [])
                state.setMembers(5, to: [], subgroups: [4])
                state.setMembers(6, to: [bench.officer], subgroups: [5])
                let scheme = state.projects[bench.project].permissionScheme
                state.setGrants(scheme, "BROWSE_PROJECTS", to: [.group(6), .user(bench.administrator)])
            },
            without: Tampering.sql(
                """
                DELETE FROM membership WHERE group_id = (SELECT id FROM person_group WHERE name = 'green-team')
                AND account_id <> (SELECT id FROM account WHERE name = 'soren')
                """), bites: [.visible, .hits, .issue], isLeak: false),
        Scenario(
            name: "a project role is who plays it in this project",
            arrange: { state, bench in
                state.setActors(0, role: 10_001, to: [.user(bench.developer), .group(6)])
                state.setActors(1, role: 10_001, to: [.user(bench.other)])
                let scheme = state.projects[bench.project].permissionScheme
                state.setGrants(scheme, "BROWSE_PROJECTS", to: [.projectRole(10_001), .user(bench.administrator)])
            }, without: Tampering.everybodyInEveryRole, bites: everywhere),
        Scenario(
            name: "the project lead may be named",
            arrange: { state, bench in
                state.setLead(bench.project, to: bench.lead)
                let scheme = state.projects[bench.project].permissionScheme
                state.setGrants(scheme, "BROWSE_PROJECTS", to: [.projectLead, .user(bench.administrator)])
            }, without: Tampering.unknown("account"), bites: [.visible, .hits, .issue], isLeak: false),
        Scenario(
            name: "an issue for its reporter only is not for everybody", arrange: browse(.reporter),
            without: Tampering.withoutBrowse, bites: everywhere),
        Scenario(
            name: "assignee and people in fields are taken from the issue",
            arrange: { state, bench in
                state.setAssignee(bench.issue, to: bench.officer, by: bench.hand)
                state.setUserField(bench.issue, "customfield_10060", to: [bench.other], by: bench.hand)
                let scheme = state.projects[bench.project].permissionScheme
                state.setGrants(
                    scheme, "BROWSE_PROJECTS",
                    to: [.assignee, .userCustomField("customfield_10060"), .user(bench.administrator)])
            }, without: Tampering.unknown("account"), bites: [.visible, .hits, .issue], isLeak: false),
        Scenario(
            name: "a holder of an unknown kind is nobody",
            arrange: browse(.unknown(type: "com.example.rule", parameter: "4")), without: Tampering.withoutBrowse,
            bites: everywhere),
        Scenario(
            name: "whoever sees the portal only does not see the project", arrange: browse(.portalOnly),
            without: Tampering.withoutBrowse, bites: everywhere),
    ]

    private static let levels = [
        Scenario(
            name: "a level is looked at at all",
            arrange: { state, bench in
                state.setMembers(4, to: [bench.developer])
                level([.group(4)])(&state, bench)
            }, without: Tampering.withoutLevel,
            bites: everywhere),
        Scenario(
            name: "a level narrows who may browse, it does not replace them",
            arrange: { state, bench in
                browse(.user(bench.developer), .user(bench.lead))(&state, bench)
                level([.user(bench.developer), .user(bench.other)])(&state, bench)
            }, without: Tampering.levelReplacesBrowse, bites: everywhere),
        Scenario(
            name: "level and browse are both needed, not either",
            arrange: { state, bench in
                browse(.user(bench.developer), .user(bench.lead))(&state, bench)
                level([.user(bench.developer), .user(bench.other)])(&state, bench)
            }, without: Tampering.levelOrBrowse, bites: everywhere),
        Scenario(
            name: "a level without members is nobody's",
            arrange: { state, bench in
                state.setMembers(4, to: [bench.developer])
                level([.group(4)])(&state, bench)
            },
            later: { state, bench in
                if let level = state.securitySchemes.first?.levels.first?.id { state.setLevelMembers(level, to: []) }
            }, without: Tampering.emptyMeansEverybody,
            bites: [.visible, .hits, .jsonLines]),
        Scenario(
            name: "a level of the reporter alone is not everybody's", arrange: level([.reporter]),
            without: Tampering.withoutLevel, bites: everywhere),
        Scenario(
            name: "a level nobody can see on Data Center hides its issues", flavour: .dataCenter,
            arrange: level([.applicationRole(nil)]), without: Tampering.withoutLevel, bites: everywhere),
    ]

    /// Puts the issue under test into a level with these members, and the source's own account into it as well.
    private static func level(_ members: [Holder]) -> @Sendable (inout SiteState, Bench) -> Void {
        { state, bench in
            guard let level = state.securitySchemes.first?.levels.first?.id else { return }
            state.setLevelMembers(level, to: members + [.user(bench.administrator)])
            state.setLevel(bench.issue, to: level, by: bench.hand)
        }
    }
}
