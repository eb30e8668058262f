import AccessControl
import Foundation
import Testing

@Suite("Answers equal an evaluator written from Jira's rules alone")
struct OracleTests {
    struct Site: CustomTestStringConvertible {
        var isDataCenter: Bool
        var mode: World.Mode
        var testDescription: String { "\(isDataCenter ? "Data Center" : "Cloud"), \(mode)" }

        static let all = [false, true].flatMap { isDataCenter in
            World.Mode.allCases.map { Site(isDataCenter: isDataCenter, mode: $0) }
        }
    }

    @Test(
        "for every holder of Browse Projects, every member of a level, every visibility and every kind of account",
        arguments: Site.all)
    func exhaustive(site: Site) throws {
        var allowed = 0
        var refused = 0
        for browse in [nil] + SmallWorlds.holders.map(Optional.some) {
            let world = SmallWorlds.world(isDataCenter: site.isDataCenter, browse: browse, mode: site.mode)
            var comparison = Comparison(world)
            // Explanations of every combination would say the same things over and over.
            try comparison.run(explaining: browse == .reporter || browse == .role("Developers"))
            comparison.expectAgreement("Browse Projects for \(browse.map { "\($0)" } ?? "nobody"):")
            allowed += comparison.allowed
            refused += comparison.decisions - comparison.allowed
        }
        // Both answers are common, so equality is no accident of a world that hides or shows everything.
        #expect(allowed > 1_000)
        #expect(refused > 100)
    }

    /// How many worlds are drawn: `DRAWBRIDGE_SEEDS`, by default what takes a few seconds.
    static let seeds = ProcessInfo.processInfo.environment["DRAWBRIDGE_SEEDS"].flatMap { UInt64($0) } ?? 400
    static let blocks: UInt64 = 8

    @Test("in worlds drawn by lot", arguments: 0..<blocks)
    func random(block: UInt64) throws {
        for seed in stride(from: block, to: Self.seeds, by: Int(Self.blocks)) {
            var comparison = Comparison(World.random(seed: seed))
            try comparison.run(explaining: seed / Self.blocks % 16 == 0)
            comparison.expectAgreement("Seed \(seed):")
        }
    }

    @Test("when rules and modes change after issues were written, or the issue asks to be written again and hides")
    func rulesChange() throws {
        var stale = 0
        for seed in 0..<Self.seeds / 4 {
            let earlier = World.random(seed: seed)
            var later = World.random(seed: seed + 1_000_000)
            later.isDataCenter = earlier.isDataCenter
            later.tickets = earlier.tickets
            var comparison = Comparison(later, writtenIn: earlier)
            try comparison.run(explaining: seed % 16 == 0)
            comparison.expectAgreement("Seed \(seed):")
            stale += comparison.stale
        }
        #expect(stale > 0)
    }
}
