/// Why something could not be read for somebody. `description` is safe to log: it holds names that the caller gave and
/// ids, never content.
public struct ReadingError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened, why, and what to do.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// There is nothing by that name that this reader may see. Says the same whether it exists or not.
        public static let notFound = Code(rawValue: "not_found")
        /// No account is meant by what `--as` says.
        public static let unknownReader = Code(rawValue: "unknown_reader")
        /// Several accounts of one source are meant by what `--as` says.
        public static let ambiguousReader = Code(rawValue: "ambiguous_reader")
        /// The member may not be anybody at present.
        public static let suspendedReader = Code(rawValue: "suspended_reader")
        /// There is no source of that name.
        public static let unknownSource = Code(rawValue: "unknown_source")
        /// The issue is in several sources.
        public static let ambiguousIssue = Code(rawValue: "ambiguous_issue")
        /// The source has no such group, role, account or field, or several.
        public static let unknownHolder = Code(rawValue: "unknown_holder")
        /// The source has no such security level, or several.
        public static let unknownLevel = Code(rawValue: "unknown_level")
        /// The stored copy of an issue cannot be read.
        public static let damaged = Code(rawValue: "record_damaged")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }

    /// The one answer for an issue that does not exist and for one that the reader may not see.
    static func noSuchIssue(_ reference: String) -> ReadingError {
        ReadingError(
            .notFound, "There is no issue \(quoted(reference)), or you do not have permission to see it. Check the key."
        )
    }

    /// What a caller gave, short enough and clean enough to be repeated in a message.
    static func quoted(_ text: String) -> String {
        let clean = text.unicodeScalars.prefix(80).map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }
        return "“\(clean.joined())\(text.unicodeScalars.count > 80 ? "…" : "")”"
    }
}
