extension Document {
    /// Reads Jira's wiki markup.
    public init(wiki: String, limits: DocumentLimits = .standard) throws(DocumentError) {
        try self.init(plainText: wiki, limits: limits)
    }
}
