internal import Store

/// Turns counts by number into counts by name.
struct Facets {
    private let names: NameTables
    private let counts: FacetCounts
    private let total: Int

    init(_ names: NameTables, _ counts: FacetCounts, _ total: Int) {
        self.names = names
        self.counts = counts
        self.total = total
    }

    var all: [SearchResults.Facet] {
        var category: [String: Int] = [:]
        for status in names.catalogue["status"] ?? [] {
            guard let count = counts.catalogue[status.id] else { continue }
            category[names.categories[status.id] ?? "undefined", default: 0] += Int(count)
        }
        return [
            facet("project", named(counts.projects) { names.projects[$0]?.key }),
            catalogue("status"),
            facet("category", category),
            catalogue("type"),
            catalogue("priority", without: counts.withoutPriority),
            catalogue("resolution", without: counts.withoutResolution),
            facet("assignee", named(counts.assignees) { names.accounts[$0]?.displayName }),
            facet("reporter", named(counts.reporters) { names.accounts[$0]?.displayName }),
            catalogue("label"),
            catalogue("component"),
            catalogue("version"),
            catalogue("sprint"),
            facet("source", named(counts.sources) { names.sources[$0]?.name }),
        ]
    }

    private func catalogue(_ kind: String, without: Int32 = 0) -> SearchResults.Facet {
        var values: [String: Int] = without > 0 ? ["none": Int(without)] : [:]
        for entry in names.catalogue[kind] ?? [] {
            if let count = counts.catalogue[entry.id] { values[entry.name, default: 0] += Int(count) }
        }
        return facet(kind, values)
    }

    private func named(_ counts: [Int32: Int32], _ name: (Int32) -> String?) -> [String: Int] {
        var values: [String: Int] = [:]
        for (id, count) in counts { values[id == 0 ? "none" : name(id) ?? "?", default: 0] += Int(count) }
        return values
    }

    private func facet(_ name: String, _ values: [String: Int]) -> SearchResults.Facet {
        let ordered = best(Searcher.facetLimit, of: values) { left, right in
            left.value != right.value ? left.value > right.value : left.key < right.key
        }
        return SearchResults.Facet(
            name: name, values: ordered.map { SearchResults.Facet.Value(value: $0.key, count: $0.value) },
            omitted: values.count - ordered.count)
    }
}
