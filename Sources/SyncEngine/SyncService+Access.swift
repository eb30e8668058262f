import AccessControl
public import AccessEngine
import IssueModel
import JiraClient
import Journal
public import SiteConnection
import Store

extension SyncService {
    /// Reads what decides who sees what in a source again, as far as it is due, and makes it hold.
    ///
    /// Issues whose keys lack what the rules then ask for get them from the kept copies, without a request.
    ///
    /// - Throws: ``SyncFailure``. Where the credential is refused, every project of the source is hidden already.
    public func refreshAccess(
        _ name: String, _ extent: AccessRefresh.Extent = .due,
        report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(SyncFailure) -> AccessRefreshSummary {
        do {
            let source = try await source(named: name)
            let client = try await client(of: source)
            let refresh = AccessRefresh(store: store, client: client, source: source, time: time, log: log)
            var summary = try await refresh.run(extent) { done, expected in
                report(SyncProgress(phase: .access, done: done, total: expected))
            }
            summary.rewritten = try await rewriteKeys(of: source, outdated: summary.outdated)
            summary.listings = try await ListingRefresh(
                store: store, source: source, access: personal, time: time, log: log
            ).run(extent == .everything ? .everything : .due)
            summary.requests = client.metrics.requests + summary.listings.requests
            return summary
        } catch {
            throw SyncFailure(error, in: .access)
        }
    }

    /// How long until what decides access is to be read again: zero where it is due.
    public func untilAccessRefresh(of name: String) async throws(SyncFailure) -> Duration {
        do {
            let source = try await source(named: name)
            let last = try await store.read {
                try Checkpoints.updated(AccessRefresh.checkpoint, source: source.id, in: $0)
            }
            guard let last else { return .zero }
            let interval = options.accessInterval ?? .seconds(source.accessOptions.refresh)
            let age = time.now().rawValue - last.rawValue
            // Our clock was set back.
            guard age >= 0 else { return .zero }
            return max(.zero, interval - .milliseconds(age))
        } catch {
            throw SyncFailure(error, in: .access)
        }
    }

    /// Gives stored issues the keys that the rules of now ask for, from the kept copies, without a request: after the
    /// access mode changed, a level was declared or withdrawn, or an issue is no longer withheld.
    ///
    /// - Returns: How many issues have other acls now.
    @discardableResult
    public func rewriteKeys(of name: String) async throws(SyncFailure) -> Int {
        do {
            let source = try await source(named: name)
            let outdated = try await store.read { connection in
                let facts = try AccessRecords.facts(source: source.id, withPeople: false, in: connection)
                return try AccessRecords.outdated(rules: AudienceRules(facts), source: source.id, in: connection)
            }
            return try await rewriteKeys(of: source, outdated: outdated)
        } catch {
            throw SyncFailure(error, in: .access)
        }
    }

    /// Signs in with members' own credentials.
    var personal: PersonalAccess {
        PersonalAccess(
            store: store, transport: transport, gatewayURL: gatewayURL, options: options.client, time: time)
    }

    func rewriteKeys(of source: Source, outdated: Set<Int64>) async throws -> Int {
        try await KeyRewriting(store: store, source: source, time: time).run(outdated: outdated).rewritten
    }
}
