import FastJSON

/// A real issue's text, read from a corpus file.
public struct CorpusIssue: Sendable, Hashable {
    public enum Format: Sendable { case markdown, wiki }

    /// The key in its own tracker, or `id:N` for a row without one.
    public var reference: String
    public var project: String
    public var projectName: String?
    public var summary: String
    public var description: String
    public var format: Format
    public var comments: [String]

    public init(
        reference: String, project: String, projectName: String? = nil, summary: String, description: String = "",
        format: Format = .wiki, comments: [String] = []
    ) {
        self.reference = reference
        self.project = project
        self.projectName = projectName
        self.summary = summary
        self.description = description
        self.format = format
        self.comments = comments
    }

    /// The number in the key, kept when the row becomes an issue; nil where the row has no key of its project.
    public var keyNumber: Int? {
        guard reference.hasPrefix(project + "-") else { return nil }
        return Int(reference.dropFirst(project.count + 1)).flatMap { (1...9_999_999).contains($0) ? $0 : nil }
    }

    /// Reads a corpus file as it lies on disk: JSON Lines, plain or compressed with gzip, of at most 1 GB.
    ///
    /// - Throws: ``CorpusError``; its line is 0 when the file as a whole is the trouble.
    public static func load(file bytes: [UInt8]) throws(CorpusError) -> [CorpusIssue] {
        guard Gzip.isCompressed(bytes) else { return try load(jsonLines: bytes) }
        return try load(jsonLines: Gzip.decompress(bytes, limit: 1_000_000_000))
    }

    /// Reads a corpus: one JSON object a line with `project`, `summary` and, if known, `key` or `id`, `description`,
    /// `descriptionFormat`, `projectName` and `comments`.
    ///
    /// Bodies longer than 32,767 characters, Jira's own limit, are cut there.
    ///
    /// - Throws: ``CorpusError`` naming the first line that is not such an object.
    public static func load(jsonLines bytes: [UInt8]) throws(CorpusError) -> [CorpusIssue] {
        let parser = JSONParser()
        var issues: [CorpusIssue] = []
        var line = 0
        for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            if text.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
            let issue: CorpusIssue?
            do {
                issue = try parser.parse(Array(text)) { CorpusIssue($0) }
            } catch {
                throw CorpusError(line: line, reason: "\(error)")
            }
            guard let issue else { throw CorpusError(line: line, reason: "project or summary is missing") }
            issues.append(issue)
        }
        return issues
    }

    private init?(_ view: JSONView) {
        guard let project = view["project"]?.string, let summary = view["summary"]?.string,
            let key = Self.projectKey(project)
        else { return nil }
        self.project = key
        self.summary = String(summary.prefix(255))
        let id = view["id"].flatMap { $0.string ?? $0.integer.map(String.init) }
        reference = view["key"]?.string ?? id.map { "id:\($0)" } ?? ""
        projectName = view["projectName"]?.string
        description = String((view["description"]?.string ?? "").prefix(32_767))
        format = view["descriptionFormat"]?.string == "markdown" ? .markdown : .wiki
        comments = []
        guard let comments = view["comments"], comments.kind == .array else { return }
        for comment in comments.elements {
            if let body = comment["body"]?.string, !body.isEmpty { self.comments.append(String(body.prefix(32_767))) }
        }
    }

    /// Jira's project keys are letters and digits, a letter first.
    private static func projectKey(_ text: String) -> String? {
        let key = text.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return key.first?.isLetter == true ? key : nil
    }
}

/// Why a corpus file cannot be used.
public struct CorpusError: Error, Hashable, Sendable, CustomStringConvertible {
    public let line: Int
    public let reason: String

    public var description: String { "corpus line \(line): \(reason)" }
}
