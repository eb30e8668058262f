/// Why something could not be put on the trail. Holds nothing of what was to be put there.
public struct AuditError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The details are longer than a row may be.
        public static let tooLarge = Code(rawValue: "audit_details_too_large")
        /// The chain does not hold.
        public static let broken = Code(rawValue: "audit_trail_broken")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
