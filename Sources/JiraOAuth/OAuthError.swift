/// Why a grant could not be had or used. `description` holds no token, code or address and is safe to log.
public struct OAuthError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened, why, and what to do, for the person who connects.
    public var message: String

    /// The kind of failure; open, so that a new one breaks no caller.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// A setting is missing or cannot be used.
        public static let misconfigured = Code(rawValue: "oauth_misconfigured")
        /// The browser came back to another address than the one registered with Atlassian.
        public static let callbackMismatch = Code(rawValue: "oauth_callback_mismatch")
        /// The consent did not begin in this browser.
        public static let notStartedHere = Code(rawValue: "oauth_not_started_here")
        /// More than ten minutes passed since the consent began.
        public static let tooLate = Code(rawValue: "oauth_too_late")
        /// The person said no.
        public static let refused = Code(rawValue: "oauth_refused")
        /// Atlassian does not accept the app's id and secret.
        public static let appRefused = Code(rawValue: "oauth_app_refused")
        /// Atlassian does not accept the code: used before, too old, or for another address.
        public static let codeRefused = Code(rawValue: "oauth_code_refused")
        /// The grant lacks a scope that was asked for.
        public static let scopeMissing = Code(rawValue: "oauth_scope_missing")
        /// The grant is for no Jira site, or not for the one wanted.
        public static let noSite = Code(rawValue: "oauth_no_site")
        /// The grant was not used for 90 days.
        public static let grantInactive = Code(rawValue: "oauth_grant_inactive")
        /// The grant is older than 365 days.
        public static let grantExpired = Code(rawValue: "oauth_grant_expired")
        /// The grant was revoked, or its refresh token was used by somebody else.
        public static let grantRevoked = Code(rawValue: "oauth_grant_revoked")
        /// There is no such grant here.
        public static let grantUnknown = Code(rawValue: "oauth_grant_unknown")
        /// What is kept was sealed with another key.
        public static let keyMissing = Code(rawValue: "key_missing")
        /// Atlassian cannot be reached or fails at present.
        public static let unavailable = Code(rawValue: "oauth_unavailable")
        /// The answer is not what Atlassian documents.
        public static let undecodable = Code(rawValue: "oauth_undecodable")
        /// What was renewed could not be stored.
        public static let notStored = Code(rawValue: "oauth_not_stored")
        /// The task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }

    /// Whether only a new consent helps.
    public var endsGrant: Bool {
        [Code.grantInactive, .grantExpired, .grantRevoked, .grantUnknown, .keyMissing].contains(code)
    }
}
