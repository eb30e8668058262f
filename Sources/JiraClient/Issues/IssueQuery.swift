public import IssueModel

/// Which issues to list, and in which order.
public struct IssueQuery: Hashable, Sendable {
    /// The restriction, in JQL. Empty means every issue; an `ORDER BY` in it is dropped for ``order``.
    public var jql: String
    public var order: Order
    /// Only issues whose ``order`` time is at or after this; a little earlier ones may come too.
    public var since: Timestamp?

    /// An order that a walk over many pages can keep.
    public struct Order: Hashable, Sendable {
        public var field: Field
        public var isAscending: Bool

        public enum Field: String, Hashable, Sendable { case created, updated }

        public init(_ field: Field, isAscending: Bool) {
            self.field = field
            self.isAscending = isAscending
        }

        public static let oldestFirst = Order(.created, isAscending: true)
        public static let newestFirst = Order(.created, isAscending: false)
        /// For deltas: an issue that changes during the walk only moves behind us.
        public static let leastRecentlyUpdatedFirst = Order(.updated, isAscending: true)
    }

    public init(jql: String = "", order: Order = .oldestFirst, since: Timestamp? = nil) {
        self.jql = jql
        self.order = order
        self.since = since
    }

    /// What changed at or after `moment`.
    public static func updated(since moment: Timestamp, jql: String = "") -> IssueQuery {
        IssueQuery(jql: jql, order: .leastRecentlyUpdatedFirst, since: moment)
    }

    /// The restriction and further `clauses`, always bounded as Cloud demands, then the order.
    func text(_ clauses: [String]) -> String {
        let restriction = JQL.restriction(of: jql)
        var parts = restriction.isEmpty ? [] : clauses.isEmpty ? [restriction] : ["(\(restriction))"]
        parts += clauses
        if parts.isEmpty { parts = ["created >= \"1970-01-01\""] }
        let direction = order.isAscending ? "ASC" : "DESC"
        return parts.joined(separator: " AND ") + " ORDER BY \(order.field.rawValue) \(direction), key \(direction)"
    }
}

/// The little of JQL's syntax that composing queries needs.
public enum JQL {
    /// A text as a JQL string literal.
    public static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }

    /// `project in ("A", "B")`.
    public static func projects(_ keys: [String]) -> String {
        "project in (\(keys.map(quoted).joined(separator: ", ")))"
    }

    /// `project in (10001, 10002)`: ids, which stay when a project's key changes.
    public static func projects(_ ids: [EntityID]) -> String {
        let ids = ids.map(\.rawValue).sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        let isSafe = ids.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }
        return isSafe ? "project in (\(ids.joined(separator: ", ")))" : projects(ids)
    }

    /// `jql` without its `ORDER BY`.
    public static func restriction(of jql: String) -> String {
        let text = Array(jql.utf8)
        var quote: UInt8?
        var position = 0
        while position < text.count {
            let byte = text[position]
            if quote != nil, byte == UInt8(ascii: "\\") {
                position += 1
            } else if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if quote == nil, startsOrderBy(text, position) {
                return trimmed(text[..<position])
            }
            position += 1
        }
        return trimmed(text[...])
    }

    private static func startsOrderBy(_ text: [UInt8], _ position: Int) -> Bool {
        if position > 0, isWord(text[position - 1]) { return false }
        let words = String(decoding: text[position...].prefix(64), as: UTF8.self).lowercased().split {
            $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r"
        }
        return words.count >= 2 && words[0] == "order" && words[1] == "by"
            && (text[position] | 0x20) == UInt8(ascii: "o")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
        let start = bytes.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }
        return end.map { String(decoding: start[...$0], as: UTF8.self) } ?? ""
    }
}
