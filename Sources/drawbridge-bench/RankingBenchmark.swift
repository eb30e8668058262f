import AccessControl
import Database
import Foundation
import IssueModel
import SearchIndex
import Store

/// How well one issue's summary finds its duplicate, beside SQLite's own ranking of the same texts.
struct RankingBenchmark {
    let seed: UInt64
    let shared: String

    init(_ arguments: BenchArguments) {
        seed = UInt64(arguments.number("seed", default: 1))
        shared = arguments.shared
    }

    func run() async throws -> BenchReport {
        let corpus = try BenchCorpus(shared: shared, seed: seed)
        var report = BenchReport(name: "ranking: \(corpus.duplicates.count * 2) summaries, target the duplicate")
        guard !corpus.duplicates.isEmpty else {
            report.name = "ranking: left out, as the corpus with labelled duplicates is not there"
            return report
        }
        let index = try await BenchIndex()
        _ = try await index.fill(corpus, count: corpus.issues.count, seed: seed, isWhole: true)
        let pairs = corpus.duplicates + corpus.duplicates.map { ($0.1, $0.0) }

        let plain = try await baseline(corpus, index)
        var ours = Score()
        var theirs = Score()
        let searcher = Searcher(index.store.database)
        for (query, target) in pairs {
            let request = SearchRequest(
                Self.words(corpus.issues[query].summary), limit: 11, wantsFacets: false, wantsSnippets: false,
                now: Timestamp(milliseconds: 1_700_000_000_000))
            let results = try await searcher.search(request) { try AccessRecords().allowed(to: .operator, in: $0) }
            ours.add(results.hits.map { Int($0.issue) - 1 }, query, target)
            theirs.add(try await plain(corpus.issues[query].summary), query, target)
        }
        report.add("SQLite bm25(3,1), words OR-ed: recall@10", theirs.recall, "")
        report.add("SQLite bm25(3,1), words OR-ed: MRR@10", theirs.meanReciprocalRank, "")
        report.add("Drawbridge: recall@10", ours.recall, "", atLeast: 0.67)
        report.add("Drawbridge: MRR@10", ours.meanReciprocalRank, "", atLeast: 0.44)
        return report
    }

    /// The words alone, without what the query language reads as an operator.
    private static func words(_ summary: String) -> String {
        let text = summary.map { $0.isLetter || $0.isNumber || "-_./'".contains($0) ? $0 : " " }
        return String(text).split(separator: " ").map { $0.drop { $0 == "-" } }.joined(separator: " ")
    }

    private struct Score {
        var found = 0, count = 0
        var reciprocals = 0.0

        mutating func add(_ hits: [Int], _ query: Int, _ target: Int) {
            count += 1
            guard let rank = hits.filter({ $0 != query }).prefix(10).firstIndex(of: target) else { return }
            found += 1
            reciprocals += 1 / Double(rank + 1)
        }

        var recall: Double { Double(found) / Double(max(1, count)) }
        var meanReciprocalRank: Double { reciprocals / Double(max(1, count)) }
    }

    /// SQLite's own index with its own stemmer, as a reader of its manual would set it up.
    private func baseline(
        _ corpus: BenchCorpus, _ index: BenchIndex
    ) async throws -> @Sendable (String) async throws -> [Int] {
        let texts = corpus.issues.map { ($0.summary, $0.description) }
        let database = index.store.database
        try await database.write { connection in
            try connection.execute("CREATE VIRTUAL TABLE plain USING fts5(summary, body, tokenize='porter unicode61')")
            for (number, text) in texts.enumerated() {
                try connection.execute(
                    "INSERT INTO plain (rowid, summary, body) VALUES (?, ?, ?)", number, text.0, text.1)
            }
        }
        return { query in
            let words = query.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map { "\"\($0)\"" }
            return try await database.read { connection in
                try connection.rows(
                    "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY bm25(plain, 3, 1) LIMIT 11",
                    words.joined(separator: " OR ")
                ) { $0.int(0) }
            }
        }
    }
}
