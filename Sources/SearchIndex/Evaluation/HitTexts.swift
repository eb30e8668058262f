internal import Database

/// Reads what is shown of hits, and only what the reader may see.
final class HitTexts {
    let connection: Connection
    let view: AllowedView
    let columns: IssueColumns
    /// Of the best hits, which are read to be ranked and again to be shown.
    private var known: [Int: [SearchPassage]] = [:]

    init(connection: Connection, view: AllowedView, columns: IssueColumns) {
        self.connection = connection
        self.view = view
        self.columns = columns
    }

    /// The passages of an issue that are visible.
    func passages(of issue: Int) throws -> [SearchPassage] {
        if let known = known[issue] { return known }
        let visible = try readPassages(of: issue)
        known[issue] = visible
        return visible
    }

    private func readPassages(of issue: Int) throws -> [SearchPassage] {
        let passages = try SearchIndexWriter.storedText(of: Int64(issue), in: connection)?.passages ?? []
        guard passages.contains(where: { $0.restriction != nil }) else { return passages }
        let open = Set(
            (columns.restrictedByIssue[Int32(issue)] ?? []).compactMap { view.restricted[$0]?.restriction })
        return passages.filter { passage in passage.restriction.map { open.contains(Int32($0)) } ?? true }
    }

    private static let summaryGain: Float = 1.1, textGain: Float = 1.03

    /// Raises hits whose text has the words of the query side by side.
    func raise(_ hits: [Ranking.Hit], containing phrase: String) throws -> [Ranking.Hit] {
        let phrase = Array(phrase.utf8)
        return try hits.map { hit in
            var raised = hit
            for passage in try passages(of: Int(hit.issue)) where passage.text.contains(folded: phrase) {
                raised.score = max(
                    raised.score, hit.score * (passage.kind == .summary ? Self.summaryGain : Self.textGain))
            }
            return raised
        }
    }

    func hit(_ hit: Ranking.Hit, _ names: NameTables, _ finder: SnippetFinder?) throws -> SearchHit {
        let issue = Int(hit.issue)
        let record = columns.records[issue]
        let row = try connection.first("SELECT jira_id, key, summary FROM issue WHERE id = ?", issue) {
            ($0.int64(0), $0.text(1), $0.text(2))
        }
        guard let (jiraID, key, summary) = row else { throw PassageCoding.damaged }
        let source = names.sources[record.source]
        let base = source?.url ?? ""
        let passage =
            try finder?.find(in: passages(of: issue))
            ?? SearchHit.Passage(kind: .summary, id: nil, snippet: summary, highlights: [])
        return SearchHit(
            issue: Int64(issue), jiraID: jiraID, key: key, source: source?.name ?? "", summary: summary,
            status: names.names[record.status] ?? "", statusCategory: names.categories[record.status] ?? "undefined",
            type: names.names[record.type] ?? "", project: names.projects[record.project]?.key ?? "",
            assignee: names.accounts[record.assignee]?.displayName, updated: record.updated,
            url: (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/browse/" + key, score: Double(hit.score),
            passage: passage)
    }
}

extension String {
    /// Whether `words`, in small letters, stand in the text without regard to ASCII case, spaces and punctuation between as written.
    fileprivate func contains(folded words: [UInt8]) -> Bool {
        var text = self
        return text.withUTF8 { bytes in
            guard let first = words.first, bytes.count >= words.count else { return false }
            for start in 0...(bytes.count - words.count) {
                guard Self.folded(bytes[start]) == first else { continue }
                var length = 1
                while length < words.count, Self.folded(bytes[start + length]) == words[length] { length += 1 }
                if length == words.count { return true }
            }
            return false
        }
    }

    @inline(__always) private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}
