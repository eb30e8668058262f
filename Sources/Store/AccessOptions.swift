internal import FastJSON

/// How often a source's access facts are read again, how long they hold, and how much may be spent on checking them.
public struct AccessOptions: Hashable, Sendable {
    /// Seconds after which a fact that was not verified again hides what rests on it.
    public var lease: Int
    /// Seconds between two readings of the facts.
    public var refresh: Int
    /// The share of a reading's requests that checking against Jira may take, from 0 (never) to 1.
    public var auditShare: Double

    /// The lengths a lease may have, in seconds: a minute to a week.
    public static let leaseRange = 60...604_800
    /// The pauses there may be between two readings, in seconds: ten seconds to a day.
    public static let refreshRange = 10...86_400

    /// Values outside their ranges are moved to the nearest end.
    public init(lease: Int = 3_600, refresh: Int = 300, auditShare: Double = 0.1) {
        self.lease = min(max(lease, Self.leaseRange.lowerBound), Self.leaseRange.upperBound)
        self.refresh = min(max(refresh, Self.refreshRange.lowerBound), Self.refreshRange.upperBound)
        self.auditShare = auditShare.isNaN ? 0 : min(max(auditShare, 0), 1)
    }
}

extension AccessOptions {
    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("lease", lease)
            object.member("refresh", refresh)
            object.key("auditShare")
            object.double(auditShare)
        }
        return writer.text
    }

    init(json: String) throws {
        let value = try JSONValue(parsing: json)
        let standard = AccessOptions()
        self.init(
            lease: value["lease"]?.integer ?? standard.lease, refresh: value["refresh"]?.integer ?? standard.refresh,
            auditShare: value["auditShare"]?.double ?? standard.auditShare)
    }
}
