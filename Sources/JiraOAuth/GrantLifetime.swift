public import IssueModel

/// How long a grant holds, by what is known of Atlassian's rules: 90 days without use end it, and 365 days anyway.
public struct GrantLifetime: Hashable, Sendable {
    /// Days without use after which a refresh token ends.
    public static let idleDays: Int64 = 90
    /// Days after the consent at which a grant ends. Not documented for every app; counted so that nobody is surprised.
    public static let absoluteDays: Int64 = 365
    private static let day: Int64 = 86_400_000

    /// When it ends if nobody uses it.
    public var idleEnd: Timestamp
    /// When the person has to consent again, however much it is used.
    public var absoluteEnd: Timestamp
    private let now: Timestamp

    init(_ grant: Grant, at now: Timestamp) {
        idleEnd = Timestamp(milliseconds: grant.renewed.rawValue + Self.idleDays * Self.day)
        absoluteEnd = Timestamp(milliseconds: grant.granted.rawValue + Self.absoluteDays * Self.day)
        self.now = now
    }

    /// The earlier of the two.
    public var end: Timestamp { min(idleEnd, absoluteEnd) }

    /// Whole days that are left, rounded down; negative when it is over.
    public var daysLeft: Int64 {
        let left = end.rawValue - now.rawValue
        return left >= 0 ? left / Self.day : -1
    }

    /// What a refused renewal means by the calendar.
    var reasonIfRefused: OAuthError.Code {
        if now >= absoluteEnd { return .grantExpired }
        return now >= idleEnd ? .grantInactive : .grantRevoked
    }
}

extension Grant {
    /// How long it holds from `now`.
    public func lifetime(at now: Timestamp) -> GrantLifetime { GrantLifetime(self, at: now) }
}

extension OAuthError {
    /// Why a grant is over, in words.
    static func ended(_ code: Code) -> OAuthError {
        switch code {
        case .grantInactive:
            OAuthError(
                code,
                "The OAuth grant was not used for \(GrantLifetime.idleDays) days, so Atlassian ended it. Connect again."
            )
        case .grantExpired:
            OAuthError(
                code, "The OAuth grant is over: it cannot be renewed any more. Connect again.")
        default:
            OAuthError(
                code,
                "Atlassian does not renew the OAuth grant any more: it was revoked, or its refresh token was used elsewhere, by a second installation or before a backup was put back. Connect again."
            )
        }
    }
}
