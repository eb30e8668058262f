internal import FastJSON
internal import HTTPMessages
internal import IssueDecoding
public import IssueModel
public import JiraClient

/// A webhook that an app registered for itself on Cloud. It lapses after thirty days unless it is refreshed.
public struct DynamicWebhook: Hashable, Sendable {
    public var id: Int64
    public var url: String?
    public var events: [String]
    public var filter: String
    public var expires: Timestamp?

    public init(id: Int64, url: String? = nil, events: [String], filter: String, expires: Timestamp? = nil) {
        self.id = id
        self.url = url
        self.events = events
        self.filter = filter
        self.expires = expires
    }

    /// What became of one of several webhooks that were asked for.
    public enum Registration: Hashable, Sendable {
        case created(Int64)
        /// Jira's own words.
        case refused([String])
    }
}

/// Webhooks of apps, Cloud only: `/rest/api/3/webhook`. Whoever is no app is refused with `permissionMissing`.
extension JiraClient {
    /// The most that an OAuth app has of one account at one site.
    public static let dynamicWebhookLimit = 5

    /// The app's own webhooks.
    public func dynamicWebhooks() async throws(JiraError) -> [DynamicWebhook] {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        return try await list(Call(.get, "/webhook"), in: "values", pageSize: 100) { view in
            DynamicWebhook(
                id: try view.required("id", \.integer), url: view["url"]?.string,
                events: view["events"]?.elements.compactMap(\.string) ?? [],
                filter: view["jqlFilter"]?.string ?? "", expires: view["expirationDate"].flatMap { Self.moment($0) })
        }
    }

    /// Registers webhooks, one a filter, all at one address: an app has one. The answer of each is at its place, and one
    /// may be refused while others are not. Not repeated where the answer was lost.
    public func registerDynamicWebhooks(
        url: String, events: [String], filters: [String]
    ) async throws(JiraError) -> [DynamicWebhook.Registration] {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        var json = JSONWriter()
        json.object { json in
            json.member("url", url)
            json.key("webhooks")
            json.array { json in
                for filter in filters {
                    json.object { json in
                        json.strings("events", events)
                        json.member("jqlFilter", filter)
                    }
                }
            }
        }
        var call = Call(.post, "/webhook", body: json.bytes)
        call.isRepeatable = false
        return try await wholeList(call, in: "webhookRegistrationResult") { view in
            if let id = view["createdWebhookId"]?.integer { return .created(id) }
            return .refused((view["errors"]?.elements.compactMap(\.string) ?? []).map { String($0.prefix(1_000)) })
        }
    }

    /// Puts off the end of webhooks by thirty days, and returns the new end; ids that are not the app's are passed over.
    public func refreshDynamicWebhooks(_ ids: [Int64]) async throws(JiraError) -> Timestamp? {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        return try await fetch(Call(.put, "/webhook/refresh", body: Self.body(ids))) { root in
            root["expirationDate"].flatMap { Self.moment($0) }
        }
    }

    /// Removes webhooks of the app; ids that are not the app's are passed over.
    public func deleteDynamicWebhooks(_ ids: [Int64]) async throws(JiraError) {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        guard !ids.isEmpty else { return }
        try await perform(Call(.delete, "/webhook", body: Self.body(ids)), expectsJSON: false) {
            (_, _) throws(JiraError) in
        }
    }

    private static func body(_ ids: [Int64]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("webhookIds")
            json.array { json in for id in ids { json.integer(id) } }
        }
        return json.bytes
    }

    /// Jira's documentation has the moment as a number, its examples as text.
    private static func moment(_ view: JSONView) -> Timestamp? {
        view.integer.map { Timestamp(milliseconds: $0) } ?? view.timestampIfAny
    }
}
