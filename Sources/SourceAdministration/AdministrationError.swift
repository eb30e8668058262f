/// Why something cannot be done to a source as it was asked. `description` holds only what the asker gave.
public struct AdministrationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What is wrong, and what would be right.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A value that cannot be.
        public static let invalid = Code(rawValue: "invalid_value")
        /// Stored issues would be destroyed, and nobody said that they may be.
        public static let wouldDestroy = Code(rawValue: "would_destroy")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
