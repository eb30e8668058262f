/// Why a delivery was not taken, or a webhook could not be set up.
///
/// `description` is safe to log: it holds no content, no secret and no address.
public struct WebhookError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// The body is not one JSON object.
        public static let malformed = Code(rawValue: "malformed")
        /// The body is larger than is taken.
        public static let tooLarge = Code(rawValue: "too_large")
        /// The signature or token is missing or wrong.
        public static let notAuthentic = Code(rawValue: "not_authentic")
        /// The inbox takes nothing at present: disk full, or too much waits already.
        public static let cannotStore = Code(rawValue: "cannot_store")
        /// The address under which Jira is to reach this installation is not one.
        public static let badAddress = Code(rawValue: "bad_address")
        /// The webhook cannot be had in the way that was asked for.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The secrets were sealed with another key file.
        public static let keyMissing = Code(rawValue: "key_missing")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
