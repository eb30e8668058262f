/// Why secrets could not be opened or sealed anew. Holds no secret.
public struct SecretsError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened, why, and what to do.
    public var message: String

    /// The kind of failure; open, so that a new one breaks no caller.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// What is given as a key is none.
        public static let keyInvalid = Code(rawValue: "key_invalid")
        /// The key file is missing or may not be read.
        public static let keyUnreadable = Code(rawValue: "key_unreadable")
        /// The secrets were sealed with another key.
        public static let keyDiffers = Code(rawValue: "key_differs")
        /// The new key could not be written.
        public static let keyNotWritten = Code(rawValue: "key_not_written")
        /// A sealed secret does not open.
        public static let secretDamaged = Code(rawValue: "secret_damaged")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
