public import JiraClient
public import SiteConnection
public import Store

extension SyncService {
    /// Lends a source's client to other work at the site, so that all of it keeps one pace.
    ///
    /// - Throws: ``SyncFailure``: what `body` throws, told as a failure of a synchronisation.
    public func lend<Result: Sendable>(
        _ name: String, _ body: (JiraClient, Source) async throws -> Result
    ) async throws(SyncFailure) -> Result {
        do {
            let source = try await source(named: name)
            return try await body(try await pooledClient(of: source), source)
        } catch {
            throw SyncFailure(error, in: .issues)
        }
    }
}
