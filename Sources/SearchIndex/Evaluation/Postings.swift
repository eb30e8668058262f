internal import CSQLite
internal import CSearchTokenizer
internal import Database

/// Where a word, phrase or prefix occurs: the documents in ascending order, and how often in each column.
///
/// Holds all documents, whoever may see them. Nothing of it leaves the evaluator before it was cut to the allowed issues.
struct Postings: Sendable {
    /// Issues whose open document has it.
    private(set) var issues: [UInt32] = []
    /// Frequencies: 2 bits for the summary, 3 each for body and notes.
    private(set) var counts: [UInt8] = []
    /// Restricted documents that have it.
    private(set) var restricted: [(document: Int64, count: UInt8)] = []

    var cost: Int { issues.count * 5 + restricted.count * 16 + 64 }

    /// The columns that a frequency byte names, as the bits of ``TextTerm/columns``.
    @inline(__always) static func columns(_ count: UInt8) -> UInt8 {
        (count & 3 != 0 ? 1 : 0) | (count & 0x1C != 0 ? 2 : 0) | (count & 0xE0 != 0 ? 4 : 0)
    }

    /// Calls `body` for the issues of `wanted` whose open document has it.
    @inline(__always) func forEach(in wanted: IssueSet, _ body: (Int, UInt8) -> Void) {
        issues.withUnsafeBufferPointer { issues in
            counts.withUnsafeBufferPointer { counts in
                guard wanted.count * 24 < issues.count else {
                    for index in 0..<issues.count where wanted.contains(Int(issues[index])) {
                        body(Int(issues[index]), counts[index])
                    }
                    return
                }
                // Few are wanted: each is looked up, from where the last one was.
                var low = 0
                wanted.forEach { issue in
                    var step = 1
                    while low + step < issues.count, issues[low + step] < UInt32(issue) { step *= 2 }
                    var high = min(issues.count, low + step + 1)
                    low += step / 2
                    while low < high {
                        let middle = (low + high) / 2
                        if issues[middle] < UInt32(issue) { low = middle + 1 } else { high = middle }
                    }
                    if low < issues.count, issues[low] == UInt32(issue) { body(issue, counts[low]) }
                    low = min(low, issues.count - 1)
                }
            }
        }
    }

    /// Finds every document that matches an FTS5 expression made of the index's own tokens.
    static func find(_ expression: String, in connection: Connection) throws -> Postings {
        var found = search_postings()
        defer { search_postings_free(&found) }
        let result = search_collect(connection.handle, "search_word", expression, &found)
        if result & 0xFF == SQLITE_INTERRUPT {
            throw DatabaseError(.interrupted, "The search was interrupted", extendedCode: result)
        }
        guard result == SQLITE_OK else {
            throw SearchError(
                .damaged, "The search index could not be read (SQLite code \(result))",
                advice: "Run `drawbridge verify`; `drawbridge sync NAME --full` builds the index again")
        }
        var postings = Postings()
        let open = UnsafeBufferPointer(start: found.documents, count: Int(found.count))
        let counts = UnsafeBufferPointer(start: found.counts, count: Int(found.count))
        let split = open.firstIndex { $0 >= SearchIndex.firstRestrictedDocument } ?? open.count
        postings.issues = open[..<split].map { UInt32(truncatingIfNeeded: $0) }
        postings.counts = Array(counts[..<split])
        postings.restricted = (split..<open.count).map { (open[$0], counts[$0]) }
        return postings
    }
}
