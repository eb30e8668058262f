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
            try await store.write { context in
                // What else changed while the site was asked stays: who sees what, and whether it is there at all.
                var moved = try Self.present(source, in: context)
                (moved.url, moved.apiURL, moved.version) = (identity.baseURL, identity.apiBase, identity.version)
                try SourceRecords.update(moved, in: context)
                try also(moved, context)
            }
            return findings
        } catch {
            throw SyncFailure(error, in: .identify)
        }
    }

    /// A source as it is in this transaction.
    ///
    /// - Throws: ``SyncFailure`` with `sourceUnknown` where it was removed meanwhile.
    static func present(_ source: Source, in context: WriteContext) throws -> Source {
        guard let present = try SourceRecords.source(source.id, in: context.connection), present.state != .removed
        else {
            throw SyncFailure(
                .sourceUnknown, what: "The source \(source.name) was removed.", fix: "Add it again to use it.")
        }
        return present
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
