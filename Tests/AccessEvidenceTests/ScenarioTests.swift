import SimulatedSite
import SiteConnection
import Testing

/// What other programs that copy Jira get wrong, each as a test that their rule fails.
@Suite struct ScenarioTests {
    @Test("Jira's rule holds on every path, and its absence is noticed", arguments: Scenario.all)
    func bites(_ scenario: Scenario) async throws {
        try await scenario.lent { source, issue in
            let clean = try await source.comparison(isThorough: false, focus: [issue])
            for finding in try await clean.findings(for: Scenario.readers).prefix(5) {
                Testing.Issue.record("\(finding)")
            }
            try await source.tamper(scenario.without)
            let without = try await source.comparison(isThorough: false, focus: [issue])
                .findings(for: Scenario.readers)
            for path in scenario.bites {
                #expect(
                    without.contains { $0.path == path && $0.isLeak == scenario.isLeak },
                    "nothing noticed by \(path.rawValue)")
            }
        }
    }
}
