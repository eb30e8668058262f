import IssueModel
import Journal
import Store
import Testing
import Webhooks

@Suite("Health") struct HealthTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let codes: [String]
        var kind = WebhookRecords.Kind.admin
        var state = WebhookRecords.State.active
        /// Minutes since the webhook was set up at 0.
        var now: Int64 = 600
        var lastDelivery: Int64?
        var lastUntold: Int64?
        var expires: Int64?
        var deliveries = 10
        var refused = 0
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        .init(name: "a quiet site", codes: []),
        .init(name: "deliveries come", codes: [], lastDelivery: 590, lastUntold: 600),
        .init(
            name: "changes are found that nobody told of", codes: ["webhook_silent"], lastDelivery: 500, lastUntold: 590
        ),
        .init(name: "changes were found before the last delivery", codes: [], lastDelivery: 500, lastUntold: 400),
        .init(name: "nothing ever came though issues changed", codes: ["webhook_never_delivered"], lastUntold: 100),
        .init(name: "just set up", codes: [], now: 20, lastUntold: 19),
        .init(
            name: "to be entered by hand, and not yet", codes: ["webhook_never_delivered"], kind: .manual,
            state: .waiting),
        .init(name: "entered by hand", codes: [], kind: .manual, lastDelivery: 500),
        .init(name: "not set up", codes: ["webhook_failed"], state: .failed),
        .init(name: "another secret", codes: ["webhook_refusing"], lastDelivery: 590, deliveries: 1, refused: 5),
        .init(name: "one forgery among many", codes: [], lastDelivery: 590, deliveries: 100, refused: 5),
        .init(name: "about to lapse", codes: ["webhook_lapses"], lastDelivery: 590, expires: 600 + 24 * 60),
        .init(name: "with time left", codes: [], lastDelivery: 590, expires: 600 + 20 * 24 * 60),
    ]

    @Test("what is wrong is found, with what to do", arguments: cases)
    func findings(_ test: Case) {
        func moment(_ minutes: Int64) -> Timestamp { Timestamp(milliseconds: minutes * 60_000) }
        let record = WebhookRecords.Record(
            source: 1, kind: test.kind, publicURL: "https://d.example.com", pathHash: [], sealed: [],
            authentication: .signature, state: test.state, created: moment(0), expires: test.expires.map(moment),
            lastDelivery: test.lastDelivery.map(moment), deliveries: test.deliveries, refused: test.refused)
        let health = WebhookHealth(records: [record], lastUntold: test.lastUntold.map(moment))
        let findings = health.findings(at: moment(test.now), source: "work")
        #expect(findings.map(\.code) == test.codes)
        #expect(findings.allSatisfy { !$0.message.isEmpty && !$0.remedy.isEmpty })
    }

    @Test("a delta that stored issues is what nobody told of; first readings and empty deltas are not")
    func lastUntold() async throws {
        let ground = try await Ground()
        let source = ground.source.id
        try await ground.store.write { context in
            for (number, run) in [("all", 50), ("changes", 3), ("changes", 0), ("pending", 2)].enumerated() {
                let id = try SyncRuns.begin(
                    kind: run.0, at: Timestamp(milliseconds: Int64(number)), source: source, in: context)
                try SyncRuns.update(
                    id, outcome: .done, summary: #"{"issues":{"stored":\#(run.1)}}"#,
                    ended: Timestamp(milliseconds: Int64(number) * 1_000), in: context)
            }
        }
        let health = try await ground.store.read { try WebhookHealth(source: source, in: $0) }
        #expect(health.lastUntold == Timestamp(milliseconds: 1_000))
    }
}
