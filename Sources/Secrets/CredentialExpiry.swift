public import Cryptography
public import Database
public import IssueModel
public import JiraOAuth
public import Store

/// When sources' credentials end: as somebody said, or as Atlassian's rules for grants say.
public enum CredentialExpiry {
    /// Days before the end at which people are warned, the first warning first.
    public static let warningDays: [Int64] = [30, 7, 1]
    private static let day: Int64 = 86_400_000

    /// Notes when a source's credential ends; `nil` where nobody knows.
    public static func set(_ expires: Timestamp?, of source: Int64, at now: Timestamp, in connection: Connection) throws
    {
        try connection.execute("DELETE FROM credential_expiry WHERE source_id = ?", source)
        guard let expires else { return }
        try connection.execute(
            "INSERT INTO credential_expiry (source_id, expires, stored) VALUES (?, ?, ?)", source, expires.rawValue,
            now.rawValue)
    }

    /// What somebody said of it.
    public static func told(of source: Int64, in connection: Connection) throws -> Timestamp? {
        try connection.first("SELECT expires FROM credential_expiry WHERE source_id = ?", source) {
            Timestamp(milliseconds: $0.int64(0))
        }
    }

    /// How a source's credential stands.
    public struct Standing: Hashable, Sendable {
        public var source: String
        /// `nil` where nobody knows.
        public var expires: Timestamp?
        /// Whole days that are left, rounded down; negative when it is over.
        public var daysLeft: Int64?
        /// Whether it is a grant that was ended already.
        public var ended: OAuthError.Code?

        /// The stage of warning: 30, 7, 1, or 0 when it is over; `nil` as long as there is nothing to warn of.
        public var stage: Int64? {
            if ended != nil { return 0 }
            guard let daysLeft else { return nil }
            if daysLeft < 0 { return 0 }
            return CredentialExpiry.warningDays.last { daysLeft < $0 }
        }

        /// What to tell people; `nil` as long as there is nothing to warn of.
        public var warning: String? {
            guard let stage else { return nil }
            let remedy = "Give it another: drawbridge source credential \(source)."
            if stage == 0 { return "The credential of '\(source)' is over. \(remedy)" }
            let left = daysLeft ?? 0
            let words = left == 0 ? "within a day" : left == 1 ? "in a day" : "in \(left) days"
            return "The credential of '\(source)' ends \(words). \(remedy)"
        }
    }

    /// How a source's credential stands at `now`.
    ///
    /// - Parameter key: Opens which grant a source uses; without it only what somebody said counts.
    public static func standing(
        of source: Source, key: SecretKey?, now: Timestamp, in connection: Connection
    ) throws -> Standing {
        var standing = Standing(source: source.name, expires: try told(of: source.id, in: connection))
        if let key, let grant = try GrantRecords.grant(ofSource: source, key: key, in: connection) {
            standing.ended = grant.ended
            standing.expires = min(standing.expires ?? grant.lifetime(at: now).end, grant.lifetime(at: now).end)
        }
        standing.daysLeft = standing.expires.map { end in
            end > now ? (end.rawValue - now.rawValue) / day : -1
        }
        return standing
    }

    /// How every connected source's credential stands.
    public static func all(key: SecretKey?, now: Timestamp, in connection: Connection) throws -> [Standing] {
        try SourceRecords.all(in: connection, includingRemoved: false).map {
            try standing(of: $0, key: key, now: now, in: connection)
        }
    }
}
