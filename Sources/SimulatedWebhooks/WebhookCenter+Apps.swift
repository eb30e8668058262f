package import FastJSON
import SimulatedData
import SimulatedJSON
import SimulatedSearch
import SimulatedSite

/// Webhooks an app registers for itself: `/rest/api/3/webhook`. The caller must have been found to be an app's user.
extension WebhookCenter {
    /// An OAuth app's share of one person's webhooks.
    package static let limitOfApps = 5

    package func register(_ body: JSONValue, user: Int) -> WebhookAnswer {
        guard let url = body["url"]?.string, let wanted = body["webhooks"]?.array, !wanted.isEmpty else {
            return .refusal(400, "The url and the webhooks are required.")
        }
        if let refusal = refusal(ofURL: url) { return refusal }
        let others = registrations.filter { $0.owner == .app(user: user) }
        // An app has one address.
        if others.contains(where: { $0.url != url }) {
            return .refusal(400, "Only a single URL per app is allowed to be registered.")
        }
        var results: [Result<Int, AppWebhookError>] = []
        for details in wanted { results.append(registerOne(details, url: url, user: user)) }
        return .json { json in
            json.member(
                "webhookRegistrationResult",
                array: { json in
                    for result in results {
                        json.object { json in
                            switch result {
                            case .success(let id): json.member("createdWebhookId", id)
                            case .failure(let error): json.member("errors", array: { $0.string(error.message) })
                            }
                        }
                    }
                })
        }
    }

    private func registerOne(_ details: JSONValue, url: String, user: Int) -> Result<Int, AppWebhookError> {
        let events = details["events"]?.array?.compactMap(\.string) ?? []
        guard !events.isEmpty, let filter = details["jqlFilter"]?.string else {
            return .failure(AppWebhookError("events and jqlFilter are required."))
        }
        if let stranger = events.first(where: { !WebhookRegistration.appEvents.contains($0) }) {
            return .failure(AppWebhookError("The event \(stranger) is not supported."))
        }
        if let problem = Self.problem(filter) { return .failure(AppWebhookError(problem)) }
        let now = now
        return withMemory { memory in
            guard memory.registrations.count(where: { $0.owner == .app(user: user) }) < Self.limitOfApps else {
                return .failure(AppWebhookError("The maximum number of webhooks of this app and user is reached."))
            }
            let webhook = WebhookRegistration(
                id: memory.nextID, owner: .app(user: user), name: "", url: url, events: events, filter: filter,
                fields: details["fieldIdsFilter"]?.array?.compactMap(\.string) ?? [],
                expires: now + WebhookRegistration.life, lastUpdated: now, lastUpdatedBy: user)
            memory.nextID += 1
            memory.registrations.append(webhook)
            return .success(webhook.id)
        }
    }

    /// Why an app may not filter so: only some fields and only (in)equality are understood.
    private static func problem(_ filter: String) -> String? {
        guard !filter.isEmpty else { return nil }
        guard let query = try? JQLQuery(parsing: filter, allowsBareWords: false) else {
            return "The JQL filter is not valid."
        }
        for condition in query.conditions {
            let field = condition.field.lowercased()
            let isKnown =
                ["issuekey", "key", "project", "issuetype", "type", "status", "priority", "assignee", "reporter"]
                .contains(field) || field.hasPrefix("cf[") || field.hasPrefix("issue.property")
            guard isKnown else { return "The clause \(condition.field) is unsupported" }
            guard condition.isPlainChoice else { return "The operator in the clause \(condition.field) is unsupported" }
        }
        return nil
    }

    package func list(user: Int, from start: Int, size: Int) -> WebhookAnswer {
        let own = registrations.filter { $0.owner == .app(user: user) && ($0.expires ?? 0) > now }
        let page = own.dropFirst(max(0, start)).prefix(min(max(size, 0), 100))
        return .json { json in
            json.member("maxResults", min(max(size, 0), 100))
            json.member("startAt", max(0, start))
            json.member("total", own.count)
            json.member("isLast", start + page.count >= own.count)
            json.member(
                "values",
                array: { json in
                    for webhook in page {
                        json.object { json in
                            json.member("id", webhook.id)
                            json.member("url", webhook.url)
                            json.member("jqlFilter", webhook.filter)
                            json.member("events", array: { json in for event in webhook.events { json.string(event) } })
                            if !webhook.fields.isEmpty {
                                json.member(
                                    "fieldIdsFilter", array: { json in for id in webhook.fields { json.string(id) } })
                            }
                            json.member("expirationDate", SiteTimeZone.utc.jiraTimestamp(webhook.expires ?? 0))
                        }
                    }
                })
        }
    }

    /// Puts off the end of the app's own webhooks; other ids are passed over.
    package func refresh(_ body: JSONValue, user: Int) -> WebhookAnswer {
        guard let ids = body["webhookIds"]?.array?.compactMap(\.integer) else {
            return .refusal(400, "The list of webhook IDs is missing.")
        }
        let expires = now + WebhookRegistration.life
        withMemory { memory in
            for index in memory.registrations.indices
            where memory.registrations[index].owner == .app(user: user) && ids.contains(memory.registrations[index].id)
                && (memory.registrations[index].expires ?? 0) > now
            {
                memory.registrations[index].expires = expires
            }
        }
        return .json { $0.member("expirationDate", SiteTimeZone.utc.jiraTimestamp(expires)) }
    }

    package func remove(_ body: JSONValue, user: Int) -> WebhookAnswer {
        guard let ids = body["webhookIds"]?.array?.compactMap(\.integer) else {
            return .refusal(400, "The list of webhook IDs is missing.")
        }
        withMemory { memory in
            memory.registrations.removeAll { $0.owner == .app(user: user) && ids.contains($0.id) }
        }
        return WebhookAnswer(status: 202, body: [])
    }
}

/// Why one of several webhooks was not registered.
private struct AppWebhookError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
