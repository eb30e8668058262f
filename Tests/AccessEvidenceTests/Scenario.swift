import Database
import SimulatedAccess
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import Testing

/// A rule of Jira's at work on one issue, and what a program without that rule would make of it.
struct Scenario: CustomTestStringConvertible, Sendable {
    var name: String
    var flavour = SiteFlavour.cloud
    /// Whether the issue under test is in a service project; otherwise it is in the first one.
    var isServiceDesk = false
    /// Arranges the rules around the issue under test.
    var arrange: @Sendable (inout SiteState, Bench) -> Void
    /// Changes the rules once the issue is stored.
    var later: (@Sendable (inout SiteState, Bench) -> Void)?
    /// Changes the stored copy into what it would be without the rule.
    var without: @Sendable (Connection) throws -> Void
    /// The paths by which that is noticed.
    var bites: [AccessComparison.Path]
    /// Whether it shows too much; otherwise too little.
    var isLeak = true

    var testDescription: String { name }

    /// The issue under test, who changes it, and the people and groups that the rules are about.
    struct Bench: Sendable {
        /// An issue with a word of its own.
        var issue: Int
        var hand: SiteState.Hand
        var project: Int
        // People, by what they are; positions in the site's users.
        let administrator = 0
        let developer = 1
        let lead = 2
        let officer = 3
        let agent = 4
        let customer = 5
        let app = 6
        let inactive = 7
        /// Licensed, and named by nothing.
        let other = 11
        let red = 4
        let blue = 5

        func text(_ words: String) -> RichText { RichText(paragraph: words) }
    }

    /// Everybody of interest.
    static let readers: [Oracle.Reader] = [.operator, .anonymous] + (0...11).map { .user($0) }

    /// A tiny site with a service project, where its administrator sees everything.
    private var configuration: SiteConfiguration {
        let candidates = (0..<64).map { SiteConfiguration.tiny(seed: $0, flavour: flavour, administratorSeesAll: true) }
        return candidates.first { SimulatedSite($0).current().projects.contains { $0.kind == .serviceDesk } }
            ?? candidates[0]
    }

    /// Arranges the scenario on a site of its own, synchronises it and lends it.
    func lent(_ body: (EvidenceSource, Int) async throws -> Void) async throws {
        try await EvidenceSource.lent(configuration) { source in
            let bench = source.change { state, hand in
                let desk = state.projects.first { $0.kind == .serviceDesk }?.index ?? 0
                let project = isServiceDesk ? desk : 0
                let ordinal = state.createIssue(
                    project: project, summary: "Under test \(PlantedTokens.word(900_001))", by: hand)
                // A plain scheme to begin with: everybody licensed.
                let scheme = state.projects[project].permissionScheme
                state.setGrants(scheme, "BROWSE_PROJECTS", to: [.applicationRole(nil)])
                let bench = Bench(issue: ordinal, hand: hand, project: project)
                arrange(&state, bench)
                return bench
            }
            try await source.synchronise()
            if let later {
                source.change { state, _ in later(&state, bench) }
                try await source.synchronise()
            }
            try await body(source, source.site.current().row(bench.issue).id)
        }
    }
}

extension EvidenceSource {
    /// Changes the stored copy behind everything's back, as a program with another rule would have written it.
    func tamper(_ body: @escaping @Sendable (Connection) throws -> Void) async throws {
        try await store.write { context in
            try body(context.connection)
            context.noteAccessChange()
        }
    }
}
