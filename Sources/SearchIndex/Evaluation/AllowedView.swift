internal import AccessControl
internal import Synchronization

/// What one allowed set lets a reader see of one state of the index. Everything is evaluated inside it.
final class AllowedView: Sendable {
    let issues: IssueSet
    let issueCount: Int
    /// The restricted documents the reader may see, with their issues' numbers.
    let restricted: [Int64: IssueColumns.RestrictedDocument]
    /// Mean bytes of the three columns over the visible issues; at least 1.
    let meanLengths: (summary: Float, body: Float, notes: Float)
    /// The latest update among the visible issues, from which recency is measured.
    let newest: Int64
    private let counts = Mutex<FacetCounts?>(nil)
    private let occurrences = Mutex<[String: Occurrences]>([:])

    /// The visible issues that a term occurs in.
    struct Occurrences: Sendable {
        var issues: IssueSet
        var count: Int
    }

    /// Terms remembered at a time, so that their sets stay within some megabytes.
    private static let occurrencesLimit = 256

    init(_ columns: IssueColumns, _ allowed: AllowedSet) {
        var issues = IssueSet(capacity: columns.records.count)
        var lengths: (Int, Int, Int) = (0, 0, 0)
        var count = 0
        var newest: Int64 = 0
        columns.present.forEach { id in
            let record = columns.records[id]
            guard allowed.contains(Int64(record.acl)) else { return }
            issues.insert(id)
            count += 1
            lengths.0 += Int(record.summaryLength)
            lengths.1 += Int(record.bodyLength)
            lengths.2 += Int(record.notesLength)
            newest = max(newest, record.updated)
        }
        self.issues = issues
        issueCount = count
        self.newest = newest
        restricted = columns.restricted.filter { _, document in
            allowed.contains(document.acl) && issues.contains(Int(document.issue))
        }
        for document in restricted.values {
            lengths.1 += Int(document.bodyLength)
            lengths.2 += Int(document.notesLength)
        }
        func mean(_ sum: Int) -> Float { max(1, Float(sum) / Float(max(1, count))) }
        meanLengths = (mean(lengths.0), mean(lengths.1), mean(lengths.2))
    }

    /// The kinds of passages of an issue that the reader may see.
    func kinds(of issue: Int, _ columns: IssueColumns) -> UInt32 {
        var kinds = columns.records[issue].kinds
        for document in columns.restrictedByIssue[Int32(issue)] ?? [] {
            if let visible = restricted[document] { kinds |= visible.kinds }
        }
        return kinds
    }

    func occurrences(of term: String) -> Occurrences? { occurrences.withLock { $0[term] } }

    func remember(_ found: Occurrences, of term: String) {
        occurrences.withLock { known in
            if known.count >= Self.occurrencesLimit { known.removeAll(keepingCapacity: true) }
            known[term] = found
        }
    }

    /// How many of the visible issues have each value, computed once.
    func valueCounts(_ columns: IssueColumns) -> FacetCounts {
        counts.withLock { known in
            if let known { return known }
            let computed = FacetCounts(columns, issues)
            known = computed
            return computed
        }
    }
}
