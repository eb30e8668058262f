/// Why a sign-in, a session, a token or a member's change was refused. Holds no secret; tells an outsider nothing.
public struct SignInError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do, fit for whoever asked.
    public var message: String
    /// How long to wait before the next try, in seconds.
    public var retryAfter: Int?

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Nobody is signed in, or what was presented is no longer good (401).
        public static let notSignedIn = Code(rawValue: "not_signed_in")
        /// The role or the token's scopes do not suffice (403).
        public static let forbidden = Code(rawValue: "forbidden")
        /// A session's request that changes something did not prove to come from our own pages (403).
        public static let crossSite = Code(rawValue: "cross_site_request")
        /// The address or the password is wrong: which one is not told (401).
        public static let wrongCredentials = Code(rawValue: "wrong_credentials")
        /// The password is right, a code of the second factor is needed (401).
        public static let secondFactorNeeded = Code(rawValue: "second_factor_needed")
        /// Too many failures; see ``SignInError/retryAfter`` (429).
        public static let throttled = Code(rawValue: "too_many_attempts")
        /// Too many sign-ins go on at once (503).
        public static let busy = Code(rawValue: "sign_in_busy")
        /// The link was used, has expired or never was (404).
        public static let linkInvalid = Code(rawValue: "link_invalid")
        /// The new password is not acceptable (422).
        public static let weakPassword = Code(rawValue: "password_not_acceptable")
        /// It would leave the installation without an active owner (409).
        public static let lastOwner = Code(rawValue: "last_owner")
        /// A value is not acceptable (422).
        public static let invalid = Code(rawValue: "invalid_value")
        /// There is no such session, token or member (404).
        public static let notFound = Code(rawValue: "not_found")
        /// Something is there already, or not in the state that this needs (409).
        public static let conflict = Code(rawValue: "conflict")
        /// Single sign-on told nothing by which the person may come in (403).
        public static let notAdmitted = Code(rawValue: "not_admitted")
        /// A stored record can't be read back (500).
        public static let damaged = Code(rawValue: "record_damaged")
    }

    public init(_ code: Code, _ message: String, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The HTTP status that says this.
    public var status: Int {
        switch code {
        case .notSignedIn, .wrongCredentials, .secondFactorNeeded: 401
        case .forbidden, .crossSite, .notAdmitted: 403
        case .linkInvalid, .notFound: 404
        case .lastOwner, .conflict: 409
        case .weakPassword, .invalid: 422
        case .throttled: 429
        case .busy: 503
        default: 500
        }
    }

    public var description: String { "\(message) [\(code.rawValue)]" }

    /// No session or token, or one that is unknown, expired or revoked: the same words for all.
    public static let notSignedIn = SignInError(.notSignedIn, "Sign in, or send a valid API token.")
    /// The caller is known but may not do this.
    public static let forbidden = SignInError(.forbidden, "Your role, or the scopes of this token, do not allow this.")
}
