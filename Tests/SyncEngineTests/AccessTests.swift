import AccessControl
import IssueModel
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// The issue's key claim, from end to end: what Drawbridge shows each account is what Jira itself would show it.
@Suite struct AccessTests {
    @Test(
        "every account sees exactly what Jira would show it of what the source may read",
        arguments: (1...4).flatMap { seed in
            [FlavourCase(flavour: .cloud, seed: seed), FlavourCase(flavour: .dataCenter, seed: seed)]
        })
    func equalsJira(_ test: FlavourCase) async throws {
        try await SimulatedSource.lent(
            SiteConfiguration(flavour: test.flavour, seed: test.seed, issueCount: 250, averageIssueBytes: 1_500)
        ) { source in
            _ = try await source.synchronise()
            try await Self.compare(source)
        }
    }

    @Test(
        "what scheme, level, role and group changes mean reaches every account at the next run",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func followsChanges(_ flavour: SiteFlavour) async throws {
        try await SimulatedSource.lent(
            SiteConfiguration(flavour: flavour, seed: 7, issueCount: 150, averageIssueBytes: 1_500)
        ) { source in
            _ = try await source.synchronise()
            for round in 0..<4 {
                source.server.site.change { Self.changeRules(&$0, round) }
                _ = try await source.synchronise()
                try await Self.compare(source)
            }
        }
    }

    @Test("a source read anonymously shows everybody what anonymous sees", arguments: [SiteFlavour.cloud, .dataCenter])
    func anonymous(_ flavour: SiteFlavour) async throws {
        try await SimulatedSource.lent(SiteConfiguration(flavour: flavour, issueCount: 200), anonymous: true) {
            source in
            let summary = try await source.synchronise()
            #expect(summary.finished)
            let truth = Seen(source.server.truth(for: .anonymous))
            #expect(!truth.issues.isEmpty)
            for reader in [Reader.operator, .anonymous] {
                let seen = Seen(try await source.visible(to: reader))
                #expect(seen == truth, "\(reader): \(seen.difference(truth))")
            }
        }
    }

    @Test("an account that may not read permissions shows its content to nobody but the operator")
    func linked() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 120)
        let developer = SimulatedSite(configuration).tour.developer.index
        try await SimulatedSource.lent(configuration, account: developer) { source in
            let record = try await source.sourceRecord()
            #expect(record.accessMode == .linked)
            let summary = try await source.synchronise()
            #expect(summary.warnings.contains { $0.code == .accessModeHidesAll })
            #expect(try await !source.visible(to: .operator).issues.isEmpty)
            for user in source.server.site.current().users {
                let reader = Reader.accounts([record.id: AccountID(user.accountID)])
                #expect(try await source.visible(to: reader).issues.isEmpty)
            }
        }
    }

    /// A round's changes of rules, people and roles; none touches an issue.
    private static func changeRules(_ state: inout SiteState, _ round: Int) {
        let users = state.users.filter { $0.kind == .atlassian && $0.isActive }.map(\.index)
        switch round {
        case 0:
            state.setPermissionScheme(0, to: state.projects[1].permissionScheme)
            state.setMembers(4, to: Array(users.suffix(3)))
        case 1:
            // Asks of issues what no key holds yet.
            let scheme = state.projects[2].permissionScheme
            state.setGrants(scheme, "BROWSE_PROJECTS", to: [.reporter, .assignee, .user(users[0]), .projectLead])
        case 2:
            for role in state.catalogue.roles.prefix(3) {
                state.setActors(0, role: role.id, to: [.user(users[2]), .group(5)])
            }
            for level in state.securitySchemes.flatMap(\.levels).prefix(2) {
                state.setLevelMembers(level.id, to: [.assignee, .group(4), .user(users[0])])
            }
        default:
            state.setLead(2, to: users[3])
            state.setActive(users[4], false)
            let scheme = state.projects[1].permissionScheme
            state.setGrants(
                scheme, "BROWSE_PROJECTS", to: [.applicationRole(nil), .unknown(type: "x", parameter: "y")])
        }
    }

    /// Every account, and anonymous, against the simulator's own evaluator. What the source's account cannot read is not
    /// there to be shown, and Data Center tells nobody who is in a security level.
    private static func compare(_ source: SimulatedSource) async throws {
        let state = source.server.site.current()
        let readable = Seen(try await source.visible(to: .operator))
        let record = try await source.sourceRecord()
        let hidden = state.configuration.flavour.isCloud ? [] : levelled(state)
        for user in state.users {
            let id = state.configuration.flavour.isCloud ? user.accountID : user.key
            let seen = Seen(try await source.visible(to: .accounts([record.id: AccountID(id)])))
            let truth = Seen(source.server.truth(for: .user(user.index))).meeting(readable).without(hidden, state)
            #expect(seen == truth, "\(user.displayName): \(seen.difference(truth))")
        }
        let seen = Seen(try await source.visible(to: .anonymous))
        let truth = Seen(source.server.truth(for: .anonymous)).meeting(readable).without(hidden, state)
        #expect(seen == truth, "anonymous: \(seen.difference(truth))")
    }

    private static func levelled(_ state: SiteState) -> Set<Int> {
        Set((0..<state.issueCount).filter { state.row($0).level != 0 })
    }
}

extension Seen {
    /// Without some issues, by ordinal, and all that hangs on them.
    func without(_ ordinals: Set<Int>, _ state: SiteState) -> Seen {
        guard !ordinals.isEmpty else { return self }
        var (issues, parts) = (Set<Int>(), Set<Int>())
        for ordinal in ordinals {
            issues.insert(state.row(ordinal).id)
            let content = state.content(of: ordinal)
            parts.formUnion(content.comments.map(\.id) + content.worklogs.map(\.id) + content.attachments.map(\.id))
        }
        var result = self
        result.issues.removeAll { issues.contains($0) }
        result.comments.removeAll { parts.contains($0) }
        result.worklogs.removeAll { parts.contains($0) }
        result.attachments.removeAll { parts.contains($0) }
        return result
    }
}
