internal import Database
internal import IssueModel
internal import SearchLanguage

/// Finds the issues that a query holds for, inside one view.
struct Evaluator {
    let connection: Connection
    let state: SearchState
    let columns: IssueColumns
    let view: AllowedView
    let names: NameTables
    let request: SearchRequest
    let analyser: TextAnalyser
    /// Lookups by term, so that none is made twice.
    private var leaves: [TextTerm: [Leaf]] = [:]
    /// Issues whose key is written in the query as a word.
    private(set) var keyed: [Int] = []

    init(
        connection: Connection, state: SearchState, columns: IssueColumns, view: AllowedView, names: NameTables,
        request: SearchRequest, analyser: TextAnalyser
    ) {
        self.connection = connection
        self.state = state
        self.columns = columns
        self.view = view
        self.names = names
        self.request = request
        self.analyser = analyser
    }

    /// The visible issues that `node` holds for, among `candidates`.
    mutating func matches(_ node: QueryNode, among candidates: IssueSet) throws -> IssueSet {
        switch node {
        case .everything: return candidates
        case .text(let term): return try matches(term).intersection(candidates)
        case .filter(let filter): return try matches(filter, among: candidates)
        case .not(let inside):
            var rest = candidates
            rest.subtract(try matches(inside, among: candidates))
            return rest
        case .or(let choices):
            var union = IssueSet(capacity: columns.records.count)
            for choice in choices { union.formUnion(try matches(choice, among: candidates)) }
            return union
        case .and(let parts):
            // Text first: it is looked up, while filters go through the candidates one by one.
            var rest = candidates
            for part in parts.filter(\.isText) + parts.filter({ !$0.isText }) { rest = try matches(part, among: rest) }
            return rest
        }
    }

    private mutating func matches(_ term: TextTerm) throws -> IssueSet {
        let found = try leaves(of: term)
        var issues = found.first?.issues ?? IssueSet(capacity: columns.records.count)
        for leaf in found.dropFirst() { issues.formIntersection(leaf.issues) }
        if term.kind == .word, let key = IssueKey(term.text) {
            for issue in try self.issues(withKey: key.description) {
                issues.insert(issue)
                if !keyed.contains(issue) { keyed.append(issue) }
            }
        }
        return issues
    }

    /// The lookups of a term, made now or earlier.
    mutating func leaves(of term: TextTerm) throws -> [Leaf] {
        if let known = leaves[term] { return known }
        let found = try TermPlan.plans(for: term, analyser).map { plan in
            Leaf(
                plan, try state.postings(plan.expression, version: columns.version, in: connection), view,
                capacity: columns.records.count)
        }
        leaves[term] = found
        return found
    }

    /// The visible issues that have, or once had, a key.
    func issues(withKey key: String) throws -> [Int] {
        let ids = try connection.rows(
            """
            SELECT issue_id FROM source s JOIN issue_key k ON k.source_id = s.id AND k.key = ? ORDER BY s.id
            """, key.uppercased()
        ) { $0.int(0) }
        return ids.filter { view.issues.contains($0) }
    }
}

extension QueryNode {
    /// Whether it looks words up, outside any exclusion.
    var isText: Bool {
        switch self {
        case .text: true
        case .everything, .filter, .not: false
        case .and(let parts), .or(let parts): parts.contains(where: \.isText)
        }
    }

    /// The terms it looks for, without those it excludes.
    var terms: [TextTerm] {
        switch self {
        case .text(let term): [term]
        case .everything, .filter, .not: []
        case .and(let parts), .or(let parts): parts.flatMap(\.terms)
        }
    }

    /// The same without the terms for which `dropped` holds, outside exclusions; `nil` when nothing is left.
    func without(_ dropped: (TextTerm) -> Bool) -> QueryNode? {
        switch self {
        case .text(let term): dropped(term) ? nil : self
        case .and(let parts): QueryParser.join(parts.compactMap { $0.without(dropped) }, QueryNode.and)
        case .or(let parts): QueryParser.join(parts.compactMap { $0.without(dropped) }, QueryNode.or)
        case .everything, .filter, .not: self
        }
    }

    /// A plain query with its words as alternatives: any of them instead of all.
    var widened: QueryNode {
        guard case .and(let parts) = self else { return self }
        let words = parts.filter(\.isText)
        let rest = parts.filter { !$0.isText }
        return QueryParser.join([QueryParser.join(words, QueryNode.or)].compactMap { $0 } + rest, QueryNode.and) ?? self
    }
}
