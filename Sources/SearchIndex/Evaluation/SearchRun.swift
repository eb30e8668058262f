internal import Database
internal import SearchLanguage

/// One query on its way from the tree to the answer.
struct SearchRun {
    let query: ParsedQuery
    var evaluator: Evaluator

    private var request: SearchRequest { evaluator.request }
    private var columns: IssueColumns { evaluator.columns }

    init(query: ParsedQuery, evaluator: Evaluator) {
        self.query = query
        self.evaluator = evaluator
    }

    mutating func results() throws -> SearchResults {
        let digest = SearchCursor.digest(request)
        let cursor = try request.cursor.map { text throws(SearchError) in try SearchCursor(text, query: digest) }
        let (root, matches, matching) = try matched()
        let leaves = try rankedLeaves(root, matching)
        let ranking = Ranking(columns: columns, view: evaluator.view, leaves: leaves)
        let limit = min(max(1, request.limit), Searcher.pageLimit)
        let texts = HitTexts(connection: evaluator.connection, view: evaluator.view, columns: columns)
        let phrase = self.phrase
        let order = HitOrder(columns: columns, order: query.order, keyed: evaluator.keyed) { hits in
            try phrase.map { try texts.raise(hits, containing: $0) } ?? hits
        }
        let scored = ranking.scores(of: matches)
        let page = try order.page(of: scored, after: cursor, limit: limit + 1)
        let total = scored.count
        var results = SearchResults(
            total: total, matching: matching, hits: [], facets: [], correction: nil, cursor: nil,
            version: columns.version, ignoredWords: query.ignoredWords)
        let finder = SnippetFinder(leaves, among: evaluator.view.issueCount, evaluator.analyser)
        results.hits = try page.prefix(limit).map { entry in
            try texts.hit(entry.hit, evaluator.names, request.wantsSnippets ? finder : nil)
        }
        if page.count > limit, let last = page.prefix(limit).last {
            results.cursor = SearchCursor(query: digest, issue: last.hit.issue, value: last.value).text
        }
        if request.wantsFacets { results.facets = Facets(evaluator.names, FacetCounts(columns, matches), total).all }
        if cursor == nil { results.correction = try correction(root, total) }
        return results
    }

    // MARK: Matching

    /// The tree that was answered and the issues it holds for.
    private mutating func matched() throws -> (QueryNode, IssueSet, SearchResults.Matching) {
        var candidates = evaluator.view.issues
        if let source = request.source {
            let all = candidates
            all.forEach { if Int64(columns.records[$0].source) != source { candidates.remove($0) } }
        }
        let root = try withoutStopWords(query.root)
        let matches = try evaluator.matches(root, among: candidates)
        guard query.isPlainWords, root.terms.count > 1, matches.count < Searcher.wideningLimit else {
            return (root, matches, .all)
        }
        let widened = try root.widened.expanding { try TermPlan.pieces(of: $0, evaluator.analyser) }
        let more = try evaluator.matches(widened, among: candidates)
        return more.count > matches.count ? (widened, more, .some) : (root, matches, .all)
    }

    /// Stop words count only where there is nothing else to look for.
    private mutating func withoutStopWords(_ root: QueryNode) throws -> QueryNode {
        let analyser = evaluator.analyser
        var stops: Set<TextTerm> = []
        let terms = root.terms
        for term in terms where term.kind == .word {
            let plans = try TermPlan.plans(for: term, analyser)
            if !plans.isEmpty, plans.allSatisfy(\.isStopWord) { stops.insert(term) }
        }
        guard !stops.isEmpty, stops.count < terms.count else { return root }
        return root.without { stops.contains($0) } ?? root
    }

    private mutating func rankedLeaves(
        _ root: QueryNode, _ matching: SearchResults.Matching
    ) throws -> [Leaf] {
        var seen: Set<String> = []
        return try root.terms.flatMap { try evaluator.leaves(of: $0) }.filter { leaf in
            leaf.frequency > 0 && seen.insert("\(leaf.plan.columns) \(leaf.plan.expression)").inserted
        }.map { leaf in
            guard matching == .some, leaf.plan.word == nil else { return leaf }
            var leaf = leaf
            leaf.plan.weight = TermPlan.weightBesidePieces
            return leaf
        }
    }

    /// The words of a plain query as they stand side by side, where there are two to eight.
    private var phrase: String? {
        let words = query.root.terms.filter { $0.kind == .word }.map(\.text)
        guard query.isPlainWords, (2...8).contains(words.count) else { return nil }
        return words.joined(separator: " ").lowercased()
    }

    // MARK: Correction

    private mutating func correction(_ root: QueryNode, _ total: Int) throws -> SearchResults.Correction? {
        let corrector = Corrector(connection: evaluator.connection)
        var words: [(range: Range<Int>, word: SearchResults.Correction.Word)] = []
        var replaced: [TextTerm: TextTerm] = [:]
        let isJQL = request.language == .jql || request.query.drop { $0.isWhitespace }.lowercased().hasPrefix("jql:")
        guard !isJQL else { return nil }
        for term in root.terms.prefix(16) where term.kind == .word {
            let found = try evaluator.leaves(of: term)
            guard found.count == 1, let leaf = found.first, leaf.frequency == 0, let word = leaf.plan.word,
                evaluator.keyed.isEmpty, words.count < 3
            else { continue }
            var other = term
            let candidates = try corrector.candidates(for: word) { candidate in
                other.text = candidate
                return try evaluator.leaves(of: other).first?.frequency ?? 0
            }
            guard let best = candidates.first else { continue }
            other.text = best
            words.append((term.range, SearchResults.Correction.Word(from: term.text, to: best)))
            replaced[term] = other
        }
        guard !words.isEmpty else { return nil }
        let corrected = try withoutStopWords(query.root).replacing(replaced)
        let matches = try evaluator.matches(corrected, among: evaluator.view.issues)
        guard !matches.isEmpty || query.isPlainWords else { return nil }
        var scalars = Array(request.query.unicodeScalars)
        for (range, word) in words.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            scalars.replaceSubrange(range, with: word.to.unicodeScalars)
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return SearchResults.Correction(query: text, words: words.map(\.word))
    }
}

extension QueryNode {
    /// The same with the pieces of identifiers as further alternatives.
    fileprivate func expanding(_ pieces: (TextTerm) throws -> [TextTerm]) rethrows -> QueryNode {
        switch self {
        case .text(let term):
            let pieces = try pieces(term)
            return pieces.isEmpty ? self : .or([self] + pieces.map { .text($0) })
        case .and(let parts): return .and(try parts.map { try $0.expanding(pieces) })
        case .or(let parts): return .or(try parts.map { try $0.expanding(pieces) })
        case .everything, .filter, .not: return self
        }
    }

    fileprivate func replacing(_ terms: [TextTerm: TextTerm]) -> QueryNode {
        switch self {
        case .text(let term): .text(terms[term] ?? term)
        case .and(let parts): .and(parts.map { $0.replacing(terms) })
        case .or(let parts): .or(parts.map { $0.replacing(terms) })
        case .everything, .filter, .not: self
        }
    }
}
