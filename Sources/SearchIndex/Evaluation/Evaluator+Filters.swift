internal import Database
internal import SearchLanguage
internal import Store

extension Evaluator {
    /// The issues among `candidates` that a filter holds for.
    func matches(_ filter: Filter, among candidates: IssueSet) throws -> IssueSet {
        switch filter.test {
        case .during(let from, let until):
            return select(candidates) { issue in
                guard let time = time(filter.field, issue) else { return false }
                return time >= from ?? .min && time < until ?? .max
            }
        case .empty: return select(candidates) { isEmpty(filter.field, $0) }
        case .anyOf(let values): return try matches(filter.field, values, among: candidates)
        case .noneOf(let values):
            var rest = select(candidates) { !isEmpty(filter.field, $0) }
            rest.subtract(try matches(filter.field, values, among: rest))
            return rest
        }
    }

    private func matches(
        _ field: FilterField, _ values: [Filter.Value], among candidates: IssueSet
    ) throws -> IssueSet {
        switch field {
        case .key:
            var found = IssueSet(capacity: columns.records.count)
            for value in values {
                let issues = try issues(withKey: value.text)
                guard !issues.isEmpty else { throw SearchError(FilterBuilder.unknown(value, in: .key, among: [])) }
                issues.forEach { found.insert($0) }
            }
            return found.intersection(candidates)
        case .has:
            var union = IssueSet(capacity: columns.records.count)
            for value in values { union.formUnion(try having(value, among: candidates)) }
            return union
        default:
            var ids: Set<Int32> = []
            for value in values { ids.formUnion(try self.ids(of: value, field)) }
            return select(candidates) { self.value($0, field, isIn: ids) }
        }
    }

    private func select(_ candidates: IssueSet, _ holds: (Int) -> Bool) -> IssueSet {
        var selected = candidates
        candidates.forEach { if !holds($0) { selected.remove($0) } }
        return selected
    }

    // MARK: Columns

    private func time(_ field: FilterField, _ issue: Int) -> Int64? {
        let record = columns.records[issue]
        switch field {
        case .created: return record.created
        case .updated: return record.updated
        case .resolved: return record.resolved == 0 ? nil : record.resolved
        default: return record.due == IssueRecord.noDay ? nil : request.clock.milliseconds(ofDay: Int(record.due))
        }
    }

    /// The one value of a field with a single value.
    private func single(_ field: FilterField, _ record: IssueRecord) -> Int32? {
        switch field {
        case .project: record.project
        case .type: record.type
        case .status, .category: record.status
        case .assignee: record.assignee
        case .reporter: record.reporter
        case .creator: record.creator
        case .priority: record.priority
        case .resolution: record.resolution
        case .level: record.level
        case .source: record.source
        default: nil
        }
    }

    private func value(_ issue: Int, _ field: FilterField, isIn ids: Set<Int32>) -> Bool {
        if let value = single(field, columns.records[issue]) { return ids.contains(value) }
        return columns.values(of: issue).contains { field.takes($0.kind) && ids.contains($0.id) }
    }

    private func isEmpty(_ field: FilterField, _ issue: Int) -> Bool {
        if field.isDate { return time(field, issue) == nil }
        if field == .key || field == .has || field == .is { return false }
        if let value = single(field, columns.records[issue]) { return value == 0 }
        return !columns.values(of: issue).contains { field.takes($0.kind) }
    }

    // MARK: has:

    private func having(_ value: Filter.Value, among candidates: IssueSet) throws -> IssueSet {
        var name = value.text.lowercased()
        if FilterField.Presence(rawValue: name) == nil, name.hasSuffix("s") { name.removeLast() }
        guard let presence = FilterField.Presence(rawValue: name) else {
            throw SearchError(
                FilterBuilder.unknown(value, in: .has, among: FilterField.Presence.allCases.map(\.rawValue)))
        }
        let kind: SearchPassage.Kind
        switch presence {
        case .link: return try linked().intersection(candidates)
        case .attachment: kind = .attachment
        case .comment: kind = .comment
        case .worklog: kind = .worklog
        case .description: kind = .description
        default:
            guard let field = FilterField(name: presence.rawValue) else { return candidates }
            return select(candidates) { !isEmpty(field, $0) }
        }
        return select(candidates) { view.kinds(of: $0, columns) & (1 << UInt32(kind.rawValue)) != 0 }
    }

    /// Issues with a link to an issue the reader may see too: Jira shows no other.
    private func linked() throws -> IssueSet {
        var found = IssueSet(capacity: columns.records.count)
        try connection.forEach(
            """
            SELECT l.issue_id, o.id FROM issue_link l JOIN issue i ON i.id = l.issue_id
            JOIN issue o ON o.source_id = i.source_id AND o.jira_id = l.other_jira_id
            """
        ) { row in
            if view.issues.contains(row.int(1)) { found.insert(row.int(0)) }
        }
        return found
    }
}

extension FilterField {
    /// Whether it reads this kind of `issue_value`.
    fileprivate func takes(_ kind: Int) -> Bool {
        guard let kind = IssueValueKind(rawValue: Int64(kind)) else { return false }
        return switch self {
        case .label: kind == .label
        case .component: kind == .component
        case .version: kind == .fixVersion || kind == .affectedVersion
        case .fixVersion: kind == .fixVersion
        case .affectedVersion: kind == .affectedVersion
        case .sprint: kind == .sprint
        default: false
        }
    }

    /// The kind of catalogue its values come from.
    var catalogue: CatalogueKind? {
        switch self {
        case .type: .type
        case .status: .status
        case .priority: .priority
        case .resolution: .resolution
        case .label: .label
        case .component: .component
        case .version, .fixVersion, .affectedVersion: .version
        case .sprint: .sprint
        default: nil
        }
    }
}
