import IssueModel
import SearchLanguage

/// A tree in one line, for comparing.
func text(_ node: QueryNode) -> String {
    switch node {
    case .everything: "*"
    case .text(let term): text(term)
    case .filter(let filter): text(filter)
    case .not(let inside): "-" + text(inside)
    case .and(let parts): "(" + parts.map(text).joined(separator: " ") + ")"
    case .or(let parts): "(" + parts.map(text).joined(separator: " | ") + ")"
    }
}

private func text(_ term: TextTerm) -> String {
    let columns = term.columns == 7 ? "" : "@\(term.columns)"
    return switch term.kind {
    case .word: term.text + columns
    case .phrase: "\"\(term.text)\"" + columns
    case .prefix: "\(term.text)*" + columns
    }
}

private func text(_ filter: Filter) -> String {
    let name = filter.field.rawValue
    switch filter.test {
    case .anyOf(let values): return "\(name):" + values.map(\.text).joined(separator: ",")
    case .noneOf(let values): return "\(name)!=" + values.map(\.text).joined(separator: ",")
    case .empty: return "\(name):∅"
    case .during(let from, let until): return "\(name)[\(day(from))→\(day(until)))"
    }
}

private func day(_ time: Int64?) -> String {
    time.map { String(Timestamp(milliseconds: $0).rfc3339.prefix(16)) } ?? ""
}

/// 2024-05-15, a Wednesday, at half past ten in the evening, UTC.
let wednesday = DateExpression.Clock(now: Timestamp(milliseconds: 1_715_812_200_000))

/// A query and the tree it stands for.
struct Reading: CustomStringConvertible, Sendable {
    var query: String
    var tree: String

    init(_ query: String, _ tree: String) {
        self.query = query
        self.tree = tree
    }

    var description: String { String(query.prefix(40)) }
}
