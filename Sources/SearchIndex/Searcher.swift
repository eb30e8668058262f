public import AccessControl
public import Database
internal import SearchLanguage

/// Answers queries, always inside an allowed set.
///
/// Keeps the columns of all issues and the postings of recent words in memory: about 100 bytes an issue, and as much as
/// `postingsLimit` says. All of it follows the transaction that asks, so an answer is of one state of the data.
public final class Searcher: Sendable {
    private let database: Database
    private let state: SearchState

    /// A query of plain words that fewer issues match than this is widened to those that have any of the words.
    public static let wideningLimit = 10
    /// The most values of one facet.
    public static let facetLimit = 100
    /// The most hits of one page.
    public static let pageLimit = 200

    /// - Parameter postingsLimit: Bytes of postings kept in memory.
    public init(_ database: Database, postingsLimit: Int = 128 << 20) {
        self.database = database
        state = SearchState(postingsLimit: postingsLimit)
    }

    /// Answers a request for whoever `allowed` stands for, in a transaction of its own.
    ///
    /// - Parameter allowed: Yields the allowed set inside the transaction; `AccessRecords.allowed(to:in:)`.
    /// - Throws: `SearchError` for what is wrong with the query, `DatabaseError`.
    public func search(
        _ request: SearchRequest, allowed: @escaping @Sendable (Connection) throws -> AllowedSet
    ) async throws -> SearchResults {
        try await database.read { [self] connection in
            try search(request, allowed: allowed(connection), in: connection)
        }
    }

    /// Answers a request in the caller's transaction.
    public func search(
        _ request: SearchRequest, allowed: AllowedSet, in connection: Connection
    ) throws -> SearchResults {
        do {
            return try answer(request, allowed, connection)
        } catch let error as QueryError {
            throw SearchError(error)
        }
    }

    private func answer(
        _ request: SearchRequest, _ allowed: AllowedSet, _ connection: Connection
    ) throws -> SearchResults {
        let query = try request.parsed()
        let columns = try state.columns(in: connection)
        let view = state.view(of: columns, allowed)
        let names = try state.names(in: connection)
        return try TextAnalyser.shared { analyser in
            let evaluator = Evaluator(
                connection: connection, state: state, columns: columns, view: view, names: names, request: request,
                analyser: analyser)
            var run = SearchRun(query: query, evaluator: evaluator)
            return try run.results()
        }
    }
}
