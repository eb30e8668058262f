public import FastJSON

/// A rich text of Jira as one tree, whichever syntax it was written in.
///
/// The tree is kept flat – nodes in reading order over one run of bytes – so that the many documents of a large site
/// cost a few allocations each, and no depth of nesting can exhaust the stack when one is released. Walk it from
/// ``root``. Whatever a reader could not name is kept as JSON and written as a labelled fallback.
public struct Document: Hashable, Sendable {
    let nodes: [NodeRecord]
    let bytes: [UInt8]
    let attributes: [AttributeRecord]

    init(nodes: [NodeRecord], bytes: [UInt8], attributes: [AttributeRecord]) {
        self.nodes = nodes
        self.bytes = bytes
        self.attributes = attributes
    }

    /// An empty document.
    public init() {
        var root = NodeRecord(kind: .doc)
        root.end = 1
        self.init(nodes: [root], bytes: [], attributes: [])
    }

    /// Reads Atlassian Document Format (version 1) from parsed JSON.
    ///
    /// - Throws: ``DocumentError`` when it is not an object with a `type`, too deep or too large. What is merely
    ///   unknown or oddly placed is kept, never refused.
    public init(adf: JSONView, limits: DocumentLimits = .standard) throws(DocumentError) {
        var reader = ADFReader(limits: limits)
        try reader.readDocument(adf)
        self = reader.finish()
    }

    /// Reads Atlassian Document Format from JSON text; see ``init(adf:limits:)``.
    public init(adfText: [UInt8], limits: DocumentLimits = .standard) throws(DocumentError) {
        guard adfText.count <= limits.maximumBytes else { throw .tooLarge("bytes", limits.maximumBytes) }
        do {
            self = try JSONParser().parse(adfText) { try Document(adf: $0, limits: limits) }
        } catch let error as DocumentError {
            throw error
        } catch {
            throw DocumentError(.invalidJSON, "\(error)")
        }
    }

    /// Reads plain text: an empty line ends a paragraph, a line end is a line break. Nothing is interpreted.
    public init(plainText: String, limits: DocumentLimits = .standard) throws(DocumentError) {
        guard plainText.utf8.count <= limits.maximumBytes else { throw .tooLarge("bytes", limits.maximumBytes) }
        var builder = DocumentBuilder(limits: limits, expectedBytes: plainText.utf8.count)
        for line in plainText.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.allSatisfy(\.isWhitespace) {
                if builder.current == .paragraph { builder.close() }
                continue
            }
            if builder.current == .paragraph { try builder.leaf(.hardBreak) } else { try builder.open(.paragraph) }
            try builder.text(String(line))
        }
        self = builder.finish()
    }

    /// Whether the document has no node at all.
    public var isEmpty: Bool { nodes.count <= 1 }

    /// The text for searching and for terminals: one line a block, table cells parted by tabs.
    ///
    /// Link targets follow their text in brackets, mentions read `@Name`, dates are ISO 8601.
    public func plainText() -> String {
        String(decoding: plainTextBytes(), as: UTF8.self)
    }

    /// ``plainText()`` as UTF-8, for indexing without a string.
    public func plainTextBytes() -> [UInt8] {
        var writer = PlainTextWriter(self)
        return writer.write()
    }

    /// CommonMark with GitHub's tables, task lists and strikethrough; see `docs/documents.md` for the dialect.
    public func markdown(links: DocumentLinks = .none) -> String {
        var writer = MarkdownWriter(self, links: links)
        return writer.write()
    }

    /// An HTML fragment that is safe to insert into a page, whatever the document says.
    ///
    /// It has no script, no event handler, and no address but `http`, `https`, `mailto` and relative ones.
    public func html(links: DocumentLinks = .none) -> String {
        var writer = HTMLWriter(self, links: links)
        return writer.write()
    }
}
