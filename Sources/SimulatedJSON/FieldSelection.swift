package import SimulatedSite

/// Which fields of an issue an answer holds: the `fields` parameter, understood.
package struct FieldSelection: Sendable, Hashable {
    /// By position in the catalogue's fields.
    private var chosen: [Bool]
    package private(set) var isEverything = false
    /// Whether the answer has more than the id.
    package private(set) var hasHead = false
    /// Whether the answer has a `fields` object at all.
    package private(set) var hasFields = false

    package enum Default { case everything, navigable, idOnly }

    /// - Parameter names: `*all`, `*navigable`, ids, names' ids with `-` before those to leave out; commas may join several.
    package init(_ names: [String], default fallback: Default, state: SiteState) {
        let fields = state.catalogue.fields
        var names = names.flatMap { $0.split(separator: ",") }.map { $0.trimming(" ") }.filter { !$0.isEmpty }
        if names.isEmpty || names.allSatisfy({ $0.hasPrefix("-") }) {
            switch fallback {
            case .everything: names.insert("*all", at: 0)
            case .navigable: names.insert("*navigable", at: 0)
            case .idOnly: if names.isEmpty { names = ["id"] } else { names.insert("*navigable", at: 0) }
            }
        }
        chosen = [Bool](repeating: false, count: fields.count)
        var positions: [String: Int] = [:]
        for (position, field) in fields.enumerated() { positions[field.id] = position }
        for name in names {
            switch name {
            case "*all": for position in chosen.indices { chosen[position] = true }
            case "*navigable":
                for position in chosen.indices where Self.isNavigable(fields[position]) { chosen[position] = true }
            case "id": continue
            default:
                let isExcluded = name.hasPrefix("-")
                if let position = positions[isExcluded ? String(name.dropFirst()) : name] {
                    chosen[position] = !isExcluded
                }
            }
            hasHead = true
        }
        isEverything = chosen.allSatisfy { $0 }
        hasFields = hasHead && chosen.contains(true)
    }

    /// The fields `*navigable` leaves out are those that are pages of their own.
    private static func isNavigable(_ field: FieldDefinition) -> Bool {
        field.isNavigable && !["comment", "worklog", "attachment", "timetracking"].contains(field.id)
    }

    /// The same fields, with id, key and self in any case: what every endpoint but Cloud's search answers.
    package var withHead: FieldSelection {
        var selection = self
        selection.hasHead = true
        return selection
    }

    package func contains(_ field: Int) -> Bool { chosen[field] }
}

extension StringProtocol {
    package func trimming(_ character: Character) -> String {
        var text = self[...]
        while text.first == character { text = text.dropFirst() }
        while text.last == character { text = text.dropLast() }
        return String(text)
    }
}
