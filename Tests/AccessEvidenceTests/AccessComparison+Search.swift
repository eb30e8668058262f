import FastJSON
import IssueModel
import Reading
import SearchIndex
import SimulatedSite

extension AccessComparison {
    private var reading: SearchReading { SearchReading(store: store, searcher: searcher) }

    func compareSearch(_ subject: inout Subject) async throws {
        try await compareEverything(&subject)
        try await compareWords(&subject)
        try await compareCorrections(&subject)
        // While the site changes, which project an issue is in depends on when that was asked.
        if oracle.isAtRest { try await compareSearchErrors(&subject) }
    }

    /// All issues, page by page: hits, total and facets.
    private func compareEverything(_ subject: inout Subject) async throws {
        var cursor: String?
        var hits: [Int] = []
        var facets: [String: [String: Int]] = [:]
        var total: Int?
        repeat {
            let answer = try await reading.search(
                "jql:ORDER BY key", as: subject.who, limit: isThorough ? 7 : 50, cursor: cursor, now: now)
            hits += answer.results.hits.map { Int($0.jiraID) }
            subject.search(.snippets, answer.json, for: "the list of all issues")
            for facet in answer.results.facets {
                facets[facet.name] = Dictionary(uniqueKeysWithValues: facet.values.map { ($0.value, $0.count) })
            }
            if let total, total != answer.results.total {
                subject.add(.total, isLeak: false, "\(total), then \(answer.results.total) on a further page")
            }
            total = answer.results.total
            cursor = answer.results.cursor
        } while cursor != nil && hits.count < 100_000
        if Set(hits).count != hits.count { subject.add(.hits, isLeak: false, "an issue comes twice") }
        subject.compare(
            .hits, Set(hits.map { .issue($0) }), Set(subject.sight.issues.keys.map { .issue($0) }), oracle)
        if total != hits.count {
            subject.add(.total, isLeak: (total ?? 0) > hits.count, "\(total ?? 0) for \(hits.count) hits")
        }
        // Facets can only be foretold where every hit is judged.
        if oracle.isAtRest, hits.allSatisfy({ oracle.judged.contains(.issue($0)) }) {
            compareFacets(&subject, facets, hits)
        }
    }

    /// Every value and count, from the site's rows of exactly the issues that were found.
    private func compareFacets(_ subject: inout Subject, _ facets: [String: [String: Int]], _ hits: [Int]) {
        var expected: [String: [String: Int]] = [:]
        func count(_ facet: String, _ value: String) { expected[facet, default: [:]][value, default: 0] += 1 }
        let (state, catalogue) = (oracle.state, oracle.state.catalogue)
        for id in hits {
            guard let ordinal = state.ordinal(id: id) else { continue }
            let row = state.row(ordinal)
            let project = state.projects[Int(row.project)]
            let traits = state.traits(of: ordinal)
            count("project", project.key)
            count("status", catalogue.statuses[Int(row.status)].name)
            count("type", catalogue.issueTypes[Int(row.type)].name)
            count("resolution", row.resolution < 0 ? "none" : catalogue.resolutions[Int(row.resolution)].name)
            for label in traits.labels { count("label", label) }
            for component in traits.components { count("component", project.components[component].name) }
            for version in Set(traits.fixVersions + traits.affectedVersions) {
                count("version", project.versions[version].name)
            }
        }
        for facet in ["project", "status", "type", "resolution", "label", "component", "version"] {
            let (ours, theirs) = (facets[facet] ?? [:], expected[facet] ?? [:])
            for value in Set(ours.keys).union(theirs.keys) where ours[value] != theirs[value] {
                let (left, right) = (ours[value] ?? 0, theirs[value] ?? 0)
                subject.add(.facets, isLeak: left > right, "\(facet) \(value): \(left), not \(right)")
            }
        }
    }

    /// The word of each record finds its issue for those who may see the record, and nothing for others.
    private func compareWords(_ subject: inout Subject) async throws {
        for token in sampled(tokens.all.filter({ $0.isFindable && oracle.judged.contains($0.record) }), by: \.issue) {
            let answer = try await reading.search(token.word, as: subject.who, now: now)
            let hits = Set(answer.results.hits.map { Int($0.jiraID) })
            let isShown = subject.shown.contains(token.record)
            if isShown, hits != [token.issue], !(hits.isEmpty && oracle.optional.contains(token.record)) {
                subject.add(.words, isLeak: false, "the word of \(token.record) finds \(hits.sorted())")
            } else if !isShown, !hits.isEmpty || answer.results.total != 0 {
                subject.add(.words, isLeak: true, "the word of hidden \(token.record) finds \(hits.sorted())")
            }
            if answer.results.total != hits.count {
                subject.add(.total, isLeak: false, "\(answer.results.total) for the word of \(token.record)")
            }
            let isCounted = answer.results.facets.contains { $0.values.contains { $0.count > hits.count } }
            if isCounted { subject.add(.facets, isLeak: true, "facets count more than hits for \(token.record)") }
            subject.search(.snippets, answer.json, for: "the answer to one word", except: token.word)
        }
    }

    /// A hidden word, misspelt, is not put right; nor is its beginning completed.
    private func compareCorrections(_ subject: inout Subject) async throws {
        for word in sampled(subject.hiddenWords.sorted(), by: { tokens.issues[$0] ?? 0 }) {
            let misspelt = word.dropLast() + (word.last == "a" ? "b" : "a")
            for query in [String(misspelt), "\(word.prefix(9))*"] {
                let answer = try await reading.search(query, as: subject.who, now: now)
                subject.search(.correction, answer.json, for: "the answer to a misspelt word")
            }
        }
    }

    /// The name of a project the reader sees nothing of is answered like the name of none.
    private func compareSearchErrors(_ subject: inout Subject) async throws {
        let state = oracle.state
        // A copy that is out of date because the source's account saw no more of an issue may stand in another project.
        guard keys.keys.allSatisfy({ oracle.readable.issues[$0] != nil }) else { return }
        let seen = Set(subject.sight.issues.keys.compactMap { state.ordinal(id: $0) }.map { state.row($0).project })
        for project in state.projects where !seen.contains(Int16(project.index)) {
            // Only where every issue of the project is judged can it be said that nothing of it is visible.
            let all = (0..<state.issueCount).filter { state.row($0).project == Int16(project.index) }
            guard all.allSatisfy({ oracle.readable.issues[state.row($0).id] != nil }), subject.reader != .operator
            else { continue }
            // A key of the project that an issue had which the reader sees finds that issue.
            let former = state.ordinal(key: "\(project.key)-1").map { state.row($0).id }
            let isFormer = former.map { subject.sight.issues[$0] != nil } ?? false
            for pattern in ["project:%", "jql:project = %"] + (isFormer ? [] : ["key:%-1", "jql:key = %-1"]) {
                let hidden = try await outcome(pattern, project.key, subject.who)
                let absent = try await outcome(pattern, "QZQZQZ", subject.who)
                if hidden != absent {
                    subject.add(.searchErrors, isLeak: true, "\(pattern): “\(hidden)”, but “\(absent)” for none such")
                }
            }
        }
    }

    /// What a query with a name in it comes to, with the name itself taken out.
    private func outcome(_ pattern: String, _ name: String, _ who: String?) async throws -> String {
        let query = pattern.split(separator: "%", omittingEmptySubsequences: false).joined(separator: name)
        var text: String
        do {
            let answer = try await reading.search(query, as: who, now: now)
            text =
                "\(answer.results.total) \(answer.results.hits.map(\.key)) \(answer.results.correction?.query ?? "-")"
        } catch let error as SearchError {
            // Suggestions are the names nearest to what was typed: they are judged by what they hold.
            text = "\(error.code): \(error.message)"
            if error.suggestions.contains(where: { $0.contains(name) }) { text += " suggests it" }
        }
        return text.split(separator: name, omittingEmptySubsequences: false).joined(separator: "%")
    }

    /// All, or a few that differ from reader to reader.
    func sampled<Element>(_ elements: [Element], by issue: (Element) -> Int) -> [Element] {
        guard !isThorough, elements.count > 4 else { return elements }
        let step = elements.count / 4
        let first = Int(now.rawValue / 1_000) % step
        return elements.enumerated().filter { index, element in
            index % step == first || focus.contains(issue(element))
        }.map(\.element)
    }
}
