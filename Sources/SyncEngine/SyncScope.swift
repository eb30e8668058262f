public import FastJSON

/// Which part of a site a source reads.
public struct SyncScope: Hashable, Sendable {
    /// Project keys; empty is every project the credential can see.
    public var projects: [String]
    /// A further restriction in Jira's query language, without an order.
    public var jql: String?

    public init(projects: [String] = [], jql: String? = nil) {
        self.projects = projects.map { $0.uppercased() }
        self.jql = jql.map(Self.withoutOrder).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The query for issues of `projects` inside this scope, bounded as Jira demands, ordered by `order`.
    func query(projects keys: [String], and restriction: String? = nil, order: String) -> String {
        var clauses = ["project in (\(keys.map(Self.quoted).joined(separator: ", ")))"]
        if let jql { clauses.append("(\(jql))") }
        if let restriction { clauses.append(restriction) }
        return clauses.joined(separator: " AND ") + " ORDER BY \(order)"
    }

    /// A JQL string literal.
    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// `jql` up to an `ORDER BY` outside quotes, which would be nonsense inside parentheses.
    static func withoutOrder(_ jql: String) -> String {
        let text = Array(jql)
        var quote: Character?
        var position = 0
        while position < text.count {
            let character = text[position]
            if let open = quote {
                if character == "\\" { position += 1 } else if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if position == 0 || text[position - 1].isWhitespace || text[position - 1] == ")",
                startsOrder(text[position...])
            {
                return trimmed(String(text[..<position]))
            }
            position += 1
        }
        return trimmed(jql)
    }

    private static func startsOrder(_ text: ArraySlice<Character>) -> Bool {
        let words = String(text.prefix(64)).lowercased().split(whereSeparator: \.isWhitespace)
        return words.count >= 2 && words[0] == "order" && words[1] == "by"
    }

    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

extension SyncScope {
    /// Reads what ``json`` writes; anything else is the whole site.
    public init(json: JSONValue) {
        self.init(projects: (json["projects"]?.array ?? []).compactMap(\.string), jql: json["jql"]?.string)
    }

    public var json: JSONValue {
        .object([
            .init("projects", .array(projects.map { .string($0) })),
            .init("jql", jql.map { .string($0) } ?? .null),
        ])
    }
}
