import Testing

/// Seeds that once found something, each with what it was.
struct KeptSeed: Sendable, CustomTestStringConvertible {
    var seed: UInt64
    var what: String
    var testDescription: String { "\(seed)" }

    static let all: [KeptSeed] = [
        KeptSeed(seed: 4, what: "a project's new key reached only the issues that changed afterwards"),
        KeptSeed(
            seed: 664, what: "the judge: an issue that is new is shown by the rules read last, within their lease"),
        KeptSeed(seed: 721, what: "the judge: the same after a group lost a grant"),
        KeptSeed(
            seed: 821, what: "a census by time took issues for archived after the account's time zone had changed"),
        KeptSeed(seed: 684, what: "the judge: what is broken off at the end is not looked at"),
        KeptSeed(seed: 748, what: "the first census was put off each time everything was read"),
        KeptSeed(seed: 850, what: "a role got another name between the first reading of issues and that of roles"),
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
