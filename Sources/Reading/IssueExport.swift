public import Store

/// Writes every issue a reader may see, page by page, without holding more than a page.
public struct IssueExport: Sendable {
    private let store: Store

    public enum Format: String, Sendable, CaseIterable { case jsonl, csv }

    /// What was written.
    public struct Summary: Hashable, Sendable {
        public var issues = 0
        /// Issues whose stored copy could not be read, by the reason; the export lacks them.
        public var damaged: [String] = []
        /// How far behind Jira it was when it began.
        public var freshness: Freshness?
    }

    /// Issues read in one go. Each page is one snapshot, for whoever `--as` means then and inside what they may see then.
    static let pageSize = 200
    /// The most reasons that ``Summary/damaged`` lists.
    static let damagedLimit = 100

    public init(store: Store) {
        self.store = store
    }

    /// Hands the export to `write`, piece by piece: the CSV header, then whole rows or lines.
    ///
    /// Issues come source by source in the order in which they were first read.
    ///
    /// - Parameters:
    ///   - who: Whom `--as` names; `nil` is the operator.
    ///   - source: Only the source of this name.
    /// - Throws: ``ReadingError``, also where the reader is found to be nobody any more before a further page, and
    ///   whatever `write` throws.
    public func run(
        as who: String?, source: String? = nil, format: Format, write: ([UInt8]) async throws -> Void
    ) async throws -> Summary {
        try await run(for: .named(who), source: source, format: format, write: write)
    }

    /// The same for a reader who need not be the operator's choice.
    public func run(
        for choice: ReaderChoice, source: String? = nil, format: Format, write: ([UInt8]) async throws -> Void
    ) async throws -> Summary {
        let (sources, only, freshness) = try await store.read { [now = store.now] connection in
            let sources = try SourceChoice.sources(named: source, in: connection)
            let only = source == nil ? nil : sources.first
            _ = try choice.resolve(source: only, in: connection)
            return (sources, only, try Freshness(of: sources, now: now, in: connection))
        }
        var summary = Summary()
        summary.freshness = freshness
        if format == .csv { try await write(IssueView.csvHeader) }
        let store = store
        for source in sources {
            var last: Int64 = 0
            while true {
                try Task.checkCancellation()
                let after = last
                let page = try await store.read { connection in
                    // Who the reader is may have changed since the page before: a link that ended, a member suspended.
                    let reader = try choice.resolve(source: only, in: connection).reader
                    let allowed = try store.access.allowed(to: reader, in: connection)
                    let assembly = try IssueAssembly(store: store, source: source, in: connection)
                    var page = Page()
                    let rows = try IssueRecords.page(
                        after: after, source: source.id, limit: Self.pageSize, allowed: allowed, in: connection)
                    page.last = rows.last?.id
                    for row in rows where row.isPresent {
                        do {
                            let view = try assembly.view(of: row, allowed: allowed, in: connection)
                            page.bytes += format == .csv ? view.csvRow : view.json + [0x0A]
                            page.issues += 1
                        } catch let error as ReadingError where error.code == .damaged {
                            page.damaged.append(error.message)
                        }
                    }
                    return page
                }
                guard let end = page.last else { break }
                last = end
                if !page.bytes.isEmpty { try await write(page.bytes) }
                summary.issues += page.issues
                summary.damaged += page.damaged.prefix(max(0, Self.damagedLimit - summary.damaged.count))
            }
        }
        return summary
    }

    private struct Page: Sendable {
        var bytes: [UInt8] = []
        var issues = 0
        var damaged: [String] = []
        var last: Int64?
    }
}
