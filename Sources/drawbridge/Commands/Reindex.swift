import Console
import FastJSON
import SiteConnection
import Store
import SyncEngine

extension Command {
    static let reindex = Command(
        words: ["reindex"], summary: "Derive everything again from the kept copies, without asking Jira",
        arguments: [Argument(name: "NAME", help: "a source; all of them without it", isOptional: true)],
        options: [.flag("--json", "print what was done as JSON")],
        discussion: """
            Rows, access keys and search words of every issue are written again from what Jira returned, by the rules of this
            version. Worth it after an update that reads more from an issue, or when 'drawbridge verify' finds something. Stop
            it at any time: the next call goes on where this one was. Searches are answered meanwhile.
            """,
        example: "drawbridge reindex work"
    ) { invocation in
        try await Session.with(invocation, for: .writing) { session in
            let service = session.synchroniser(invocation.environment)
            let summaries = try await service.reindex(invocation.arguments.first) { progress in
                Terminal.progress(SyncReport.line(progress))
            }
            Terminal.endProgress()
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.key("sources")
                    json.array { json in summaries.forEach { $0.write(to: &json) } }
                }
                Terminal.print(json.bytes)
            } else {
                Terminal.print(summaries.isEmpty ? "There is no source." : summaries.map(text).joined(separator: "\n"))
            }
            return summaries.contains { $0.damaged > 0 } ? .partlyDone : .done
        }
    }

    private static func text(_ summary: ReindexSummary) -> String {
        let done = "\(summary.source): \(Wording.count(summary.issues, "issue")) derived again."
        guard summary.damaged > 0 else { return done }
        return done + " The copies of \(Wording.count(summary.damaged, "other")) could not be read; "
            + "'drawbridge sync \(summary.source)' reads them from Jira."
    }
}
