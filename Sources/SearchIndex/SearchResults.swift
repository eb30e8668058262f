/// An answer: a page of hits, and what holds for all matches the reader may see.
public struct SearchResults: Hashable, Sendable {
    /// How many issues match. Exact, and counted only among what the reader may see.
    public var total: Int
    public var matching: Matching
    public var hits: [SearchHit]
    public var facets: [Facet]
    /// The same query with misspelt words put right, where that finds more.
    public var correction: Correction?
    /// For the next page; `nil` on the last.
    public var cursor: String?
    /// The state of the index that was searched; it grows with every change.
    public var version: Int64
    /// Words past the limit of a query, which were left out.
    public var ignoredWords: Int

    /// What ``SearchResults/total`` counts.
    public enum Matching: String, Hashable, Sendable {
        /// Issues that the whole query holds for.
        case all
        /// Issues with at least one of the words: fewer than ``Searcher/wideningLimit`` have all of them.
        case some
    }

    public struct Facet: Hashable, Sendable {
        /// `project`, `status`, `category`, `type`, `priority`, `assignee`, `label`, `component`, …
        public var name: String
        /// Most frequent first; at most ``Searcher/facetLimit``. Each count is exact.
        public var values: [Value]
        /// How many further values there are.
        public var omitted: Int

        public struct Value: Hashable, Sendable {
            /// As the filter of the facet's name takes it; `none` for issues without one.
            public var value: String
            public var count: Int
        }
    }

    public struct Correction: Hashable, Sendable {
        /// The whole query, corrected.
        public var query: String
        /// The words that were changed, before and after.
        public var words: [Word]

        public struct Word: Hashable, Sendable {
            public var from: String
            public var to: String
        }
    }
}

/// One issue that matches.
public struct SearchHit: Hashable, Sendable {
    /// `issue.id`.
    public var issue: Int64
    /// `issue.jira_id`.
    public var jiraID: Int64
    public var key: String
    /// The source's name.
    public var source: String
    public var summary: String
    public var status: String
    /// `undefined`, `new`, `indeterminate` or `done`.
    public var statusCategory: String
    public var type: String
    /// The project's key.
    public var project: String
    /// The assignee's display name.
    public var assignee: String?
    /// Milliseconds since 1970.
    public var updated: Int64
    public var url: String
    /// Comparable within one answer only.
    public var score: Double
    public var passage: Passage

    /// The passage that matches best, cut to what matters.
    public struct Passage: Hashable, Sendable {
        public var kind: SearchPassage.Kind
        public var id: String?
        public var snippet: String
        /// What matched, in Unicode scalars of ``snippet``, ascending and apart.
        public var highlights: [Range<Int>]
    }
}
