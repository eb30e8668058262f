public import SimulatedData
import SimulatedRules
public import SimulatedSite

extension JQLQuery {
    /// Whether one issue matches, whoever may see it: as filters of webhooks are applied.
    ///
    /// - Throws: ``JQLError`` for a name or value that does not exist.
    public func matches(issue ordinal: Int, in state: SiteState, now: Milliseconds) throws(JQLError) -> Bool {
        guard let clause else { return true }
        let search = JQLSearch(
            state: state, caller: .user(WellKnown.admin), now: now, visible: VisibleIssues(all: state))
        return try search.compile(clause, isNegated: false)(ordinal)
    }

    /// Every condition, wherever it stands.
    package var conditions: [Condition] {
        func all(_ clause: Clause) -> [Condition] {
            switch clause {
            case .and(let clauses), .or(let clauses): clauses.flatMap(all)
            case .not(let inner): all(inner)
            case .condition(let condition): [condition]
            }
        }
        return clause.map(all) ?? []
    }
}

extension JQLQuery.Condition {
    /// Whether it asks for equality with some values.
    package var isPlainChoice: Bool { [.equals, .differs, .isIn, .isNotIn].contains(relation) }
}
