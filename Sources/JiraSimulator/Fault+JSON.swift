import FastJSON

extension Fault {
    /// A fault as the control door takes it: `{"kind":"rateLimited","reason":"burst","retryAfter":2,"path":"bulkfetch","count":3}`.
    init?(_ json: JSONValue) {
        guard let kind = Kind(json) else { return nil }
        self.init(
            kind, path: json["path"]?.string ?? "", skip: json["skip"]?.integer ?? 0,
            count: json["count"].map { $0.isNull ? nil : $0.integer } ?? 1, every: json["every"]?.integer ?? 1)
    }
}

extension Fault.RateLimitReason {
    /// The names of the control door.
    fileprivate init?(door name: String) {
        switch name {
        case "burst": self = .burst
        case "globalQuota": self = .globalQuota
        case "tenantQuota": self = .tenantQuota
        case "perIssue": self = .perIssue
        case "gateway": self = .gateway
        case "dataCenter": self = .dataCenter
        default: return nil
        }
    }
}

extension Fault.Kind {
    fileprivate init?(_ json: JSONValue) {
        let after = json["after"]?.integer
        let milliseconds = json["milliseconds"]?.integer ?? 100
        switch json["kind"]?.string {
        case "rateLimited":
            guard let reason = Fault.RateLimitReason(door: json["reason"]?.string ?? "burst") else { return nil }
            self = .rateLimited(reason, retryAfter: json["retryAfter"]?.integer)
        case "status": self = .status(json["status"]?.integer ?? 503, retryAfter: json["retryAfter"]?.integer)
        case "reset": self = .reset(after: after)
        case "torn": self = .torn(after: after ?? 100)
        case "slow": self = .slow(chunk: json["chunk"]?.integer ?? 1_024, interval: .milliseconds(milliseconds))
        case "delay": self = .delay(.milliseconds(milliseconds))
        case "garbage": self = .garbage
        case "truncatedJSON": self = .truncatedJSON
        case "loginPage": self = .loginPage
        case "emptyBody": self = .emptyBody
        case "expiredCredential": self = .expiredCredential
        case "captcha": self = .captcha
        case "anonymous": self = .anonymous
        case "repeatedPage": self = .repeatedPage
        case "shiftedPage": self = .shiftedPage(json["by"]?.integer ?? 1)
        case "missingFromSearch": self = .missingFromSearch(json["issues"]?.array?.compactMap(\.integer) ?? [])
        default: return nil
        }
    }
}
