/// A condition on documents, whichever way it was written.
indirect enum Clause: Hashable, Sendable {
    case everything
    case nothing
    /// Words that are searched for as people type them.
    case words(String)
    /// A phrase or word, taken as it is.
    case text(String)
    case term(field: String, value: String)
    case compare(field: String, Comparison, value: String)
    case exists(field: String)
    case all([Clause])
    case any([Clause])
    case not(Clause)

    enum Comparison: String, Hashable, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case more = ">"
        case less = "<"
    }

    /// Conditions there may be in one request.
    static let limit = 500
}
