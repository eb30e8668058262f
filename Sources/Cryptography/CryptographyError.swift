/// Why a secret could not be sealed, opened or checked. Holds no secret.
public struct CryptographyError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The key or the text is not of the length it must have.
        public static let malformed = Code(rawValue: "malformed")
        /// The text was changed, belongs to another record, or was sealed with another key.
        public static let notAuthentic = Code(rawValue: "not_authentic")
        /// It held only for a time, which is over.
        public static let expired = Code(rawValue: "expired")
        /// The library could not start or lacks memory.
        public static let unavailable = Code(rawValue: "cryptography_unavailable")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
