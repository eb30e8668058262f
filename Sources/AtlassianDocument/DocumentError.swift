/// Why a text could not be read as a document.
///
/// The description carries no part of the text and is safe to log.
public struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was; further codes may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// Blocks are nested deeper than ``DocumentLimits/maximumDepth``.
        public static let tooDeep = Code("too_deep")
        /// The text, or the tree it makes, is larger than ``DocumentLimits`` allows.
        public static let tooLarge = Code("too_large")
        /// The JSON is not an Atlassian document: not an object with a `type`.
        public static let notADocument = Code("not_a_document")
        /// The text is not well-formed JSON.
        public static let invalidJSON = Code("invalid_json")
        /// The bytes are not UTF-8.
        public static let notUTF8 = Code("not_utf8")
    }

    public let code: Code
    /// What happened and what to do, in one or two sentences.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "document not readable (\(code)): \(message)" }

    static func tooDeep(_ limit: Int) -> DocumentError {
        DocumentError(.tooDeep, "its parts are nested more than \(limit) levels deep; show the raw text instead")
    }

    static func tooLarge(_ what: String, _ limit: Int) -> DocumentError {
        DocumentError(.tooLarge, "it has more than \(limit) \(what); show the raw text instead")
    }
}

/// How large a document may be. Jira itself allows 32,767 characters a field by default.
public struct DocumentLimits: Hashable, Sendable {
    /// Levels of nested nodes. Defaults to 128; Jira's own editor makes fewer than 20.
    public var maximumDepth: Int
    /// Nodes of the tree. Defaults to 1,000,000.
    public var maximumNodes: Int
    /// Bytes of source text, and of the text and attributes the tree keeps. Defaults to 16 MiB.
    public var maximumBytes: Int

    public init(maximumDepth: Int = 128, maximumNodes: Int = 1_000_000, maximumBytes: Int = 16 << 20) {
        self.maximumDepth = maximumDepth
        self.maximumNodes = maximumNodes
        self.maximumBytes = maximumBytes
    }

    public static let standard = DocumentLimits()
}
