package import FastJSON
import HTTPMessages
import SimulatedJSON
import SimulatedData
import SimulatedSearch
import SimulatedSite

/// What the endpoints for webhooks answer: a status and a body.
package struct WebhookAnswer {
    package var status: Int
    package var body: [UInt8]

    static func json(_ status: Int = 200, _ write: (inout JSONWriter) -> Void) -> WebhookAnswer {
        var json = JSONWriter()
        json.object(write)
        return WebhookAnswer(status: status, body: json.bytes)
    }

    static func refusal(_ status: Int, _ message: String) -> WebhookAnswer {
        json(status) { json in
            json.member("errorMessages", array: { $0.string(message) })
            json.member("errors", object: { _ in })
        }
    }
}

/// How administrators' webhooks look: as on Cloud and Server, or as on Data Center from 10 on.
package enum WebhookShape: Sendable { case classic, dataCenter }

/// Webhooks of administrators. The caller must have been found to be one.
extension WebhookCenter {
    package func listForAdministrators(_ shape: WebhookShape) -> WebhookAnswer {
        var json = JSONWriter()
        json.array { json in
            for webhook in registrations where webhook.owner == .administrator { write(webhook, shape, &json) }
        }
        return WebhookAnswer(status: 200, body: json.bytes)
    }

    package func get(_ id: Int, _ shape: WebhookShape) -> WebhookAnswer {
        guard let webhook = administrators(id) else { return Self.missing(id) }
        return answer(webhook, 200, shape)
    }

    package func create(_ body: JSONValue, _ shape: WebhookShape, by user: Int) -> WebhookAnswer {
        var webhook = WebhookRegistration(
            id: 0, owner: .administrator, name: "", url: "", events: [], lastUpdated: now, lastUpdatedBy: user)
        if let refusal = fill(&webhook, body, shape) { return refusal }
        webhook.id = withMemory { memory in
            defer { memory.nextID += 1 }
            webhook.id = memory.nextID
            memory.registrations.append(webhook)
            return memory.nextID
        }
        return answer(webhook, 201, shape)
    }

    package func update(_ id: Int, _ body: JSONValue, _ shape: WebhookShape, by user: Int) -> WebhookAnswer {
        guard var webhook = administrators(id) else { return Self.missing(id) }
        if let refusal = fill(&webhook, body, shape) { return refusal }
        (webhook.lastUpdated, webhook.lastUpdatedBy) = (now, user)
        withMemory { memory in
            memory.registrations = memory.registrations.map { $0.id == id ? webhook : $0 }
        }
        return answer(webhook, 200, shape)
    }

    package func delete(_ id: Int) -> WebhookAnswer {
        guard administrators(id) != nil else { return Self.missing(id) }
        withMemory { $0.registrations.removeAll { $0.id == id } }
        return WebhookAnswer(status: 204, body: [])
    }

    private func administrators(_ id: Int) -> WebhookRegistration? {
        registrations.first { $0.id == id && $0.owner == .administrator }
    }

    private static func missing(_ id: Int) -> WebhookAnswer { .refusal(404, "The webhook \(id) does not exist.") }

    /// Takes over what a body says; the refusal when it makes no sense.
    private func fill(_ webhook: inout WebhookRegistration, _ body: JSONValue, _ shape: WebhookShape) -> WebhookAnswer?
    {
        webhook.name = body["name"]?.string ?? webhook.name
        webhook.url = body["url"]?.string ?? webhook.url
        webhook.events = body["events"]?.array?.compactMap { $0.string ?? $0["id"]?.string } ?? webhook.events
        webhook.isEnabled = body["enabled"]?.bool ?? body["active"]?.bool ?? webhook.isEnabled
        let configuration = body["configuration"]
        webhook.excludesBody =
            body["excludeBody"]?.bool ?? configuration?["EXCLUDE_BODY"]?.string.map { $0 == "true" }
            ?? webhook.excludesBody
        webhook.filter =
            body["filters"]?["issue-related-events-section"]?.string ?? configuration?["FILTERS"]?.string
            ?? webhook.filter
        // Who leaves the secret out keeps the old one.
        if let secret = body["secret"]?.string ?? configuration?["SECRET"]?.string {
            webhook.secret = secret.isEmpty ? nil : secret
        }
        guard !webhook.name.isEmpty else { return .refusal(400, "The name is required.") }
        if let refusal = refusal(ofURL: webhook.url) { return refusal }
        if let unknown = webhook.events.first(where: { !WebhookRegistration.allEvents.contains($0) }) {
            return .refusal(400, "The event '\(unknown)' is unknown.")
        }
        if !webhook.filter.isEmpty, (try? JQLQuery(parsing: webhook.filter, allowsBareWords: false)) == nil {
            return .refusal(400, "The JQL filter is not valid.")
        }
        return nil
    }

    /// Cloud speaks only TLS; this one also plain HTTP to its own machine.
    func refusal(ofURL url: String) -> WebhookAnswer? {
        guard let parts = URLParts(url) else { return .refusal(400, "The URL is not valid.") }
        let isCloud = state.configuration.flavour.isCloud
        guard parts.scheme == "https" || !isCloud || parts.isLoopback else {
            return .refusal(400, "Only HTTPS addresses are allowed.")
        }
        return nil
    }

    // MARK: Writing

    private func answer(_ webhook: WebhookRegistration, _ status: Int, _ shape: WebhookShape) -> WebhookAnswer {
        var json = JSONWriter()
        write(webhook, shape, &json)
        return WebhookAnswer(status: status, body: json.bytes)
    }

    private func write(_ webhook: WebhookRegistration, _ shape: WebhookShape, _ json: inout JSONWriter) {
        json.object { json in
            json.member("name", webhook.name)
            json.member("url", webhook.url)
            json.member("events", array: { json in for event in webhook.events { json.string(event) } })
            switch shape {
            case .classic: writeClassic(webhook, &json)
            case .dataCenter: writeDataCenter(webhook, &json)
            }
        }
    }

    private func writeClassic(_ webhook: WebhookRegistration, _ json: inout JSONWriter) {
        let state = state
        json.member("excludeBody", webhook.excludesBody)
        json.member("filters", object: { $0.member("issue-related-events-section", webhook.filter) })
        json.member("enabled", webhook.isEnabled)
        // The id stands here only.
        json.member("self", "\(base)/rest/webhooks/1.0/webhook/\(webhook.id)")
        let person = state.users[webhook.lastUpdatedBy]
        json.member("lastUpdatedUser", state.configuration.flavour.isCloud ? person.accountID : person.key)
        json.member("lastUpdatedDisplayName", person.displayName)
        json.member("lastUpdated", Int(webhook.lastUpdated))
        if state.configuration.flavour.isCloud { json.member("isSigned", webhook.secret != nil) }
    }

    private func writeDataCenter(_ webhook: WebhookRegistration, _ json: inout JSONWriter) {
        json.member("id", webhook.id)
        json.member("active", webhook.isEnabled)
        json.member("createdDate", Int(webhook.lastUpdated))
        json.member("updatedDate", Int(webhook.lastUpdated))
        json.member("scopeType", "global")
        json.member("sslVerificationRequired", true)
        json.member(
            "configuration",
            object: { json in
                json.member("EXCLUDE_BODY", webhook.excludesBody ? "true" : "false")
                if !webhook.filter.isEmpty { json.member("FILTERS", webhook.filter) }
                if webhook.secret != nil { json.member("SECRET", "******") }
            })
        let count = count
        json.member(
            "statistics",
            object: { json in
                json.member(
                    "counts",
                    object: { json in
                        json.member("errors", count.abandoned)
                        json.member("failures", count.lost)
                        json.member("successes", count.delivered)
                    })
            })
    }
}
