/// What is wrong with a query, and where.
package struct QueryError: Error, Hashable, Sendable {
    package var code: Code
    package var message: String
    package var advice: String?
    /// In Unicode scalars from the query's start.
    package var range: Range<Int>?
    /// What was probably meant, best first, as it would be typed.
    package var suggestions: [String]

    package enum Code: String, Hashable, Sendable {
        case unknownFilter = "unknown_filter"
        case unknownValue = "unknown_value"
        case badValue = "bad_value"
        case badQuery = "bad_query"
        case queryTooLong = "query_too_long"
        case queryTooDeep = "query_too_deep"
    }

    package init(
        _ code: Code, _ message: String, advice: String? = nil, at range: Range<Int>? = nil, suggestions: [String] = []
    ) {
        self.code = code
        self.message = message
        self.advice = advice
        self.range = range
        self.suggestions = suggestions
    }
}
