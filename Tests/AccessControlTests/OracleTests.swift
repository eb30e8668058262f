import AccessControl
import Testing

@Suite("Answers equal an evaluator written from Jira's rules alone")
struct OracleTests {
    struct Flavour: CustomTestStringConvertible {
        var isDataCenter: Bool
        var testDescription: String { isDataCenter ? "Data Center" : "Cloud" }
    }

    @Test(
        "for every holder of Browse Projects against every member of a level, every visibility and every attachment",
        arguments: [Flavour(isDataCenter: false), Flavour(isDataCenter: true)])
    func exhaustive(flavour: Flavour) throws {
        var allowed = 0
        var refused = 0
        for browse in [nil] + SmallWorlds.holders.map(Optional.some) {
            var comparison = Comparison(SmallWorlds.world(isDataCenter: flavour.isDataCenter, browse: browse))
            try comparison.run()
            allowed += comparison.allowed
            refused += comparison.decisions - comparison.allowed
        }
        // Both answers are common, so equality is no accident of a world that hides or shows everything.
        #expect(allowed > 1_000)
        #expect(refused > 1_000)
    }

    @Test("in worlds drawn by lot", arguments: 0..<12)
    func random(block: Int) throws {
        for seed in block * 10..<block * 10 + 10 {
            var comparison = Comparison(World.random(seed: UInt64(seed)))
            try comparison.run()
        }
    }
}
