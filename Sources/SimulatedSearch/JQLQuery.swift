/// Why Jira refuses a search: its own messages, for a 400 answer's `errorMessages`.
public struct JQLError: Error, Hashable, Sendable, CustomStringConvertible {
    public let messages: [String]

    public init(_ message: String) {
        messages = [message]
    }

    /// What Cloud answers to a search that only has an order.
    public static let unbounded = JQLError(
        "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")

    public var description: String { messages.joined(separator: " ") }
}

/// A parsed search: conditions and an order, names not yet looked up.
public struct JQLQuery: Sendable, Hashable {
    public indirect enum Clause: Sendable, Hashable {
        case and([Clause])
        case or([Clause])
        case not(Clause)
        case condition(Condition)
    }

    public struct Condition: Sendable, Hashable {
        /// As written, without quotes.
        public var field: String
        public var relation: Relation
        public var operand: Operand

        public init(field: String, relation: Relation, operand: Operand) {
            self.field = field
            self.relation = relation
            self.operand = operand
        }
    }

    public enum Relation: String, Sendable {
        case equals = "="
        case differs = "!="
        case contains = "~"
        case lacks = "!~"
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
        case isIn = "in"
        case isNotIn = "not in"
        case isEmpty = "is"
        case isNotEmpty = "is not"

        /// What holds instead when the condition is negated.
        public var negated: Relation {
            switch self {
            case .equals: .differs
            case .differs: .equals
            case .contains: .lacks
            case .lacks: .contains
            case .less: .atLeast
            case .atMost: .greater
            case .greater: .atMost
            case .atLeast: .less
            case .isIn: .isNotIn
            case .isNotIn: .isIn
            case .isEmpty: .isNotEmpty
            case .isNotEmpty: .isEmpty
            }
        }
    }

    public indirect enum Operand: Sendable, Hashable {
        case value(String)
        case empty
        case function(String, [String])
        case list([Operand])
    }

    public struct Order: Sendable, Hashable {
        public var field: String
        public var isDescending: Bool
    }

    /// nil when nothing restricts the result.
    public var clause: Clause?
    public var order: [Order]

    /// Whether something other than the order restricts the result.
    public var isBounded: Bool { clause != nil }

    /// Parses JQL as Jira does.
    ///
    /// - Parameter allowsBareWords: Cloud takes a query of nothing but words for a text search.
    /// - Throws: ``JQLError`` in Jira's words.
    public init(parsing text: String, allowsBareWords: Bool) throws(JQLError) {
        let tokens = try JQLLexer.tokens(of: text)
        do {
            var parser = JQLParser(tokens)
            self = try parser.query()
        } catch {
            guard allowsBareWords, !tokens.isEmpty, tokens.allSatisfy(\.isWord) else { throw error }
            let words = tokens.map(\.text).joined(separator: " ")
            self.init(
                clause: .condition(Condition(field: "text", relation: .contains, operand: .value(words))), order: [])
        }
    }

    init(clause: Clause?, order: [Order]) {
        self.clause = clause
        self.order = order
    }
}
