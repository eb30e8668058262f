import Testing

@Suite("The oracle tells an evaluator from one")
struct MutantTests {
    /// Worlds in which every rule decides something.
    private static let worlds: [World] = (0..<120).map { World.random(seed: $0) }

    @Test("in which", arguments: Mutants.all)
    func bites(mutant: Tampering) throws {
        for world in Self.worlds + SmallWorlds.telling {
            var comparison = Comparison(world, tampering: mutant)
            try comparison.run(explaining: false)
            if !comparison.mismatches.isEmpty { return }
        }
        Testing.Issue.record("nothing tells that \(mutant.name)")
    }

    @Test("that is whole by agreeing with it") func whole() throws {
        for world in Self.worlds + SmallWorlds.telling {
            var comparison = Comparison(world)
            try comparison.run(explaining: false)
            comparison.expectAgreement()
        }
    }
}
