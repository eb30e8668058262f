public import SimulatedData
public import SimulatedRules
public import SimulatedSite

/// What a search found.
public struct JQLResult: Sendable {
    /// Ordinals of the matching issues the caller may see, in the order asked for.
    public let ordinals: [Int32]

    public var total: Int { ordinals.count }
}

/// Runs a parsed query over one picture of the site, for one caller.
public struct JQLSearch {
    /// Whether an issue, given by its ordinal, matches.
    typealias Predicate = (Int) -> Bool

    let state: SiteState
    let caller: Caller
    let now: Milliseconds
    let visible: VisibleIssues
    let evaluator: PermissionEvaluator
    let person: PermissionEvaluator.Person
    let zone: SiteTimeZone
    /// Whether keys and ids of issues the caller does not see are mistakes.
    var validates = true

    public init(state: SiteState, caller: Caller, now: Milliseconds, visible: VisibleIssues) {
        self.state = state
        self.caller = caller
        self.now = now
        self.visible = visible
        evaluator = PermissionEvaluator(state)
        person = evaluator.person(caller)
        if case .user(let user) = caller { zone = state.users[user].timeZone } else { zone = .utc }
    }

    /// Finds the issues that match and the caller may see.
    ///
    /// - Throws: ``JQLError`` for a name, value or function that does not exist.
    public func run(_ query: JQLQuery) throws(JQLError) -> JQLResult {
        let orders = try query.order.map { order throws(JQLError) in
            (field: try sortField(order.field), isDescending: order.isDescending)
        }
        let predicate = try query.clause.map { clause throws(JQLError) in try compile(clause, isNegated: false) }
        let range = bounds(query.clause)
        let byUpdate = orders.first?.field == .updated || (range.updated != nil && range.created == nil)
        var found: [Int32] = []
        func consider(_ ordinal: Int) {
            guard visible.contains(ordinal), predicate?(ordinal) ?? true else { return }
            found.append(Int32(ordinal))
        }
        if byUpdate {
            let limits = range.updated ?? (Int64.min...Int64.max)
            let start = state.firstUpdate { $0.updated >= limits.lowerBound }
            let end = state.firstUpdate { $0.updated > limits.upperBound }
            if start < end { for position in start..<end { consider(Int(state.byUpdated[position])) } }
        } else {
            let start = range.created.map { state.firstOrdinal(createdFrom: $0.lowerBound) } ?? 0
            let limit = range.created?.upperBound ?? .max
            let end = limit == .max ? state.issueCount : state.firstOrdinal(createdFrom: limit + 1)
            if start < end { for ordinal in start..<end { consider(ordinal) } }
        }
        sort(&found, orders, isByUpdate: byUpdate, hasText: mentionsText(query.clause))
        return JQLResult(ordinals: found)
    }

    // MARK: Narrowing

    private struct Bounds {
        var created: ClosedRange<Milliseconds>?
        var updated: ClosedRange<Milliseconds>?
    }

    /// What the conditions that must all hold say about creation and update, so that only that part is looked at.
    private func bounds(_ clause: JQLQuery.Clause?) -> Bounds {
        var bounds = Bounds()
        let conditions: [JQLQuery.Clause] =
            switch clause {
            case .and(let clauses): clauses
            case .condition: clause.map { [$0] } ?? []
            default: []
            }
        for case .condition(let condition) in conditions {
            guard let field = JQLField(condition.field, in: state), field == .created || field == .updated,
                let limits = try? momentRange(condition)
            else { continue }
            if field == .created { bounds.created = intersection(bounds.created, limits) }
            if field == .updated { bounds.updated = intersection(bounds.updated, limits) }
        }
        return bounds
    }

    private func intersection(
        _ first: ClosedRange<Milliseconds>?, _ second: ClosedRange<Milliseconds>
    ) -> ClosedRange<Milliseconds> {
        guard let first else { return second }
        let low = max(first.lowerBound, second.lowerBound)
        let high = min(first.upperBound, second.upperBound)
        return low <= high ? low...high : .max ... .max
    }

    private func mentionsText(_ clause: JQLQuery.Clause?) -> Bool {
        switch clause {
        case .and(let clauses), .or(let clauses): clauses.contains { mentionsText($0) }
        case .condition(let condition): condition.relation == .contains
        case .not, nil: false
        }
    }

    // MARK: Compiling

    /// Negation moves inwards to the conditions, so that `NOT (a = b)` leaves out empty fields just as `a != b` does.
    func compile(_ clause: JQLQuery.Clause, isNegated: Bool) throws(JQLError) -> Predicate {
        switch clause {
        case .not(let inner): return try compile(inner, isNegated: !isNegated)
        case .and(let clauses):
            return try join(clauses, isNegated: isNegated, needsAll: !isNegated)
        case .or(let clauses):
            return try join(clauses, isNegated: isNegated, needsAll: isNegated)
        case .condition(let condition):
            guard let field = JQLField(condition.field, in: state) else {
                throw JQLError(
                    "Field '\(condition.field)' does not exist or you do not have permission to view it.")
            }
            var condition = condition
            if isNegated { condition.relation = condition.relation.negated }
            return try predicate(field, condition)
        }
    }

    private func join(
        _ clauses: [JQLQuery.Clause], isNegated: Bool, needsAll: Bool
    ) throws(JQLError) -> Predicate {
        let parts = try clauses.map { clause throws(JQLError) in try compile(clause, isNegated: isNegated) }
        if needsAll { return { ordinal in parts.allSatisfy { $0(ordinal) } } }
        return { ordinal in parts.contains { $0(ordinal) } }
    }
}
