import IssueModel
import SimulatedSite
import Store
import Testing

/// The key claim, through every read path: each account is shown what Jira itself would show it.
@Suite struct ComparisonTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var flavour: SiteFlavour
        var seed: UInt64
        var testDescription: String { "\(flavour.rawValue) \(seed)" }
    }

    @Test(
        "every read path shows every account exactly what Jira would",
        arguments: [
            Case(flavour: .cloud, seed: 1), Case(flavour: .dataCenter, seed: 1), Case(flavour: .server, seed: 2),
        ])
    func equalsJira(_ test: Case) async throws {
        let configuration = SiteConfiguration(
            flavour: test.flavour, seed: test.seed, issueCount: 40, averageIssueBytes: 1_500)
        try await EvidenceSource.lent(configuration) { source in
            source.change { state, hand in state.plantTokens(by: hand) }
            try await source.synchronise()
            let findings = try await source.comparison().findings()
            for finding in findings.prefix(20) { Testing.Issue.record("\(finding)") }
        }
    }
}
