public import Store

/// Lists and explains what somebody may see.
public struct AccessReading: Sendable {
    let store: Store

    public init(store: Store) {
        self.store = store
    }

    /// Everything the reader may see, one answer for each source.
    ///
    /// - Parameters:
    ///   - who: Whom `--as` names; `nil` is the operator.
    ///   - source: Only the source of this name.
    public func visible(to who: String?, source: String? = nil) async throws -> [AccessListing] {
        try await visible(for: .named(who), source: source)
    }

    /// The same for a reader who need not be the operator's choice.
    public func visible(for choice: ReaderChoice, source: String? = nil) async throws -> [AccessListing] {
        let (store, now) = (store, store.now)
        return try await store.read { connection in
            let sources = try SourceChoice.sources(named: source, in: connection)
            let only = source == nil ? nil : sources.first
            let reader = try choice.resolve(source: only, in: connection)
            let allowed = try store.access.allowed(to: reader.reader, in: connection)
            return try sources.map {
                try AccessListing(reader: reader, source: $0, allowed: allowed, now: now, in: connection)
            }
        }
    }

    /// What two readers see differently, one answer for each source. For the operator: it names what either sees.
    ///
    /// - Parameters:
    ///   - first: Whom `--as` names; `nil` is the operator. Likewise `second`.
    ///   - source: Only the source of this name.
    public func difference(
        between first: String?, and second: String?, source: String? = nil
    ) async throws -> [AccessDifference] {
        let (store, now) = (store, store.now)
        return try await store.read { connection in
            let sources = try SourceChoice.sources(named: source, in: connection)
            let only = source == nil ? nil : sources.first
            let readers = try [first, second].map { who in
                let reader = try ReaderResolver.resolve(who, source: only, in: connection)
                return (reader, try store.access.allowed(to: reader.reader, in: connection))
            }
            return try sources.map { source in
                let listings = try readers.map { reader, allowed in
                    try AccessListing(
                        reader: reader, source: source, allowed: allowed, now: now, in: connection)
                }
                return try AccessDifference(listings[0], listings[1], of: source, in: connection)
            }
        }
    }

    /// Why somebody sees an issue or does not. For the operator: it tells that the issue exists.
    ///
    /// - Throws: ``ReadingError`` for an issue that is not stored.
    public func explain(_ reference: String, as who: String?, source: String? = nil) async throws -> AccessReport {
        let (store, now) = (store, store.now)
        return try await store.read { connection in
            let sources = try SourceChoice.sources(named: source, in: connection)
            let only = source == nil ? nil : sources.first
            let reader = try ReaderResolver.resolve(who, source: only, in: connection)
            let found = try StoredIssue.find(reference, sources: sources, in: connection)
            guard let stored = found.first else { throw ReadingError.noSuchIssue(reference) }
            guard found.count == 1 else { throw ReadingError.inSeveralSources(reference) }
            guard let origin = sources.first(where: { $0.id == stored.source }) else {
                throw ReadingError.noSuchIssue(reference)
            }
            return try AccessReportMaker(
                store: store, source: origin, reader: reader, now: now, connection: connection
            )
            .report(of: stored)
        }
    }
}
