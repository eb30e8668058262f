public import AuditTrail
internal import FastJSON
internal import JiraClient
internal import Journal
internal import Store
internal import SyncEngine
public import Webhooks

extension SourceAdministration {
    /// Has Jira tell of a source's changes, or says what a Jira administrator is to enter.
    ///
    /// - Throws: `WebhookError` for an address that Jira cannot reach.
    public func registerWebhook(
        of name: String, publicURL: String, by origin: AuditOrigin
    ) async throws -> WebhookRegistration.Outcome {
        let source = try await present(name)
        let address = try PublicAddress(publicURL, isCloud: source.product == .cloud)
        let details: JSONValue = .object([.init("publicUrl", .string(address.url))])
        try await announce(origin.event("source.webhook_registered", subject: source.name, details: details))
        let registration = try await registration(of: source)
        return try await registration.register(
            source, publicURL: publicURL, way: try await registration.way(for: source))
    }

    /// Removes a source's webhooks, here and in Jira.
    ///
    /// - Returns: What remains to be done by hand.
    public func removeWebhooks(of name: String, by origin: AuditOrigin) async throws -> [String] {
        let source = try await present(name)
        try await announce(origin.event("source.webhook_removed", subject: source.name))
        return try await registration(of: source).remove(source)
    }

    /// A source's webhooks: what came by them, and what is wrong with them. Without their secrets.
    public func webhooks(of name: String) async throws -> WebhookReport {
        let source = try await source(named: name)
        let health = try await store.read { try WebhookHealth(source: source.id, in: $0) }
        return WebhookReport(health, of: source, at: store.now)
    }

    /// Removes the webhooks of a source that goes, as far as Jira lets it; returns what remains to be done by hand.
    func removeWebhooks(ofLeaving source: Source) async throws -> [String] {
        guard source.state != .removed,
            try await !store.read({ try WebhookRecords.all(source: source.id, in: $0) }).isEmpty
        else { return [] }
        do {
            return try await registration(of: source).remove(source)
        } catch {
            return [
                "Its webhook could not be removed from Jira, which does not answer: a Jira administrator deletes 'Drawbridge (\(source.name))'."
            ]
        }
    }

    /// What registers a source's webhooks, signed in as the source's account.
    private func registration(of source: Source) async throws -> WebhookRegistration {
        WebhookRegistration(store: store, client: try await service.client(of: source), log: log)
    }
}
