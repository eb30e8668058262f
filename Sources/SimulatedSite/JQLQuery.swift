/// Why Jira refuses a search: its own messages, for a 400 answer's `errorMessages`.
public struct JQLError: Error, Hashable, Sendable, CustomStringConvertible {
    public let messages: [String]

    public init(_ message: String) {
        messages = [message]
    }

    public var description: String { messages.joined(separator: " ") }
}

/// A parsed search.
public struct JQLQuery: Sendable {
    /// Whether something other than the order restricts the result; Cloud refuses a search that nothing restricts.
    public let isBounded: Bool

    public init(parsing text: String, flavour: SiteFlavour) throws(JQLError) {
        isBounded = !text.isEmpty
    }
}

/// What a search found.
public struct JQLResult: Sendable {
    /// Ordinals of the matching issues, in the order asked for.
    public let ordinals: [Int32]
}

struct JQLSearch {
    let state: SiteState
    let caller: Caller
    let now: Int64
    let visible: VisibleIssues

    func run(_ query: JQLQuery) throws(JQLError) -> JQLResult { JQLResult(ordinals: visible.ordinals.map(Int32.init)) }
}
