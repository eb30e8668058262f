import AccessControl
public import Store

/// Reads single issues for people.
public struct IssueReader: Sendable {
    private let store: Store

    public init(store: Store) {
        self.store = store
    }

    /// The issue with this key (current or former, in any case) or id, as the reader may see it.
    ///
    /// - Parameters:
    ///   - who: Whom `--as` names; `nil` is the operator.
    ///   - source: Looks only in the source of this name.
    /// - Throws: ``ReadingError``: with code `notFound` alike for an issue that does not exist and for one the reader may
    ///   not see, and nothing tells the two apart.
    public func issue(_ reference: String, as who: String?, source: String? = nil) async throws -> IssueView {
        try await issue(reference, for: .named(who), source: source)
    }

    /// The same for a reader who need not be the operator's choice.
    public func issue(
        _ reference: String, for choice: ReaderChoice, source: String? = nil
    ) async throws -> IssueView {
        let store = store
        return try await store.read { connection in
            let sources = try SourceChoice.sources(named: source, in: connection)
            let only = source == nil ? nil : sources.first
            let reader = try choice.resolve(source: only, in: connection).reader
            let allowed = try store.access.allowed(to: reader, in: connection)
            // What is not visible drops out here, before anything is read of it and before ambiguity is judged.
            let found = try StoredIssue.find(reference, sources: sources, in: connection)
                .filter { $0.isVisible(in: allowed) }
            guard let first = found.first else {
                // Only who reads everything may be told that there was one.
                let removed =
                    allowed.isEverything
                    ? try IssueStanding.ofRemoved(reference, sources: sources, in: connection) : nil
                throw removed.map { ReadingError(.notFound, $0) } ?? .noSuchIssue(reference)
            }
            guard found.count == 1 else { throw ReadingError.inSeveralSources(reference) }
            guard let origin = sources.first(where: { $0.id == first.source }) else {
                throw ReadingError.noSuchIssue(reference)
            }
            var view = try IssueAssembly(store: store, source: origin, in: connection)
                .view(of: first, allowed: allowed, in: connection)
            view.freshness = try Freshness(of: [origin], now: store.now, in: connection)
            return view
        }
    }
}

extension ReadingError {
    static func inSeveralSources(_ reference: String) -> ReadingError {
        ReadingError(
            .ambiguousIssue, "Several sources have an issue \(quoted(reference)). Say which source is meant.")
    }
}
