import AccessControl
import AccessEngine
import IssueDecoding
import IssueModel
import JiraClient
public import Store

extension SourceSetup {
    /// Tries a source's site at another address, and goes on there if it is the same site: nothing is read again.
    ///
    /// Cloud is known by the id of the site. Other products have none: there at least half of the projects that are copied
    /// must be listed under their numbers and keys.
    ///
    /// - Parameter also: What else belongs to the transaction in which the address is stored.
    /// - Throws: ``SyncFailure`` where the address cannot be used, and `siteChanged` where another site answers; the stored
    ///   address is then kept.
    public func move(
        _ source: Source, to address: String, in store: Store,
        also: @escaping @Sendable (Source, WriteContext) throws -> Void = { _, _ in }
    ) async throws(SyncFailure) -> Findings {
        do {
            let key = try store.secretKey()
            let stored = try await store.read { try SourceRecords.credential(of: source.id, key: key, in: $0) }
            let credential = try CredentialRecord.credential(kind: source.credentialKind, stored)
            let findings = await test(
                address, credential, projects: source.scope.projects, jql: source.scope.jql, mode: source.accessMode)
            guard let identity = findings.identity, findings.isUsable else { throw findings.refusal }
            guard try await isSame(identity, credential, source, store) else {
                throw SyncFailure(
                    .siteChanged,
                    what: "Another Jira site answers at \(identity.baseURL) than the source was added with.",
                    fix: "Add it as a source of its own, or correct the address.")
            }
            var moved = source
            (moved.url, moved.apiURL, moved.version) = (identity.baseURL, identity.apiBase, identity.version)
            let changed = moved
            try await store.write { context in
                try SourceRecords.update(changed, in: context)
                try also(changed, context)
            }
            return findings
        } catch {
            throw SyncFailure(error, in: .identify)
        }
    }

    private func isSame(
        _ identity: SiteIdentity, _ credential: Credential, _ source: Source, _ store: Store
    ) async throws -> Bool {
        guard (identity.product == .cloud) == (source.product == .cloud) else { return false }
        if let known = source.siteID { return known == identity.siteID }
        let stored = try await store.read { try ProjectRecords.all(source: source.id, in: $0) }
            .filter { $0.accessState != .gone }.map(\.project)
        let client = JiraClient(identity, credential, transport: transport, options: options, time: time)
        let listed = Dictionary(try await client.projects().map { ($0.project.id, $0.keys + [$0.project.key]) }) {
            first, _ in first
        }
        let found = stored.count { listed[$0.id]?.contains($0.key) ?? false }
        return found > 0 && found * 2 >= stored.count
    }
}
