import Console
import Reading
import Store

extension Command {
    static let readerOptions: [Option] = [
        .value("--as", "WHO", "see it as this person: a member's e-mail, account id, user key or name, or anonymous"),
        .value("--source", "NAME", "only in this source"),
    ]

    static let issue = Command(
        words: ["issue"], summary: "Show one issue, as one person may see it",
        arguments: [Argument(name: "KEY", help: "its key, also a former one, or Jira's id")],
        options: readerOptions + [
            .flag("--json", "print it as JSON"), .flag("--markdown", "print it as Markdown (the default)"),
        ],
        example: "drawbridge issue PAY-42 --as ada@example.com --markdown"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let view = try await IssueReader(store: session.store).issue(
                invocation.arguments[0], as: invocation.value("--as"), source: invocation.value("--source"))
            if invocation.wantsJSON { Terminal.print(view.json) } else { Terminal.print(Terminal.shown(view.markdown)) }
            return .done
        }
    }

    static let exportIssues = Command(
        words: ["export", "issues"], summary: "Write every issue a person may see to standard output",
        options: readerOptions + [.value("--format", "FORMAT", "jsonl (the default) or csv")],
        example: "drawbridge export issues --as ada@example.com --format csv > issues.csv"
    ) { invocation in
        let format = try invocation.choice("--format", IssueExport.Format.self) ?? .jsonl
        return try await Session.with(invocation, for: .reading) { session in
            let summary = try await IssueExport(store: session.store).run(
                as: invocation.value("--as"), source: invocation.value("--source"), format: format
            ) { try Terminal.stream($0) }
            if let freshness = summary.freshness, freshness.state >= .behind, let remark = freshness.remark {
                Terminal.note("remark: the copy is \(freshness.words). \(remark)")
            }
            for problem in summary.damaged { Terminal.note("left out: \(Terminal.visible(problem))") }
            return summary.damaged.isEmpty ? .done : .partlyDone
        }
    }
}
