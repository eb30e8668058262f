/// Why bytes could not be packed or read back. `description` is safe to log.
public struct PackingError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// Not what was packed.
        public static let damaged = Code(rawValue: "packing_damaged")
        /// More than is taken, or than there is memory for.
        public static let tooLarge = Code(rawValue: "packing_too_large")
    }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
