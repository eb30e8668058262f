import AccessControl
import AccessSamples
import IssueModel
import JiraSimulator
import SimulatedAccess
import SimulatedData
import SimulatedSite
import Store
import Testing

/// What changes who sees something without the issue counting as updated, or where only its new place tells.
@Suite struct UnmarkedChangeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var flavour: SiteFlavour
        var change: @Sendable (inout SiteState, SiteState.Hand) -> Void

        var testDescription: String { "\(name), \(flavour.rawValue)" }
    }

    static func each(
        _ name: String, _ change: @escaping @Sendable (inout SiteState, SiteState.Hand) -> Void
    ) -> [Case] {
        [SiteFlavour.cloud, .dataCenter].map { Case(name: name, flavour: $0, change: change) }
    }

    private static let everybody: [SiteHolder] = [
        .user(TinySite.administrator), .user(TinySite.developer), .user(TinySite.lead), .user(TinySite.officer),
    ]

    // MARK: Security schemes

    static let schemes: [Case] =
        each("another scheme and back clears the levels") { state, hand in
            state.setSecurityScheme(0, to: nil, by: hand)
            state.setSecurityScheme(0, to: 0, by: hand)
        }
        + each("another scheme and back exchanges the levels") { state, hand in
            let (own, other) = (state.securitySchemes[0].levels.map(\.id), state.securitySchemes[1].levels.map(\.id))
            state.setSecurityScheme(0, to: 1, mapping: [own[0]: other[0], own[1]: other[1]], by: hand)
            state.setSecurityScheme(0, to: 0, mapping: [other[0]: own[1], other[1]: own[0]], by: hand)
        }

    @Test("levels that a security scheme brought between two looks are Jira's", arguments: schemes)
    func levels(_ theCase: Case) async throws {
        try await EvidenceSource.lent(Self.configuration(theCase.flavour)) { source in
            source.change { state, hand in
                state.setGrants(state.projects[0].permissionScheme, "BROWSE_PROJECTS", to: Self.everybody)
                state.setSecurityScheme(0, to: 0, by: hand)
                let levels = state.securitySchemes[0].levels.map(\.id)
                for (level, user) in zip(levels, [TinySite.developer, TinySite.lead]) {
                    state.setLevelMembers(level, to: [.user(user), .user(TinySite.administrator)], by: hand)
                    let issue = state.createIssue(
                        project: 0, summary: "In a level \(PlantedTokens.word(930_000 + user))", by: hand)
                    state.setLevel(issue, to: level, by: hand)
                }
            }
            try await Self.synchroniseLater(source)
            let declares = theCase.flavour == .dataCenter
            if declares { try await source.declareLevels() }
            source.change(theCase.change)
            try await source.synchronise()
            try await Self.expectNothing(
                source.comparison(levelsAreDeclared: declares, isThorough: false), theCase.name)
        }
    }

    @Test("samples come round to issues of every level, however few are looked at in one turn")
    func turns() async throws {
        try await EvidenceSource.lent(Self.configuration(.cloud)) { source in
            source.change { state, hand in
                state.setSecurityScheme(0, to: 0, by: hand)
                for level in state.securitySchemes[0].levels.map(\.id) {
                    let issue = state.createIssue(project: 0, summary: "In a level", by: hand)
                    state.setLevel(issue, to: level, by: hand)
                }
            }
            try await source.synchronise()
            let record = try await source.record()
            var limits = KeptSamples.Limits()
            (limits.perKind, limits.issues, limits.rows) = (1, 2, 5)
            let few = limits
            var chosen: Set<Int> = []
            for turn in 0..<64 {
                let issues = try await source.store.read { connection in
                    let facts = try AccessRecords.facts(source: record.id, withPeople: false, in: connection)
                    return try KeptSamples(of: record, facts, turn: turn, limits: few, in: connection).issues
                }
                #expect(issues.count <= 2)
                chosen.formUnion(issues.map { Int($0.rawValue) })
            }
            let state = source.site.current()
            func levels(_ ids: Set<Int>) -> Set<Int32> {
                Set(
                    ids.compactMap { state.ordinal(id: $0) }.map { state.row($0) }.filter { $0.project == 0 }.map(
                        \.level))
            }
            let all = (0..<state.issueCount).map { state.row($0) }.filter { $0.state == .live }.map(\.id)
            #expect(levels(chosen) == levels(Set(all)))
            #expect(levels(chosen).count > 1)
        }
    }

    // MARK: Links

    @Test(
        "an issue that the source's account comes to see is there on the other side of its links too",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func links(_ flavour: SiteFlavour) async throws {
        try await EvidenceSource.lent(Self.configuration(flavour)) { source in
            source.change { state, hand in
                state.setGrants(state.projects[0].permissionScheme, "BROWSE_PROJECTS", to: Self.everybody)
                state.setSecurityScheme(0, to: 0, by: hand)
                let level = state.securitySchemes[0].levels[0].id
                state.setLevelMembers(level, to: [.user(TinySite.developer)], by: hand)
                let issues = [1, 2].map { number in
                    state.createIssue(
                        project: 0, summary: "Linked \(PlantedTokens.word(930_500 + number))", by: hand)
                }
                state.link(issues[0], issues[1])
                state.setLevel(issues[1], to: level, by: hand)
            }
            try await Self.synchroniseLater(source)
            source.change { state, hand in state.setLevel(state.issueCount - 1, to: nil, by: hand) }
            try await source.synchronise()
            try await source.synchronise()
            let state = source.site.current()
            let shown = state.row(state.issueCount - 2).id
            try await Self.expectNothing(source.comparison(isThorough: false, focus: [shown]), "shown")
        }
    }

    // MARK: Linked

    static let names: [Case] =
        each("renamed") { state, hand in state.renameRole(10_001, to: "Makers", by: hand) }
        + each("another took its name") { state, hand in
            let name = state.catalogue.roles.first { $0.id == 10_001 }?.name ?? ""
            state.renameRole(10_001, to: "Makers", by: hand)
            state.renameRole(10_002, to: name, by: hand)
            // What is written now is restricted to the other role under the same name.
            state.addComment(
                state.issueCount - 2, .init(paragraph: "For the other role \(PlantedTokens.word(930_300))"),
                visibility: .role(10_002), by: hand)
        }

    @Test("a role's new name is learned where Jira tells no ids of roles", arguments: names)
    func newNames(_ theCase: Case) async throws {
        try await linked(theCase.flavour) { source in
            source.change(theCase.change)
            try await source.synchronise()
            try await Self.expectNothing(source.comparison(isThorough: false), theCase.name)
        }
    }

    @Test(
        "a role that gets another name between the first reading of issues and that of roles is found",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func newNameAtFirst(_ flavour: SiteFlavour) async throws {
        try await EvidenceSource.lent(Self.configuration(flavour)) { source in
            source.change { state, hand in
                // No rule names a role, so that none is read before a comment does.
                for scheme in state.permissionSchemes.indices {
                    for permission in ["BROWSE_PROJECTS", "SERVICEDESK_AGENT"] {
                        state.setGrants(scheme, permission, to: Self.everybody)
                    }
                }
                state.setActors(0, role: 10_001, to: [.user(TinySite.developer), .user(TinySite.administrator)])
                let issue = state.createIssue(project: 0, summary: "Named \(PlantedTokens.word(930_600))", by: hand)
                state.addComment(
                    issue, .init(paragraph: "For developers \(PlantedTokens.word(930_601))"),
                    visibility: .role(10_001), by: hand)
            }
            let rename = Fault.Kind.beforeAnswer {
                source.change { state, hand in state.renameRole(10_001, to: "Makers", by: hand) }
            }
            source.jira.faults.add(Fault(rename, path: "/role"))
            try await source.synchronise()
            #expect(source.jira.faults.isEmpty)
            try await source.synchronise()
            try await Self.expectNothing(source.comparison(isThorough: false), "afterwards")
        }
    }

    @Test(
        "what somebody is shown where an issue is now says nothing about the project it left",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func moved(_ flavour: SiteFlavour) async throws {
        try await linked(flavour) { source in
            let before = source.site.current()
            source.change { state, hand in
                // The lead plays the role in the other project alone.
                state.setActors(1, role: 10_001, to: [.user(TinySite.lead), .user(TinySite.administrator)])
                state.moveIssue(state.issueCount - 1, to: 1, by: hand)
            }
            // Between two synchronisations: the copy still has the issue where it was.
            try await source.list()
            try await Self.expectNothing(
                source.comparison(isThorough: false, since: [before]), "before the move is read")
            try await source.synchronise()
            try await Self.expectNothing(source.comparison(isThorough: false), "after")
        }
    }

    /// A site whose first two projects share their roles.
    private static func configuration(_ flavour: SiteFlavour) -> SiteConfiguration {
        let some = (33..<97).map { SiteConfiguration.tiny(seed: $0, flavour: flavour, administratorSeesAll: true) }
        return some.first { configuration in
            let projects = SimulatedSite(configuration).current().projects.prefix(2)
            return projects.count == 2 && projects.allSatisfy { $0.style == .companyManaged && $0.kind == .software }
        } ?? some[0]
    }

    /// A linked source with two issues of the first project, each with a comment for developers.
    private func linked(_ flavour: SiteFlavour, _ body: (EvidenceSource) async throws -> Void) async throws {
        try await EvidenceSource.lent(Self.configuration(flavour), mode: .linked) { source in
            source.change { state, hand in
                for project in 0...1 {
                    state.setGrants(state.projects[project].permissionScheme, "BROWSE_PROJECTS", to: Self.everybody)
                }
                state.setActors(0, role: 10_001, to: [.user(TinySite.developer), .user(TinySite.administrator)])
                state.setActors(0, role: 10_002, to: [.user(TinySite.lead), .user(TinySite.administrator)])
                for (number, title) in ["Stays", "Goes"].enumerated() {
                    let issue = state.createIssue(
                        project: 0, summary: "\(title) \(PlantedTokens.word(930_100 + number))", by: hand)
                    state.addComment(
                        issue, .init(paragraph: "For developers \(PlantedTokens.word(930_200 + number))"),
                        visibility: .role(10_001), by: hand)
                }
            }
            try await Self.synchroniseLater(source)
            try await source.linkEverybody()
            try await Self.expectNothing(source.comparison(isThorough: false), "to begin with")
            try await body(source)
        }
    }

    /// Later than the overlap of two synchronisations, so that the next one reads nothing again for being recent.
    private static func synchroniseLater(_ source: EvidenceSource) async throws {
        source.clock.advance(by: 3_600_000)
        source.change { state, hand in
            state.setSummary(0, to: "Later \(PlantedTokens.word(930_400))", by: hand)
        }
        try await source.synchronise()
    }

    private static func expectNothing(_ comparison: AccessComparison, _ when: String) async throws {
        for finding in try await comparison.findings().prefix(3) { Testing.Issue.record("\(when): \(finding)") }
    }
}
