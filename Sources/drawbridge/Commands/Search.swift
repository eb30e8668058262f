import Console
import Reading
import SearchIndex
import Store

extension Command {
    static let search = Command(
        words: ["search"], summary: "Search as one person: only what Jira would show that person is found and counted",
        arguments: [
            Argument(
                name: "QUERY", help: "words, \"phrases\", prefix*, -not, OR, and filters; quote it as one argument")
        ],
        options: [
            .value("--as", "WHO", "search as this person: account id, user key or name, e-mail, or anonymous"),
            .value("--source", "NAME", "only in this source"),
            .value("--limit", "N", "hits on a page, 1 to 200; 20 without it"),
            .value("--cursor", "C", "go on where an earlier answer ended"),
            .flag("--jql", "the query is JQL"),
            .flag("--json", "print the answer as JSON"),
        ],
        discussion: """
            Filters: project: type: status: category: assignee: reporter: label: component: version: sprint: priority: created: updated: due:
            has: is:open is:closed. Several values: status:open,blocked. Not: -label:wontfix. Dates: updated:>-7d, created:2026-01-01..2026-03-31.
            """,
        example: "drawbridge search 'checkout timeout is:open updated:>-30d' --as ada@example.com"
    ) { invocation in
        let limit = try invocation.number("--limit", in: 1...Searcher.pageLimit) ?? 20
        return try await Session.with(invocation, for: .reading) { session in
            let query = (invocation.has("--jql") ? "jql: " : "") + invocation.arguments[0]
            let answer = try await SearchReading(session).search(
                query, as: invocation.value("--as"), source: invocation.value("--source"), limit: limit,
                cursor: invocation.value("--cursor"), now: Session.now)
            if invocation.wantsJSON { Terminal.print(answer.json) } else { Terminal.print(answer.text) }
            return .done
        }
    }
}

extension SearchReading {
    init(_ session: Session) {
        self.init(store: session.store, searcher: Searcher(session.store.database))
    }
}

extension SearchAnswer {
    /// For people: the total, then each hit with its passage.
    var text: String {
        var lines = [summaryLine]
        if let remark = freshness.remark { lines.append(remark) }
        if let correction = results.correction {
            lines.append("Did you mean: \(Terminal.visible(correction.query))")
        }
        for hit in results.hits {
            lines.append("")
            lines.append("\(Terminal.bold(hit.key))  \(Self.line(hit.summary))")
            let facts = [hit.type, hit.status, hit.assignee ?? "unassigned", hit.url].map(Self.line)
            lines.append(Terminal.dim("  " + facts.joined(separator: "  ")))
            lines.append("  \(hit.passage.kind.name): \(Self.highlighted(hit.passage))")
        }
        if let cursor = results.cursor {
            lines.append("\nThe next page: the same command with --cursor \(cursor)")
        }
        return lines.joined(separator: "\n")
    }

    var summaryLine: String {
        let how = results.matching == .all ? "" : " with any of the words"
        return "\(Wording.count(results.total, "issue"))\(how)  (\(milliseconds) ms; \(freshness.words))"
    }

    private static func line(_ text: String) -> String {
        Terminal.visible(text.split(whereSeparator: \.isNewline).joined(separator: " "))
    }

    private static func highlighted(_ passage: SearchHit.Passage) -> String {
        let scalars = Array(passage.snippet.unicodeScalars)
        var text = ""
        var position = 0
        func slice(_ range: Range<Int>) -> String {
            var part = String.UnicodeScalarView()
            part.append(contentsOf: scalars[range.clamped(to: 0..<scalars.count)])
            return Terminal.visible(String(part))
        }
        for range in passage.highlights where range.lowerBound >= position {
            text += slice(position..<range.lowerBound) + Terminal.bold(slice(range))
            position = range.upperBound
        }
        return (text + slice(position..<max(position, scalars.count))).split(whereSeparator: \.isNewline).joined(
            separator: " ")
    }
}

extension Freshness {
    /// How old the copy is, in a few words.
    var words: String {
        guard asOf != nil else { return "not read completely yet" }
        return lagSeconds < 2 ? "up to date" : "as Jira was \(Wording.duration(seconds: Int(lagSeconds))) ago"
    }

    /// What a reader of an answer must know about its age; `nil` where all is well.
    var remark: String? {
        switch state {
        case .live, .polling: nil
        case .behind: "The copy is older than usual; 'drawbridge sync NAME' brings it up to date."
        case .partial: "The first full read has not ended: issues are missing from this answer."
        case .stopped: "Copying is stopped, so newer changes are missing; 'drawbridge status' says why."
        }
    }
}
