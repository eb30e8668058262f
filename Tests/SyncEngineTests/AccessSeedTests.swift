import AccessControl
import SimulatedAccess
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import Testing

/// Tiny sites that change at random between runs: what follows from the order in which things are read shows here.
@Suite struct AccessSeedTests {
    /// Deletions and archived issues wait for a census.
    private static let kinds = SiteMutation.Kind.allCases.filter { ![.issueDeleted, .issueArchived].contains($0) }

    @Test(
        "whatever changes, everybody is shown what Jira shows", arguments: Array(UInt64(0)..<64) + [177, 187, 276, 303])
    func seeds(_ seed: UInt64) async throws {
        try await AccessScene.lent(.tiny(seed: seed, administratorSeesAll: true), mode: .mirror) { scene in
            try await scene.synchronise()
            var random = SeededRandom(seed: seed, stream: 1, item: 0)
            var mutations: [SiteMutation] = []
            for round in 0..<7 {
                // Data Center does not tell a portal customer who got a licence from anybody else.
                let wrong = try await scene.mistaken().filter { !$0.hasPrefix("Carla Customer") }
                #expect(wrong == [], "seed \(seed), round \(round), after \(mutations)")
                guard wrong.isEmpty else { return }
                scene.clock.advance(by: 301_000)
                mutations = [
                    scene.site.mutate(using: &random, Self.kinds), scene.site.mutate(using: &random, Self.kinds),
                ]
                scene.clock.advance(by: 301_000)
                try await scene.synchronise()
            }
        }
    }
}
