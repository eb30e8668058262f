internal import AccessControl
internal import IssueModel
internal import SearchLanguage
internal import Store

extension Evaluator {
    /// The numbers that a filter's value stands for.
    ///
    /// Only values that some visible issue has exist for the reader: any other is unknown, in the same words as one that
    /// is not in Jira at all, and suggestions come from the visible ones alone.
    func ids(of value: Filter.Value, _ field: FilterField) throws(SearchError) -> Set<Int32> {
        if field.isPerson, !value.isQuoted, value.text.lowercased() == "me" { return try mine(value) }
        if field == .category, let category = NameTables.category(named: value.text) {
            // The four categories always exist, whether or not an issue is in them.
            return Set(names.categories.filter { $0.value == category }.map(\.key))
        }
        let known = knownValues(field)
        let wanted = value.text.lowercased()
        var ids: Set<Int32> = []
        if !value.isQuoted, wanted.last == "*" {
            let beginning = wanted.dropLast()
            for entry in known where entry.names.contains(where: { $0.lowercased().hasPrefix(beginning) }) {
                ids.insert(entry.id)
            }
        } else {
            for entry in known where entry.names.contains(where: { $0.lowercased() == wanted }) { ids.insert(entry.id) }
            if ids.isEmpty, field.isPerson { ids = people(wanted, known) }
        }
        guard ids.isEmpty else { return ids }
        throw SearchError(FilterBuilder.unknown(value, in: field, among: known.compactMap(\.names.first)))
    }

    private struct KnownValue {
        var id: Int32
        /// The one to show first.
        var names: [String]
    }

    private func knownValues(_ field: FilterField) -> [KnownValue] {
        let counts = view.valueCounts(columns)
        switch field {
        case .project:
            return counts.projects.keys.compactMap { id in
                names.projects[id].map { KnownValue(id: id, names: [$0.key, $0.name] + $0.formerKeys) }
            }
        case .category:
            return NameTables.categoryNames.values.compactMap(\.first).map { KnownValue(id: 0, names: [$0]) }
        case .assignee: return people(counts.assignees)
        case .reporter: return people(counts.reporters)
        case .creator: return people(counts.creators)
        case .level:
            return counts.levels.keys.compactMap { id in names.levels[id].map { KnownValue(id: id, names: [$0]) } }
        case .source:
            return counts.sources.keys.compactMap { id in names.sources[id].map { KnownValue(id: id, names: [$0.name]) }
            }
        default:
            guard let kind = field.catalogue else { return [] }
            return (names.catalogue[kind.rawValue] ?? []).filter { counts.catalogue[$0.id] != nil }
                .map { KnownValue(id: $0.id, names: [$0.name]) }
        }
    }

    private func people(_ counts: [Int32: Int32]) -> [KnownValue] {
        counts.keys.compactMap { id in
            names.accounts[id].map { account in
                KnownValue(
                    id: id,
                    names: [account.displayName, account.jiraID] + [account.name, account.email].compactMap { $0 })
            }
        }
    }

    /// People by parts of their display name: `ann`, `ann lee`.
    private func people(_ wanted: String, _ known: [KnownValue]) -> Set<Int32> {
        let words = wanted.split { $0 == " " || $0 == "." }
        guard !words.isEmpty else { return [] }
        return Set(
            known.filter { person in
                let parts = (person.names.first ?? "").lowercased().split { !$0.isLetter && !$0.isNumber }
                return words.allSatisfy { word in parts.contains { $0.hasPrefix(word) } }
            }.map(\.id))
    }

    private func mine(_ value: Filter.Value) throws(SearchError) -> Set<Int32> {
        guard !request.me.isEmpty else {
            throw SearchError(
                .badValue, "`me` is nobody here: the search is not made for an account",
                advice: "Name the person, or search as someone", at: value.range)
        }
        return Set(
            names.accounts.filter { request.me[Int64($0.value.source)]?.rawValue == $0.value.jiraID }.map(\.key))
    }
}
