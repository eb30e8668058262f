import AuditTrail
import Console
import FastJSON
import Journal
import SourceAdministration
import Store
import Webhooks

extension Command {
    static let webhooks: [Command] = [webhookRegister, webhookShow, webhookRemove]

    private static let source = Argument(name: "SOURCE", help: "the source's name")
    private static let json = Option.flag("--json", "print it as JSON")

    private static let webhookRegister = Command(
        words: ["webhook", "register"],
        summary: "Have Jira tell of changes at once, or say what a Jira administrator is to enter",
        arguments: [source],
        options: [
            .value(
                "--public-url", "U", "where Jira reaches 'drawbridge serve', such as https://drawbridge.example.com"),
            json,
        ],
        discussion: """
            Run again it mends what is wrong and leaves the rest. The source's account must administer Jira; otherwise the address, the
            secret and the events are printed for somebody who does (exit code 5), and the webhook counts once its first delivery comes.
            What no webhook tells is found by polling all the same.
            """,
        example: "drawbridge webhook register work --public-url https://drawbridge.example.com"
    ) { invocation in
        guard let address = invocation.value("--public-url") else {
            throw UsageError("'webhook register' needs --public-url U, where Jira reaches 'drawbridge serve'")
        }
        return try await Control.with(invocation) { control in
            let session = control.session
            let source = try await session.source(named: invocation.arguments[0])
            _ = try PublicAddress.checked(address, of: source)
            let outcome = try await session.administration(invocation.environment)
                .registerWebhook(of: source.name, publicURL: address, by: .commandLine)
            Terminal.print(
                invocation.wantsJSON ? WebhookReport.json(outcome, of: source) : Array(text(outcome, source).utf8))
            return outcome.instructions == nil ? .done : .partlyDone
        }
    }

    private static let webhookShow = Command(
        words: ["webhook", "show"],
        summary: "Show a source's webhooks: what came by them, and what is wrong with them",
        arguments: [source],
        options: [
            .flag("--secrets", "print the whole address and the secret too: whoever has them can send deliveries"),
            json,
        ],
        example: "drawbridge webhook show work"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let source = try await session.source(named: invocation.arguments[0])
            let health = try await session.store.read { try WebhookHealth(source: source.id, in: $0) }
            let key = invocation.has("--secrets") ? try session.store.secretKey() : nil
            let secrets = try key.map { key in
                try health.records.map { try WebhookSecrets(opening: $0.sealed, with: key, source: source.id) }
            }
            let report = WebhookReport(health, of: source, at: Session.now, secrets: secrets)
            Terminal.print(invocation.wantsJSON ? report.json : Array(Terminal.visibleLines(report.text).utf8))
            return .done
        }
    }

    private static let webhookRemove = Command(
        words: ["webhook", "remove"], summary: "Remove a source's webhooks, here and in Jira", arguments: [source],
        options: [json], example: "drawbridge webhook remove work"
    ) { invocation in
        try await Control.with(invocation) { control in
            let session = control.session
            let source = try await session.source(named: invocation.arguments[0])
            let remains = try await session.administration(invocation.environment)
                .removeWebhooks(of: source.name, by: .commandLine)
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.member("source", source.name)
                    json.member("removed", true)
                    json.key("remains")
                    json.array { json in remains.forEach { json.string($0) } }
                }
                Terminal.print(json.bytes)
            } else {
                Terminal.print("'\(source.name)' has no webhooks any more.")
                for line in remains { Terminal.print(line) }
            }
            return remains.isEmpty ? .done : .partlyDone
        }
    }

    private static func text(_ outcome: WebhookRegistration.Outcome, _ source: Source) -> String {
        var lines: [String] = []
        if let instructions = outcome.instructions {
            lines.append(outcome.record.problem ?? "The webhook cannot be registered with this account.")
            lines.append(instructions.text)
        } else {
            let words = outcome.changes.isEmpty ? "is as it should be" : "is set up in Jira"
            lines.append("The webhook of '\(source.name)' \(words); Jira tells \(outcome.record.publicURL).")
            if let problem = outcome.record.problem { lines.append(problem) }
        }
        lines += outcome.warnings.filter { $0 != outcome.record.problem }
        lines.append("Deliveries are taken while 'drawbridge serve' runs. See: drawbridge webhook show \(source.name)")
        return lines.map(Terminal.visibleLines).joined(separator: "\n")
    }
}

extension PublicAddress {
    /// The address, or what is wrong with the command line.
    fileprivate static func checked(_ text: String, of source: Source) throws(UsageError) -> PublicAddress {
        do throws(WebhookError) {
            return try PublicAddress(text, isCloud: source.product == .cloud)
        } catch {
            throw UsageError("--public-url: " + error.message)
        }
    }
}

extension Terminal {
    /// Lines that hold words of Jira's, made safe for a terminal line by line.
    fileprivate static func visibleLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { visible(String($0)) }.joined(
            separator: "\n")
    }
}
