internal import SearchLanguage

/// Why a query could not be answered, in words for the person who wrote it.
public struct SearchError: Error, Hashable, Sendable {
    public var code: Code
    /// What is wrong. Quotes the query, so it belongs to the one who asked and not into a log.
    public var message: String
    /// What to do about it.
    public var advice: String?
    /// Where in the query, in Unicode scalars from its start.
    public var range: Range<Int>?
    /// What was probably meant, best first: the corrected filter or value, as it would be typed.
    public var suggestions: [String]

    /// Stable names of errors; more may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        public static let unknownFilter = Code(rawValue: "unknown_filter")
        public static let unknownValue = Code(rawValue: "unknown_value")
        public static let badValue = Code(rawValue: "bad_value")
        public static let badQuery = Code(rawValue: "bad_query")
        public static let queryTooLong = Code(rawValue: "query_too_long")
        public static let queryTooDeep = Code(rawValue: "query_too_deep")
        public static let badCursor = Code(rawValue: "bad_cursor")
        public static let textNotStored = Code(rawValue: "text_not_stored")
        public static let damaged = Code(rawValue: "search_index_damaged")
    }

    public init(
        _ code: Code, _ message: String, advice: String? = nil, at range: Range<Int>? = nil, suggestions: [String] = []
    ) {
        self.code = code
        self.message = message
        self.advice = advice
        self.range = range
        self.suggestions = suggestions
    }
}

extension SearchError {
    init(_ error: QueryError) {
        self.init(
            Code(rawValue: error.code.rawValue), error.message, advice: error.advice, at: error.range,
            suggestions: error.suggestions)
    }
}

extension SearchError: CustomStringConvertible {
    /// Safe to log: says what kind of mistake and where, and nothing of the query.
    public var description: String {
        "search: \(code)" + (range.map { " at \($0.lowerBound)" } ?? "")
    }
}
