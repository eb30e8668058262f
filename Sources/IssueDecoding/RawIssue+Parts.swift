extension RawIssue {
    /// The pieces by the names under which they are stored: `issue`, `comments`, `worklogs`, `changelog`.
    public var parts: [(name: String, bytes: [UInt8])] {
        let all: [(String, [UInt8]?)] = [
            ("issue", issue), ("comments", comments), ("worklogs", worklogs), ("changelog", changelog),
        ]
        return all.compactMap { name, bytes in bytes.map { (name, $0) } }
    }

    /// Puts together again what ``parts`` took apart.
    ///
    /// - Returns: `nil` without the issue itself.
    public init?(part: (_ name: String) -> [UInt8]?) {
        guard let issue = part("issue") else { return nil }
        self.init(
            issue: issue, comments: part("comments"), worklogs: part("worklogs"), changelog: part("changelog"))
    }
}
