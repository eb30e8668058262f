/// The syntax a document is written in at Jira.
public enum DocumentSyntax: String, Hashable, Sendable, CaseIterable {
    /// Atlassian Document Format: JSON, Jira Cloud v3.
    case adf
    /// Jira's wiki markup: Data Center, Server, and Cloud v2.
    case wiki
}

/// What a document can be written as.
public enum DocumentFormat: String, Hashable, Sendable, CaseIterable {
    /// CommonMark with GitHub's tables, task lists and strikethrough.
    case markdown
    /// A safe HTML fragment.
    case html
    /// Plain text.
    case text
}

extension Document {
    /// Reads UTF-8 bytes in either syntax.
    public init(
        _ source: [UInt8], syntax: DocumentSyntax, limits: DocumentLimits = .standard
    ) throws(DocumentError) {
        switch syntax {
        case .adf: try self.init(adfText: source, limits: limits)
        case .wiki:
            guard let text = String(validating: source, as: UTF8.self) else {
                throw DocumentError(.notUTF8, "the bytes are not valid UTF-8; convert them first")
            }
            try self.init(wiki: text, limits: limits)
        }
    }

    /// The document in the given format.
    public func written(as format: DocumentFormat, links: DocumentLinks = .none) -> String {
        switch format {
        case .markdown: markdown(links: links)
        case .html: html(links: links)
        case .text: plainText()
        }
    }

    /// Converts a document from one notation to another.
    public static func convert(
        _ source: [UInt8], from syntax: DocumentSyntax, to format: DocumentFormat,
        limits: DocumentLimits = .standard
    ) throws(DocumentError) -> String {
        try Document(source, syntax: syntax, limits: limits).written(as: format)
    }
}
