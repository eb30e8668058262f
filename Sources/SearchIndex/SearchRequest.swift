public import AccessControl
public import IssueModel
internal import SearchLanguage

/// What is asked of the index, and for whom.
public struct SearchRequest: Sendable {
    /// The query as it was typed.
    public var query: String
    public var language: Language
    /// Only this source (`source.id`), as if the query said so.
    public var source: Int64?
    /// Hits on a page, 1 to 200.
    public var limit: Int
    /// Where an earlier answer's page ended.
    public var cursor: String?
    /// Whether to count the matches by project, status and so on.
    public var wantsFacets: Bool
    /// Whether to find a snippet for each hit.
    public var wantsSnippets: Bool
    /// The reader's accounts by `source.id`, for `assignee:me`.
    public var me: [Int64: AccountID]
    /// What `today` and `-7d` start from.
    public var now: Timestamp
    /// The reader's clock against UTC, for dates without a time. One offset holds for all dates of a query.
    public var minutesEastOfUTC: Int

    public enum Language: String, Hashable, Sendable {
        /// Words and filters. A query that begins with `jql:` is JQL all the same.
        case plain
        case jql
    }

    public init(
        _ query: String, language: Language = .plain, source: Int64? = nil, limit: Int = 20, cursor: String? = nil,
        wantsFacets: Bool = true, wantsSnippets: Bool = true, me: [Int64: AccountID] = [:], now: Timestamp,
        minutesEastOfUTC: Int = 0
    ) {
        self.query = query
        self.language = language
        self.source = source
        self.limit = limit
        self.cursor = cursor
        self.wantsFacets = wantsFacets
        self.wantsSnippets = wantsSnippets
        self.me = me
        self.now = now
        self.minutesEastOfUTC = minutesEastOfUTC
    }

    /// The accounts that `reader` has, for ``me``.
    public static func accounts(of reader: Reader) -> [Int64: AccountID] {
        if case .accounts(let accounts) = reader { accounts } else { [:] }
    }

    var clock: DateExpression.Clock { DateExpression.Clock(now: now, minutesEastOfUTC: minutesEastOfUTC) }

    /// The tree, in whichever language the query is written.
    func parsed() throws(QueryError) -> ParsedQuery {
        let trimmed = query.drop { $0.isWhitespace }
        if language == .jql { return try JQLParser.parse(query, clock: clock) }
        guard trimmed.lowercased().hasPrefix("jql:") else { return try QueryParser.parse(query, clock: clock) }
        let body = trimmed.dropFirst(4)
        let skipped = query.unicodeScalars.distance(from: query.startIndex, to: body.startIndex)
        do {
            return try JQLParser.parse(String(body), clock: clock)
        } catch {
            var error = error
            error.range = error.range.map { $0.lowerBound + skipped..<$0.upperBound + skipped }
            throw error
        }
    }
}
