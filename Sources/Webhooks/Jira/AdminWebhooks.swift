internal import FastJSON
internal import HTTPMessages
internal import IssueDecoding
public import JiraClient

/// Webhooks as administrators register them: the account must administer Jira.
///
/// Cloud, and Data Center before 10: `/rest/webhooks/1.0/webhook`. Data Center from 10: `/rest/jira-webhook/1.0/webhooks`,
/// where the secret stands in `configuration.SECRET`.
extension JiraClient {
    /// Every webhook of the site.
    ///
    /// - Throws: `permissionMissing`, or `notFound`, where the account may not.
    public func adminWebhooks() async throws(JiraError) -> [AdminWebhook] {
        try await onInterface { (interface) throws(JiraError) in
            try await self.wholeList(Call(.get, interface.path, in: .site)) { try AdminWebhook($0) }
        }
    }

    /// Registers a webhook. Not repeated where the answer was lost: look for it with ``adminWebhooks()`` first.
    public func createAdminWebhook(_ draft: AdminWebhook.Draft) async throws(JiraError) -> AdminWebhook {
        try await onInterface { (interface) throws(JiraError) in
            var call = Call(.post, interface.path, in: .site, body: interface.body(draft))
            call.isRepeatable = false
            return try await self.fetch(call) { try AdminWebhook($0) }
        }
    }

    /// Makes a webhook what `draft` says, and switches it on.
    public func updateAdminWebhook(_ id: String, _ draft: AdminWebhook.Draft) async throws(JiraError) {
        try await onInterface { (interface) throws(JiraError) in
            let call = Call(.put, interface.path + "/{id}", [id], in: .site, body: interface.body(draft))
            try await self.perform(call, expectsJSON: false) { (_, _) throws(JiraError) in }
        }
    }

    /// Removes a webhook; one that is not there is removed.
    public func deleteAdminWebhook(_ id: String) async throws(JiraError) {
        do throws(JiraError) {
            try await onInterface { (interface) throws(JiraError) in
                let call = Call(.delete, interface.path + "/{id}", [id], in: .site)
                try await self.perform(call, expectsJSON: false) { (_, _) throws(JiraError) in }
            }
        } catch {
            guard error.code == .notFound else { throw error }
            _ = try await adminWebhooks()
        }
    }

    /// Asks the interface that the version should have, and the other where that one is not there.
    private func onInterface<Result>(
        _ body: (WebhookInterface) async throws(JiraError) -> Result
    ) async throws(JiraError) -> Result {
        let interfaces = WebhookInterface.likely(identity)
        for interface in interfaces.dropLast() {
            do throws(JiraError) {
                return try await body(interface)
            } catch {
                guard error.code == .notFound || error.code == .notJira else { throw error }
            }
        }
        return try await body(interfaces[interfaces.count - 1])
    }
}

/// The interfaces for administrators' webhooks.
private enum WebhookInterface {
    /// Cloud.
    case cloud
    /// Data Center and Server before 10.
    case server
    /// Data Center from 10.
    case dataCenter

    static func likely(_ identity: SiteIdentity) -> [WebhookInterface] {
        guard identity.flavour == .dataCenter else { return [.cloud] }
        let major = Int(identity.version.prefix { $0 != "." }) ?? 0
        return major >= 10 ? [.dataCenter, .server] : [.server]
    }

    var path: String {
        switch self {
        case .cloud, .server: "/rest/webhooks/1.0/webhook"
        case .dataCenter: "/rest/jira-webhook/1.0/webhooks"
        }
    }

    func body(_ draft: AdminWebhook.Draft) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("name", draft.name)
            json.member("url", draft.url)
            json.strings("events", draft.events)
            switch self {
            case .cloud, .server:
                json.key("filters")
                json.object { $0.member("issue-related-events-section", "") }
                json.member("excludeBody", false)
                json.member("enabled", true)
                if let secret = draft.secret { json.member("secret", secret) }
            case .dataCenter:
                json.member("active", true)
                json.member("scopeType", "global")
            }
            if self != .cloud, self == .dataCenter || draft.secret != nil {
                json.key("configuration")
                json.object { json in
                    json.member("EXCLUDE_BODY", "false")
                    if let secret = draft.secret { json.member("SECRET", secret) }
                }
            }
        }
        return json.bytes
    }
}
