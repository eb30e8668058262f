import AccessEngine
import Console
import FastJSON
import SiteConnection
import Store
import SyncEngine

extension Command {
    static let accessRefresh = Command(
        words: ["access", "refresh"], summary: "Read again who may see what at a source, without reading issues",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .flag("--everything", "read all of it, not only what is due"),
            .flag("--json", "print what was done as JSON"),
        ],
        discussion: """
            Changes of groups, roles, schemes and levels take effect at once. 'drawbridge sync --watch' does this by itself. Exit
            code 5 says that something could not be read again: what is known of it holds until its lease ends.
            """,
        example: "drawbridge access refresh work"
    ) { invocation in
        let name = invocation.arguments[0]
        return try await Session.with(invocation, for: .writing) { session in
            let summary: AccessRefreshSummary
            do {
                summary = try await session.synchroniser(invocation.environment).refreshAccess(
                    name, invocation.has("--everything") ? .everything : .due
                ) { progress in Terminal.progress(SyncReport.line(progress)) }
            } catch {
                Terminal.endProgress()
                throw error
            }
            Terminal.endProgress()
            AccessRefreshReport.show(summary, source: name, json: invocation.wantsJSON)
            return AccessRefreshReport.isPartial(summary) ? .partlyDone : .done
        }
    }
}

/// Tells what a refresh of access facts did.
enum AccessRefreshReport {
    static func show(_ summary: AccessRefreshSummary, source: String, json: Bool) {
        if json {
            var writer = JSONWriter()
            summary.write(to: &writer, source: source)
            Terminal.print(writer.bytes)
            return
        }
        Terminal.print(text(summary, source))
        for warning in summary.warnings { Terminal.note("warning: \(Terminal.visible(warning.message))") }
    }

    private static func text(_ summary: AccessRefreshSummary, _ source: String) -> String {
        var lines = [
            "\(source): who may see what was read again with \(Wording.count(summary.requests, "request")); "
                + (summary.changed ? "rules changed." : "no rule changed.")
        ]
        if !summary.hidden.isEmpty { lines.append("  Hidden now: \(summary.hidden.joined(separator: ", ")).") }
        if !summary.restored.isEmpty { lines.append("  Shown again: \(summary.restored.joined(separator: ", ")).") }
        if summary.rewritten > 0 {
            lines.append("  \(Wording.count(summary.rewritten, "issue")) judged anew from the kept copies.")
        }
        let listings = summary.listings
        if listings.read > 0 {
            lines.append(
                "  \(Wording.count(listings.read, "member's own listing", plural: "members' own listings")) read.")
        }
        return lines.joined(separator: "\n")
    }

    /// Whether something that should have been read was not.
    static func isPartial(_ summary: AccessRefreshSummary) -> Bool {
        let losses: Set<AccessWarning.Code> = [.accessUnreadable, .projectAccessUnreadable, .accessNotVerified]
        return summary.warnings.contains { losses.contains($0.code) } || !summary.listings.problems.isEmpty
    }
}
