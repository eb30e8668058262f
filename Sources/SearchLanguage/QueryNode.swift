/// A query as a tree.
package indirect enum QueryNode: Hashable, Sendable {
    case everything
    case text(TextTerm)
    case filter(Filter)
    case and([QueryNode])
    case or([QueryNode])
    case not(QueryNode)
}

/// Words to be found in the text.
package struct TextTerm: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case word, phrase, prefix }

    package var kind: Kind
    /// As it was written, without quotes and star.
    package var text: String
    /// The columns it may be found in, as bits; 7 is anywhere.
    package var columns: UInt8 = 7
    /// Where it stands in the query, in Unicode scalars.
    package var range: Range<Int>

    package init(kind: Kind, text: String, columns: UInt8 = 7, range: Range<Int>) {
        self.kind = kind
        self.text = text
        self.columns = columns
        self.range = range
    }
}

/// A condition on a field.
package struct Filter: Hashable, Sendable {
    package var field: FilterField
    package var test: Test
    /// Where it stands in the query, in Unicode scalars.
    package var range: Range<Int>

    package enum Test: Hashable, Sendable {
        /// One of these values.
        case anyOf([Value])
        /// A value, and none of these: JQL's `!=` and `NOT IN`, which leave out what is empty.
        case noneOf([Value])
        /// At this time or in this span; the bounds are in milliseconds, the upper one excluded.
        case during(from: Int64?, until: Int64?)
        case empty
    }

    package struct Value: Hashable, Sendable {
        package var text: String
        /// In quotes, and so never `none`, `me` or a pattern.
        package var isQuoted: Bool
        package var range: Range<Int>
    }
}

/// The order of the hits.
package enum SortOrder: Hashable, Sendable {
    case relevance
    case field(SortField, descending: Bool)

    package enum SortField: String, Hashable, Sendable, CaseIterable {
        case created, updated, resolved, due, priority, key
    }
}

/// A parsed query.
package struct ParsedQuery: Hashable, Sendable {
    package var root: QueryNode
    package var order: SortOrder = .relevance
    /// Words beyond the limit that were left out.
    package var ignoredWords = 0
    /// Only words, without operators, quotes or stars: the kind of query that is widened when too little has all words.
    package var isPlainWords = false
}

/// Limits of a query.
package enum QueryLimits {
    /// Bytes of UTF-8.
    package static let length = 16_384
    package static let depth = 40
    /// Words, phrases and prefixes that are looked up. A pasted log has more; the first ones are taken.
    package static let textTerms = 48
    package static let filterValues = 500
}
