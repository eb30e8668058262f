import AccessControl
import IssueModel
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

struct FlavourCase: CustomTestStringConvertible, Sendable {
    let flavour: SiteFlavour
    var seed: UInt64 = 1
    var testDescription: String { "\(flavour.rawValue), seed \(seed)" }
}

@Suite struct FullReadTests {
    @Test(
        "a first read stores all that the account sees",
        arguments: [FlavourCase(flavour: .cloud), FlavourCase(flavour: .dataCenter)])
    func readsAll(_ test: FlavourCase) async throws {
        try await SimulatedSource.lent(
            SiteConfiguration(flavour: test.flavour, seed: test.seed, issueCount: 400)
        ) { source in
            let summary = try await source.synchronise()
            let truth = Seen(source.server.truth(for: source.caller))
            let stored = Seen(try await source.visible(to: .operator))
            #expect(stored == truth, "\(stored.difference(truth))")
            #expect(summary.finished)
            #expect(summary.issues.stored == truth.issues.count)
            #expect(summary.issues.quarantined == 0)
            #expect(summary.comments == truth.comments.count)
            #expect(summary.attachments == truth.attachments.count)
        }
    }

    @Test("a second run finds nothing to store", arguments: [SiteFlavour.cloud, .dataCenter])
    func unchanged(_ flavour: SiteFlavour) async throws {
        try await SimulatedSource.lent(SiteConfiguration(flavour: flavour, issueCount: 120)) { source in
            _ = try await source.synchronise()
            let second = try await source.synchronise()
            #expect(second.finished)
            #expect(second.issues.stored == 0)
            #expect(second.issues.read < 20)
            let full = try await source.synchronise(isFull: true)
            #expect(full.issues.stored == 0)
            #expect(full.issues.unchanged == full.issues.read)
        }
    }
}
