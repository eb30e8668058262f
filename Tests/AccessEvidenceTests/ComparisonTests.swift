import IssueModel
import SimulatedAccess
import SimulatedSite
import SiteConnection
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
        let configuration = SiteConfiguration.tiny(seed: test.seed, flavour: test.flavour, administratorSeesAll: true)
        try await EvidenceSource.lent(configuration) { source in
            try await source.synchronise()
            let findings = try await source.comparison().findings()
            for finding in findings.prefix(20) { Testing.Issue.record("\(finding)") }
        }
    }
}
