import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import SimulatedWebhooks
import Testing

/// How an operator has Jira tell of changes.
@Suite("Webhook commands") struct WebhookCommandTests {
    private static let address = "http://127.0.0.1:9"

    @Test("a webhook is registered, kept, shown and removed", arguments: [SiteFlavour.cloud, .dataCenter])
    func administrator(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 20) { jira in
            try await jira.add(of: jira.tour.administrator)
            let words = ["webhook", "register", SimulatedJira.source, "--public-url", Self.address]
            let made = try await jira.program.run(words + ["--json"])
            #expect(made.status == 0, "\(made)")
            #expect(try made.json["changes"]?.array == ["created"])
            #expect(try made.json["webhook"]?["state"]?.string == "active")
            #expect(try made.json["webhook"]?["authentication"]?.string == "signature")
            let again = try await jira.program.run(words)
            #expect(again.status == 0 && again.output.contains("is as it should be"), "\(again)")

            let shown = try await jira.program.run("webhook", "show", SimulatedJira.source, "--json")
            #expect(try shown.json["webhooks"]?.array?.count == 1, "\(shown)")
            #expect(try shown.json["findings"]?.array == [], "\(shown)")
            let told = try await jira.program.run("webhook", "show", SimulatedJira.source, "--secrets", "--json")
            let secret = try #require(try told.json["webhooks"]?[0]?["secret"]?.string)
            let url = try #require(try told.json["webhooks"]?[0]?["url"]?.string)
            #expect(url.hasPrefix(Self.address + "/webhooks/"))
            for part in [secret, String(url.suffix(32))] {
                #expect(!shown.output.contains(part) && !made.output.contains(part))
                #expect(try !jira.program.dataHolds(part))
            }

            let removed = try await jira.program.run("webhook", "remove", SimulatedJira.source)
            #expect(removed.status == 0, "\(removed)")
            let gone = try await jira.program.run("webhook", "show", SimulatedJira.source)
            #expect(gone.output.contains("has no webhooks"), "\(gone)")
        }
    }

    @Test("who does not administer Jira is told what an administrator enters")
    func nobodySpecial() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            try await jira.add(of: jira.tour.developer)
            let words = ["webhook", "register", SimulatedJira.source, "--public-url", Self.address]
            let made = try await jira.program.run(words)
            #expect(made.status == 5, "\(made)")
            for word in ["System > WebHooks", "Secret", "issue: created, updated, deleted", "Exclude body: no"] {
                #expect(made.output.contains(word), "\(made)")
            }
            let json = try await jira.program.run(words + ["--json"])
            let url = try #require(try json.json["instructions"]?["url"]?.string)
            #expect(made.output.contains(url))
            #expect(try json.json["webhook"]?["state"]?.string == "waiting")
        }
    }

    @Test("a source that goes takes its webhook along, in Jira too")
    func removedSource() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            try await jira.add(of: jira.tour.administrator)
            try await jira.program.run("webhook", "register", SimulatedJira.source, "--public-url", Self.address)
            #expect(jira.server.webhooks.registrations.count == 1)
            let removed = try await jira.program.run("source", "remove", SimulatedJira.source)
            #expect(removed.status == 0 && removed.errors.isEmpty, "\(removed)")
            #expect(jira.server.webhooks.registrations.isEmpty)
        }
    }

    @Test("an address that Jira could not call is wrong usage")
    func wrongAddress() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            try await jira.add(of: jira.tour.administrator)
            for address in ["drawbridge", "http://drawbridge.example.com"] {
                let outcome = try await jira.program.run(
                    "webhook", "register", SimulatedJira.source, "--public-url", address)
                #expect(outcome.status == 2 && outcome.errors.contains("--public-url"), "\(outcome)")
            }
            #expect(try await jira.program.run("webhook", "register", SimulatedJira.source).status == 2)
        }
    }
}
