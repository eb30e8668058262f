import Console
import Reading
import Store

extension Command {
    static let access: [Command] = [accessVisible, accessExplain, accessDiff, accessRefresh]

    private static let accessVisible = Command(
        words: ["access", "visible"], summary: "List the ids of everything a person may see",
        options: readerOptions + [.flag("--json", "print the ids as JSON, one line for each source")],
        example: "drawbridge access visible --as anonymous"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let listings = try await AccessReading(store: session.store).visible(
                to: invocation.value("--as"), source: invocation.value("--source"))
            for listing in listings {
                if invocation.wantsJSON { Terminal.print(listing.json) } else { Terminal.print(listing.text) }
            }
            return .done
        }
    }

    private static let accessExplain = Command(
        words: ["access", "explain"], summary: "Say why a person sees an issue, or does not, in Jira's words",
        arguments: [Argument(name: "KEY", help: "the issue's key")],
        options: readerOptions + [.flag("--json", "print the clauses as JSON")],
        discussion: "For whoever runs this installation: the answer tells that the issue exists.",
        example: "drawbridge access explain PAY-42 --as ada@example.com"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let report = try await AccessReading(store: session.store).explain(
                invocation.arguments[0], as: invocation.value("--as"), source: invocation.value("--source"))
            if invocation.wantsJSON { Terminal.print(report.json) } else { Terminal.print(report.text) }
            return .done
        }
    }

    private static let accessDiff = Command(
        words: ["access", "diff"], summary: "Compare what two people see: only the one, only the other, both",
        options: [
            .value(
                "--as", "WHO", "one of the two: account id, user key or name, e-mail, or anonymous", repeatable: true),
            .value("--source", "NAME", "only in this source"),
            .flag("--json", "print every difference as JSON, one line for each source"),
        ],
        discussion: "For whoever runs this installation. With one --as, the other is the local operator, who sees all.",
        example: "drawbridge access diff --as ada@example.com --as bo@example.com"
    ) { invocation in
        let readers = invocation.all("--as")
        guard (1...2).contains(readers.count) else {
            throw UsageError("'access diff' compares two: --as WHO --as WHO")
        }
        return try await Session.with(invocation, for: .reading) { session in
            let differences = try await AccessReading(store: session.store).difference(
                between: readers[0], and: readers.count == 2 ? readers[1] : nil, source: invocation.value("--source"))
            for difference in differences {
                Terminal.print(invocation.wantsJSON ? difference.json : Array(difference.text.utf8))
            }
            return .done
        }
    }
}
