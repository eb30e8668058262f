import FastJSON
import Reading

extension AccessComparison {
    /// Both formats whole: the issues in them, and no word of what is hidden.
    func compareExport(_ subject: inout Subject) async throws {
        let export = IssueExport(store: store)
        let expected = Set(subject.sight.issues.keys.map { RecordID.issue($0) })
        var lines: [UInt8] = []
        let summary = try await export.run(as: subject.who, format: .jsonl) { lines += $0 }
        var seen: [Int] = []
        for line in lines.split(separator: 0x0A) {
            let json = try JSONValue(parsing: Array(line))
            guard let id = json["id"]?.string.flatMap({ Int($0) }) else { continue }
            seen.append(id)
            inspect(&subject, .jsonLines, Array(line), id)
            compareParts(&subject, json, id)
        }
        subject.compare(.jsonLines, Set(seen.map { .issue($0) }), expected, oracle)
        if summary.issues != seen.count || Set(seen).count != seen.count || !summary.damaged.isEmpty {
            subject.add(.jsonLines, isLeak: false, "\(summary.issues) counted, \(seen.count) written")
        }
        var cells: [UInt8] = []
        let rows = try await export.run(as: subject.who, format: .csv) { cells += $0 }
        subject.search(.csv, cells, for: "the table")
        if rows.issues != seen.count { subject.add(.csv, isLeak: rows.issues > seen.count, "\(rows.issues) rows") }
        // The words of the issues' own summaries tell which issues are in the table.
        let words = PlantedTokens.words(in: cells)
        let issues = Set(words.compactMap { tokens.records[$0] }.filter { if case .issue = $0 { true } else { false } })
        let planted = Set(tokens.all.map(\.record))
        subject.compare(.csv, issues, expected.intersection(planted), oracle)
    }

    private func compareParts(_ subject: inout Subject, _ json: JSONValue, _ id: Int) {
        func ids(_ name: String) -> [Int] {
            (json[name]?.array ?? []).compactMap { $0["id"]?.string.flatMap { Int($0) } }
        }
        let seen = Set(
            ids("comments").map { RecordID.comment($0) } + ids("worklogs").map { .worklog($0) }
                + ids("attachments").map { .attachment($0) })
        let parts = subject.sight.issues[id] ?? .init()
        let expected = Set(
            parts.comments.map { RecordID.comment($0) } + parts.worklogs.map { .worklog($0) }
                + parts.attachments.map { .attachment($0) })
        subject.compare(.jsonLines, seen, expected, oracle)
    }
}
