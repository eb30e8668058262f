import AccessControl
import Database
import Foundation
import IssueModel
import SearchIndex
import Store

/// Queries of one to five words, common and rare, with and without filters, under an account that sees a part of the issues.
struct SearchBenchmark {
    let issues: Int
    let queries: Int
    let seed: UInt64
    let shared: String
    let folder: String?

    init(_ arguments: BenchArguments) {
        issues = arguments.number("issues", default: 200_000)
        queries = arguments.number("queries", default: 1_000)
        seed = UInt64(arguments.number("seed", default: 1))
        shared = arguments.shared
        folder = arguments.options["folder"]
    }

    func run() async throws -> BenchReport {
        var report = BenchReport(name: "search over \(issues) issues, restricted account")
        let corpus = try BenchCorpus(shared: shared, seed: seed)
        let index = try await BenchIndex(keptAt: folder)
        if try await !index.isFilled {
            let filled = try await index.fill(corpus, count: issues, seed: seed, isWhole: false)
            report.add("text indexed", Double(filled.bytes) / 1e6, "MB")
            report.add("rows and index written", filled.seconds / Double(issues) * 1e6, "µs/issue")
            report.add("processor time of it", filled.processor / Double(issues) * 1e6, "µs/issue")
            let before = BenchIndex.processorSeconds()
            try await index.store.write { try SearchIndexWriter.settle(in: $0.connection) }
            report.add("settling, processor time", BenchIndex.processorSeconds() - before, "s")
        }
        let sizes = try await index.store.read { try DatabaseSize(in: $0) }
        func megabytes(_ prefix: String) -> Double {
            sizes.parts.filter { $0.name.hasPrefix(prefix) }.reduce(0) { $0 + Double($1.bytes) } / 1e6
        }
        report.add("words on disk", megabytes("search_word"), "MB")
        report.add("passages on disk", megabytes("search_text"), "MB")
        report.add("columns on disk", megabytes("search_issue") + megabytes("search_restricted"), "MB")

        let access = AccessRecords()
        var start = ContinuousClock.now
        let allowed = try await index.store.read { try access.allowed(to: BenchIndex.reader, in: $0) }
        report.add(
            "allowed set, \(BenchIndex.aclCount) acls", (ContinuousClock.now - start).milliseconds, "ms", atMost: 20)

        let searcher = Searcher(index.store.database)
        start = ContinuousClock.now
        let all = try await searcher.search(request("", facets: false)) { _ in allowed }
        report.add("columns loaded, first search", (ContinuousClock.now - start).milliseconds, "ms", atMost: 150)
        report.add("issues the account sees", Double(all.total), "issues")
        let texts = sample(corpus)
        for (name, isFirst) in [("first time", true), ("again", false)] {
            let pass = try await measured(texts, searcher, allowed, facets: false)
            report.add("page and total, \(name), p50", pass.wall.percentile(50), "ms", atMost: 5)
            report.add("page and total, \(name), p99", pass.wall.percentile(99), "ms", atMost: 50)
            report.add("processor time of it, p50", pass.processor.percentile(50), "ms")
            report.add("processor time of it, p99", pass.processor.percentile(99), "ms")
            if isFirst { report.add("matches, median", pass.totals.percentile(50), "issues") }
        }
        let pass = try await measured(texts, searcher, allowed, facets: true)
        report.add("with exact facets, p50", pass.wall.percentile(50), "ms")
        report.add("with exact facets, p99", pass.wall.percentile(99), "ms", atMost: 100)
        report.add("processor time of it, p99", pass.processor.percentile(99), "ms")
        let misspelt = texts.prefix(100).compactMap { text -> String? in
            guard let word = text.split(separator: " ").first(where: { $0.count > 5 && $0.allSatisfy(\.isLetter) })
            else { return nil }
            var letters = Array(word)
            letters.swapAt(2, 3)
            return String(letters)
        }
        let corrected = try await measured(misspelt, searcher, allowed, facets: false)
        report.add("a misspelt word, p50", corrected.wall.percentile(50), "ms")
        report.add("a misspelt word, p99", corrected.wall.percentile(99), "ms")
        report.add("resident memory", residentMegabytes(), "MB")
        return report
    }

    private struct Pass {
        var wall: [Double] = [], processor: [Double] = [], totals: [Double] = []
    }

    /// Asks every query once, one after the other.
    private func measured(
        _ texts: [String], _ searcher: Searcher, _ allowed: AllowedSet, facets: Bool
    ) async throws -> Pass {
        var pass = Pass()
        for text in texts {
            let start = ContinuousClock.now, before = BenchIndex.processorSeconds()
            let results = try await searcher.search(request(text, facets: facets)) { _ in allowed }
            pass.wall.append((ContinuousClock.now - start).milliseconds)
            pass.processor.append((BenchIndex.processorSeconds() - before) * 1_000)
            pass.totals.append(Double(results.total))
        }
        return pass
    }

    private func request(_ text: String, facets: Bool) -> SearchRequest {
        SearchRequest(text, limit: 20, wantsFacets: facets, now: Timestamp(milliseconds: 1_700_000_000_000))
    }

    /// Words that stand together in some issue, so that most queries find something; a third of them with a filter.
    private func sample(_ corpus: BenchCorpus) -> [String] {
        var random = SeededGenerator(seed: seed ^ 0x5EED)
        let projects = Dictionary(grouping: corpus.issues.prefix(issues), by: \.project).filter { $0.value.count > 100 }
            .keys.sorted()
        let filters = [
            "is:open", "is:closed", "label:label-3", "component:component-5,component-6", "updated:>=2015-06-01",
            "created:2014..2016", "has:comment", "assignee:none", "-has:attachment",
        ]
        return (0..<queries).map { _ in
            let issue = corpus.issues.randomElement(using: &random)
            let text = (issue?.summary ?? "") + " " + (issue?.description.prefix(600) ?? "")
            let words = text.split { !$0.isLetter }.map(String.init).filter { (2...24).contains($0.count) }
            let count = min(words.count, Int.random(in: 1...5, using: &random))
            var query = words.shuffled(using: &random).prefix(count).map { $0.lowercased() }
            if Int.random(in: 0..<3, using: &random) == 0 {
                let project = "project:\(projects.randomElement(using: &random) ?? "")"
                query.append(Bool.random(using: &random) ? project : filters.randomElement(using: &random) ?? "")
            }
            return query.joined(separator: " ")
        }
    }

    private func residentMegabytes() -> Double {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") })
        else { return 0 }
        return (Double(line.filter(\.isNumber)) ?? 0) / 1_000
    }
}

extension [Double] {
    func percentile(_ percent: Int) -> Double {
        isEmpty ? 0 : sorted()[Swift.min(count - 1, count * percent / 100)]
    }
}
