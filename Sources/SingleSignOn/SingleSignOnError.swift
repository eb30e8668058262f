/// Why nobody was signed in. `description` holds no token, code, address or claim and is safe to log.
public struct SingleSignOnError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do, for the person in front of the page.
    public var message: String

    /// The kind of failure; open, so that a new one breaks no caller.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// A setting is missing or cannot be used.
        public static let misconfigured = Code(rawValue: "sso_misconfigured")
        /// The provider did not answer.
        public static let unreachable = Code(rawValue: "sso_unreachable")
        /// The provider answered with something that is not what the standard says.
        public static let providerInvalid = Code(rawValue: "sso_provider_invalid")
        /// The browser brought no ticket, or the ticket of another sign-in: it began elsewhere, or cookies are off.
        public static let notStartedHere = Code(rawValue: "sso_not_started_here")
        /// More than ten minutes passed since the sign-in began.
        public static let tooLate = Code(rawValue: "sso_too_late")
        /// The person or the provider said no.
        public static let refused = Code(rawValue: "sso_refused")
        /// The provider did not take this program's id, secret, address or code.
        public static let exchangeRefused = Code(rawValue: "sso_exchange_refused")
        /// The identity token does not hold.
        public static let tokenInvalid = Code(rawValue: "sso_token_invalid")
        /// The identity token is signed with a key that the provider does not publish.
        public static let keyUnknown = Code(rawValue: "sso_key_unknown")
        /// The clocks of the two machines differ by more than a minute.
        public static let clockSkew = Code(rawValue: "sso_clock_skew")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
