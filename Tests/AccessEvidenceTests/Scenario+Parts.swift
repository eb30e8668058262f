import SimulatedData
import SimulatedSite

extension Scenario {
    static let parts = [
        Scenario(
            name: "a comment for one role is not every viewer's", arrange: comment(.role(10_002)),
            without: Tampering.commentsLikeIssues, bites: [.visible, .issue, .jsonLines]),
        Scenario(
            name: "a comment for one group is not every viewer's", arrange: comment(.group(6)),
            without: Tampering.withoutVisibility, bites: [.visible, .issue, .words, .jsonLines]),
        Scenario(
            name: "the words of a restricted comment are in nobody else's results", arrange: comment(.role(10_002)),
            without: Tampering.wordsLikeIssues, bites: [.words]),
        Scenario(
            name: "the misspelt words of a restricted comment are not put right", arrange: comment(.role(10_002)),
            without: Tampering.wordsLikeIssues, bites: [.correction]),
        Scenario(
            name: "an internal note is for agents", isServiceDesk: true,
            arrange: { state, bench in
                state.setActors(bench.project, role: 10_101, to: [.user(bench.agent), .user(bench.administrator)])
                let scheme = state.projects[bench.project].permissionScheme
                state.setGrants(scheme, "SERVICEDESK_AGENT", to: [.projectRole(10_101)])
                state.addComment(
                    bench.issue, bench.text("Internally \(PlantedTokens.word(900_010))"), isInternal: true,
                    by: bench.hand)
            }, without: Tampering.withoutVisibility, bites: [.visible, .issue, .words, .jsonLines]),
        Scenario(
            name: "a restricted comment beyond the first page is restricted",
            arrange: { state, bench in
                state.setActors(bench.project, role: 10_002, to: [.user(bench.administrator)])
                for number in 0..<104 {
                    state.addComment(bench.issue, bench.text("Remark \(number)"), by: bench.hand)
                }
                comment(.role(10_002))(&state, bench)
            }, without: Tampering.commentsLikeIssues, bites: [.visible, .issue, .jsonLines]),
        Scenario(
            name: "a worklog for one role is not every viewer's",
            arrange: { state, bench in
                state.setActors(bench.project, role: 10_002, to: [.user(bench.administrator)])
                state.addWorklog(
                    bench.issue, seconds: 60, note: bench.text("Did \(PlantedTokens.word(900_011))"),
                    visibility: .role(10_002), by: bench.hand)
            }, without: Tampering.worklogsLikeIssues, bites: [.visible, .issue, .jsonLines]),
        Scenario(
            name: "a file of a restricted comment is restricted on Cloud", arrange: file,
            without: Tampering.attachmentsLikeIssues, bites: [.visible, .issue, .jsonLines]),
        Scenario(
            name: "a file of a restricted comment is the issue's on Data Center", flavour: .dataCenter, arrange: file,
            without: Tampering.sql(
                """
                UPDATE attachment SET acl_id = coalesce(
                    (SELECT max(c.acl_id) FROM comment c WHERE c.issue_id = attachment.issue_id), acl_id)
                """), bites: [.visible, .issue], isLeak: false),
    ]

    static let people = [
        Scenario(
            name: "an inactive account is nobody",
            arrange: { state, bench in
                state.setGrants(
                    state.projects[bench.project].permissionScheme, "BROWSE_PROJECTS",
                    to: [.user(bench.inactive), .user(bench.administrator)])
            }, without: Tampering.nobodyIsInactive, bites: [.visible, .hits, .issueErrors, .jsonLines]),
        Scenario(
            name: "a portal customer holds nothing but what anyone holds",
            arrange: { state, bench in
                state.setGrants(
                    state.projects[bench.project].permissionScheme, "BROWSE_PROJECTS",
                    to: [.user(bench.customer), .user(bench.administrator)])
            }, without: Tampering.customersArePeople, bites: [.visible, .hits, .issueErrors, .jsonLines]),
    ]

    private static func comment(_ visibility: Visibility) -> @Sendable (inout SiteState, Bench) -> Void {
        { state, bench in
            state.setActors(bench.project, role: 10_002, to: [.user(bench.administrator), .user(bench.officer)])
            state.setMembers(6, to: [bench.administrator, bench.officer])
            state.addComment(
                bench.issue, bench.text("Between us: \(PlantedTokens.word(900_012))"), visibility: visibility,
                by: bench.hand)
        }
    }

    private static let file: @Sendable (inout SiteState, Bench) -> Void = { state, bench in
        state.setActors(bench.project, role: 10_002, to: [.user(bench.administrator)])
        let comment = state.addComment(
            bench.issue, bench.text("See the file, \(PlantedTokens.word(900_013))"), visibility: .role(10_002),
            by: bench.hand)
        state.addAttachment(
            bench.issue, fileName: "\(PlantedTokens.word(900_014)).txt", file: SimulatedFile(kind: .text, number: 3),
            comment: comment, by: bench.hand)
    }
}
