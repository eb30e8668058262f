public import AuditTrail
internal import FastJSON
public import Observability
public import SiteConnection
public import Store
public import SyncEngine

/// Everything that is done to sources, for the command line and the API alike.
///
/// What changes something is told to the audit trail in the same transaction; where an act takes many transactions, in one
/// before the first.
public struct SourceAdministration: Sendable {
    public let store: Store
    public let setup: SourceSetup
    let service: SyncService
    let log: Log

    public init(store: Store, setup: SourceSetup, service: SyncService, log: Log = .silent) {
        self.store = store
        self.setup = setup
        self.service = service
        self.log = log
    }

    /// Every source, also those that were removed.
    public func all() async throws -> [Source] { try await store.read { try SourceRecords.all(in: $0) } }

    /// The source of this name.
    ///
    /// - Throws: `StoreError` with code `notFound`.
    public func source(named name: String) async throws -> Source {
        guard let source = try await store.read({ try SourceRecords.find(name, in: $0) }) else {
            throw StoreError(
                .notFound, "There is no source named '\(name)'; 'drawbridge source list' shows the sources")
        }
        return source
    }

    /// The source of this name, unless it was removed.
    ///
    /// - Throws: `StoreError` with code `notFound`.
    public func present(_ name: String) async throws -> Source {
        let source = try await source(named: name)
        guard source.state != .removed else {
            throw StoreError(.notFound, "'\(source.name)' was removed; add it again to use it")
        }
        return source
    }

    /// Lets a source rest, or go on.
    ///
    /// - Throws: `StoreError` with code `notFound`, also for a source that was removed.
    @discardableResult
    public func setState(_ state: Source.State, of name: String, by origin: AuditOrigin) async throws -> Source {
        var source = try await present(name)
        guard source.state != state else { return source }
        let (id, action) = (source.id, state == .paused ? "source.paused" : "source.resumed")
        try await store.write { context in
            try SourceRecords.setState(state, of: id, in: context)
            try AuditTrail.append(origin.event(action, subject: name), in: context)
        }
        source.state = state
        return source
    }

    /// Appends an event by itself: before an act of many transactions.
    func announce(_ event: AuditEvent) async throws {
        try await store.write { try AuditTrail.append(event, in: $0) }
    }
}
