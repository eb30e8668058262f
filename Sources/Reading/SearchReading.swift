public import IssueModel
public import SearchIndex
public import Store

/// Searches as somebody.
public struct SearchReading: Sendable {
    private let store: Store
    private let searcher: Searcher

    /// - Parameter searcher: Over the store's own database.
    public init(store: Store, searcher: Searcher) {
        self.store = store
        self.searcher = searcher
    }

    /// Searches inside what the reader may see, in one snapshot with the reader's access and the data's freshness.
    ///
    /// - Parameters:
    ///   - who: Whom `--as` names; `nil` is the operator.
    ///   - source: Only the source of this name.
    ///   - limit: Hits on the page.
    ///   - cursor: Where an earlier answer ended.
    ///   - now: What relative dates and freshness start from.
    /// - Throws: `SearchError` for what is wrong with the query, ``ReadingError`` for the reader or source.
    public func search(
        _ query: String, as who: String?, source: String? = nil, limit: Int = 20, cursor: String? = nil, now: Timestamp
    ) async throws -> SearchAnswer {
        try await search(query, for: .named(who), source: source, limit: limit, cursor: cursor, now: now)
    }

    /// The same for a reader who need not be the operator's choice.
    public func search(
        _ query: String, for choice: ReaderChoice, source: String? = nil, limit: Int = 20, cursor: String? = nil,
        now: Timestamp
    ) async throws -> SearchAnswer {
        let (store, searcher) = (store, searcher)
        let clock = ContinuousClock()
        let start = clock.now
        var answer = try await store.read { connection in
            let sources = try SourceChoice.sources(named: source, in: connection)
            let only = source == nil ? nil : sources.first
            let reader = try choice.resolve(source: only, in: connection).reader
            let allowed = try store.access.allowed(to: reader, in: connection)
            let request = SearchRequest(
                query, source: only?.id, limit: limit, cursor: cursor, me: SearchRequest.accounts(of: reader), now: now)
            return SearchAnswer(
                results: try searcher.search(request, allowed: allowed, in: connection),
                freshness: try Freshness(of: sources, now: now, in: connection), milliseconds: 0,
                isOperators: choice.isOperator)
        }
        answer.milliseconds = Int((clock.now - start) / .milliseconds(1))
        return answer
    }
}
