import Testing

/// Seeds that once found something, each with what it was.
struct KeptSeed: Sendable, CustomTestStringConvertible {
    var seed: UInt64
    var what: String
    var testDescription: String { "\(seed)" }

    static let all: [KeptSeed] = [
        KeptSeed(seed: 4, what: "a project's new key reached only the issues that changed afterwards")
    ]
}

@Suite struct KeptSeedTests {
    @Test("a seed that once found something finds nothing now", arguments: KeptSeed.all)
    func isMended(_ kept: KeptSeed) async {
        let report = await Tally.of([kept.seed]).reports[kept.seed]
        for finding in report?.findings ?? ["it did not run"] {
            Testing.Issue.record("seed \(kept.seed) (\(kept.what)): \(finding)")
        }
    }
}
