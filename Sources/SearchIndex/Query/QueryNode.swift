/// A query as a tree.
indirect enum QueryNode: Hashable, Sendable {
    case everything
    case text(TextTerm)
    case filter(Filter)
    case and([QueryNode])
    case or([QueryNode])
    case not(QueryNode)
}

/// Words to be found in the text.
struct TextTerm: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case word, phrase, prefix }

    var kind: Kind
    /// As it was written, without quotes and star.
    var text: String
    /// The columns it may be found in, as bits; 7 is anywhere.
    var columns: UInt8 = 7
    /// Where it stands in the query, in Unicode scalars.
    var range: Range<Int>
}

/// A condition on a field.
struct Filter: Hashable, Sendable {
    var field: FilterField
    var test: Test
    /// Where it stands in the query, in Unicode scalars.
    var range: Range<Int>

    enum Test: Hashable, Sendable {
        /// One of these values.
        case anyOf([Value])
        /// A value, and none of these: JQL's `!=` and `NOT IN`, which leave out what is empty.
        case noneOf([Value])
        /// At this time or in this span; the bounds are in milliseconds, the upper one excluded.
        case during(from: Int64?, until: Int64?)
        case empty
    }

    struct Value: Hashable, Sendable {
        var text: String
        /// In quotes, and so never `none`, `me` or a pattern.
        var isQuoted: Bool
        var range: Range<Int>
    }
}

/// The order of the hits.
enum SortOrder: Hashable, Sendable {
    case relevance
    case field(SortField, descending: Bool)

    enum SortField: String, Hashable, Sendable, CaseIterable {
        case created, updated, resolved, due, priority, key
    }
}

/// A parsed query.
struct ParsedQuery: Hashable, Sendable {
    var root: QueryNode
    var order: SortOrder = .relevance
    /// Words beyond the limit that were left out.
    var ignoredWords = 0
    /// Only words, without operators, quotes or stars: the kind of query that is widened when too little has all words.
    var isPlainWords = false
}

/// Limits of a query.
enum QueryLimits {
    /// Bytes of UTF-8.
    static let length = 16_384
    static let depth = 40
    /// Words, phrases and prefixes that are looked up. A pasted log has more; the first ones are taken.
    static let textTerms = 48
    static let filterValues = 500
}
