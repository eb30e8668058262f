import SimulatedData
import SimulatedRules
import SimulatedSite

extension JQLSearch {
    func predicate(_ field: JQLField, _ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        switch field {
        case .created, .updated, .resolved: return try momentPredicate(field, condition)
        case .due: return try duePredicate(condition)
        case .text, .summary, .description, .environment, .comment: return try textPredicate(field, condition)
        case .custom(let definition): return try customPredicate(definition, condition)
        case .id, .key: return try keyPredicate(condition)
        case .priority where condition.relation.isComparison: return try priorityPredicate(condition)
        case .rank: throw unsupported(condition)
        default: return try choicePredicate(field, condition)
        }
    }

    func unsupported(_ condition: JQLQuery.Condition) -> JQLError {
        JQLError("The operator '\(condition.relation.rawValue)' is not supported by the '\(condition.field)' field.")
    }

    func missing(_ value: String, _ condition: JQLQuery.Condition) -> JQLError {
        JQLError("The value '\(value)' does not exist for the field '\(condition.field)'.")
    }

    /// The operand as single operands; EMPTY stands for itself.
    func operands(_ condition: JQLQuery.Condition) -> [JQLQuery.Operand] {
        if case .list(let elements) = condition.operand { return elements.flatMap { flatten($0) } }
        return [condition.operand]
    }

    private func flatten(_ operand: JQLQuery.Operand) -> [JQLQuery.Operand] {
        if case .list(let elements) = operand { return elements.flatMap { flatten($0) } }
        return [operand]
    }

    // MARK: Fields with a fixed set of values

    /// A condition on numbers that stand for values: `=`, `!=`, `IN`, `NOT IN`, `IS EMPTY`.
    ///
    /// An unequal or not-in condition leaves out issues whose field is empty, as Jira does.
    private func choicePredicate(_ field: JQLField, _ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        guard condition.relation.isChoice else { throw unsupported(condition) }
        var wanted: Set<Int> = []
        var wantsEmpty = false
        var labels: Set<String> = []
        for operand in operands(condition) {
            if operand == .empty {
                wantsEmpty = true
            } else if case .value(let text) = operand, field == .labels {
                labels.insert(text.lowercased())
            } else {
                wanted.formUnion(try values(of: operand, field, condition))
            }
        }
        let isNegative = condition.relation.isNegative
        if field == .labels {
            return { [state] ordinal in
                let present = state.traits(of: ordinal).labels
                if present.isEmpty { return !isNegative && wantsEmpty }
                return present.contains { labels.contains($0.lowercased()) } != isNegative
            }
        }
        if let single = singleValue(field) {
            return { [state, wanted] ordinal in
                let value = single(state.row(ordinal))
                if value == Int.min { return !isNegative && wantsEmpty }
                return wanted.contains(value) != isNegative
            }
        }
        let several = severalValues(field)
        return { [wanted] ordinal in
            let present = several(ordinal)
            if present.isEmpty { return !isNegative && wantsEmpty }
            return present.contains { wanted.contains($0) } != isNegative
        }
    }

    /// The value of a field with at most one, `Int.min` when empty.
    private func singleValue(_ field: JQLField) -> ((IssueRow) -> Int)? {
        let categories = state.catalogue.statuses.map(\.category)
        func optional(_ value: some BinaryInteger, _ empty: Int) -> Int { Int(value) == empty ? Int.min : Int(value) }
        switch field {
        case .project: return { Int($0.project) }
        case .type: return { Int($0.type) }
        case .status: return { Int($0.status) }
        case .statusCategory: return { categories[Int($0.status)] }
        case .priority: return { Int($0.priority) }
        case .resolution: return { optional($0.resolution, -1) }
        case .assignee: return { optional($0.assignee, -1) }
        case .reporter: return { optional($0.reporter, -1) }
        case .creator: return { optional($0.creator, -1) }
        case .level: return { optional($0.level, 0) }
        case .parent: return { optional($0.parent, -1) }
        default: return nil
        }
    }

    /// The values of a field that may have several; versions and components as ids.
    private func severalValues(_ field: JQLField) -> (Int) -> [Int] {
        let state = state
        switch field {
        case .component:
            return { ordinal in
                let project = Int(state.row(ordinal).project)
                return state.traits(of: ordinal).components.map { state.projects[project].components[$0].id }
            }
        case .fixVersion:
            return { ordinal in
                let project = Int(state.row(ordinal).project)
                return state.traits(of: ordinal).fixVersions.map { state.projects[project].versions[$0].id }
            }
        case .affectedVersion:
            return { ordinal in
                let project = Int(state.row(ordinal).project)
                return state.traits(of: ordinal).affectedVersions.map { state.projects[project].versions[$0].id }
            }
        default: return { state.traits(of: $0).sprints }
        }
    }

    // MARK: Keys

    private func keyPredicate(_ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        var wanted: Set<Int> = []
        for operand in operands(condition) {
            guard case .value(let text) = operand else { throw unsupported(condition) }
            guard let ordinal = state.ordinal(idOrKey: text), visible.contains(ordinal) else {
                if !validates, condition.relation == .isIn || condition.relation == .isNotIn { continue }
                if Int(text) != nil {
                    throw JQLError("A value with ID '\(text)' does not exist for the field '\(condition.field)'.")
                }
                guard text.contains("-") else {
                    throw JQLError("The issue key '\(text)' for field '\(condition.field)' is invalid.")
                }
                throw JQLError("An issue with key '\(text)' does not exist for field '\(condition.field)'.")
            }
            wanted.insert(ordinal)
        }
        switch condition.relation {
        case .equals, .isIn: return { [wanted] in wanted.contains($0) }
        case .differs, .isNotIn: return { [wanted] in !wanted.contains($0) }
        case .less, .atMost, .greater, .atLeast:
            guard let limit = wanted.first.map({ state.row($0) }) else { throw unsupported(condition) }
            let relation = condition.relation
            // By id all issues compare; by key only those of the same project.
            let isByID = condition.field.lowercased() == "id"
            return { [state] ordinal in
                let row = state.row(ordinal)
                if isByID { return relation.holds(row.ordinal, limit.ordinal) }
                return row.project == limit.project && relation.holds(row.number, limit.number)
            }
        default: throw unsupported(condition)
        }
    }

    private func priorityPredicate(_ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        guard let limit = try values(of: condition.operand, .priority, condition).first else {
            throw unsupported(condition)
        }
        let relation = condition.relation
        // Position 0 is the highest priority, so the comparison turns round.
        return { [state] in relation.holds(-Int(state.row($0).priority), -limit) }
    }
}

extension JQLQuery.Relation {
    var isComparison: Bool {
        switch self {
        case .less, .atMost, .greater, .atLeast: true
        default: false
        }
    }

    var isChoice: Bool {
        switch self {
        case .equals, .differs, .isIn, .isNotIn, .isEmpty, .isNotEmpty: true
        default: false
        }
    }

    var isNegative: Bool { self == .differs || self == .isNotIn || self == .isNotEmpty || self == .lacks }

    func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .less: left < right
        case .atMost: left <= right
        case .greater: left > right
        case .atLeast: left >= right
        case .differs: left != right
        default: left == right
        }
    }
}
