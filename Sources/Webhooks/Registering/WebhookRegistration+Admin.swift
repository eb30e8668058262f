internal import IssueDecoding
internal import IssueModel
internal import JiraClient
internal import Journal
internal import Store

extension WebhookRegistration {
    /// Brings an administrator's webhook to what it should be; says what to do by hand where the account may not.
    func settleAdmin(
        _ record: WebhookRecords.Record, _ secrets: WebhookSecrets, _ source: Source, isRegistering: Bool
    ) async throws -> Outcome {
        let url = WebhookPath.url(record.publicURL, source: source.id, secrets)
        let name = "Drawbridge (\(source.name))"
        let desired = AdminWebhook.Draft(name: name, url: url, events: WebhookEvents.all, secret: secrets.signingKey)
        var outcome = Outcome(record: record)
        do throws(JiraError) {
            try await arrange(desired, isRegistering: isRegistering, &outcome)
        } catch {
            guard error.mayNot || error.code == .badRequest else { throw error }
            Self.note(error, isRegistering: isRegistering, &outcome)
            if isRegistering || outcome.record.lastDelivery == nil {
                outcome.instructions = WebhookInstructions(
                    name: name, url: url, secret: secrets.signingKey, events: WebhookEvents.all,
                    isCloud: source.product == .cloud)
            }
        }
        try await save(outcome.record)
        return outcome
    }

    private func arrange(
        _ desired: AdminWebhook.Draft, isRegistering: Bool, _ outcome: inout Outcome
    ) async throws(JiraError) {
        let record = outcome.record
        let listed = try await client.adminWebhooks().filter { Self.isAddress($0.url, of: record) }
        // The one that is known, else the first; others are left over from a registration whose answer was lost.
        let kept = listed.first { $0.id == record.jiraID } ?? listed.first
        for spare in listed where spare.id != kept?.id {
            try await client.deleteAdminWebhook(spare.id)
            outcome.changes.append(.removedSpare)
        }
        if let kept {
            try await settle(kept, desired, isRegistering: isRegistering, &outcome)
        } else {
            try await create(desired, &outcome)
        }
        outcome.record.kind = .admin
        outcome.record.state = .active
        outcome.record.problem = nil
        outcome.record.verified = clock()
    }

    /// A refusal while registering leaves it to a person. Later on, what was registered goes on delivering.
    private static func note(_ error: JiraError, isRegistering: Bool, _ outcome: inout Outcome) {
        let words = error.messages.isEmpty ? "" : " Jira says: \(error.messages.joined(separator: " "))"
        if error.code == .badRequest {
            outcome.record.problem = "Jira did not take the webhook." + words
        } else {
            outcome.record.problem = "The source's account may not see to webhooks: it must administer Jira." + words
        }
        if isRegistering || outcome.record.jiraID == nil {
            outcome.record.kind = .manual
            outcome.record.jiraID = nil
            outcome.record.state = outcome.record.lastDelivery == nil ? .waiting : .active
        }
    }

    private func settle(
        _ kept: AdminWebhook, _ desired: AdminWebhook.Draft, isRegistering: Bool, _ outcome: inout Outcome
    ) async throws(JiraError) {
        outcome.record.jiraID = kept.id
        // A site that does not know some events leaves them out; those it must know are missed.
        let wanted = isRegistering ? desired.events : WebhookEvents.essential
        let isRight =
            kept.isEnabled && !kept.excludesBody && kept.filter.isEmpty && kept.url == desired.url
            && kept.isSigned != false && Set(wanted).isSubset(of: kept.events)
        if isRight {
            if kept.isSigned == true { outcome.record.authentication = .signature }
            return
        }
        try await attempt(desired) { (draft) async throws(JiraError) in
            try await client.updateAdminWebhook(kept.id, draft)
        }
        outcome.changes.append(.repaired)
        // Without its secret a site would go on signing with the one it has; with it, it signs from now on.
        if kept.isSigned == false { outcome.record.authentication = .signatureOnceSeen }
    }

    private func create(_ desired: AdminWebhook.Draft, _ outcome: inout Outcome) async throws(JiraError) {
        var made: AdminWebhook?
        try await attempt(desired) { (draft) async throws(JiraError) in
            made = try await client.createAdminWebhook(draft)
        }
        outcome.changes.append(.created)
        outcome.record.jiraID = made?.id
        // A site that does not say whether it signs is taken at its first signature.
        outcome.record.authentication = made?.isSigned == true ? .signature : .signatureOnceSeen
    }

    /// Asks for everything; for less where the site does not take it: older sites know fewer events, and no secret.
    private func attempt(
        _ desired: AdminWebhook.Draft, _ send: (AdminWebhook.Draft) async throws(JiraError) -> Void
    ) async throws(JiraError) {
        var drafts: [AdminWebhook.Draft] = []
        for events in [desired.events, WebhookEvents.established, WebhookEvents.essential] {
            for secret in client.flavour == .cloud ? [desired.secret] : [desired.secret, nil] {
                drafts.append(
                    AdminWebhook.Draft(name: desired.name, url: desired.url, events: events, secret: secret))
            }
        }
        for draft in drafts.dropLast() {
            do throws(JiraError) {
                return try await send(draft)
            } catch {
                guard error.code == .badRequest else { throw error }
            }
        }
        try await send(drafts[drafts.count - 1])
    }
}
