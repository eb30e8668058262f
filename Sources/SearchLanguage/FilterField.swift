/// What an issue can be filtered by.
package enum FilterField: String, Hashable, Sendable, CaseIterable {
    case project, type, status, category, assignee, reporter, creator, label, component, version, fixVersion,
        affectedVersion, sprint, priority, resolution, level, source, key, created, updated, resolved, due, has
    case `is`

    /// How people and JQL also call it, in lower case.
    private static let otherNames: [String: FilterField] = [
        "issuetype": .type, "statuscategory": .category, "labels": .label, "components": .component,
        "versions": .version, "fixversion": .fixVersion, "fixversions": .fixVersion,
        "affectedversion": .affectedVersion, "affectsversion": .affectedVersion, "sprints": .sprint,
        "security": .level, "securitylevel": .level, "issuekey": .key, "issue": .key, "createddate": .created,
        "updateddate": .updated, "resolutiondate": .resolved, "duedate": .due, "author": .reporter, "owner": .assignee,
        "site": .source,
    ]

    /// The field called `name`, without regard to case.
    package init?(name: String) {
        let name = name.lowercased()
        if let field = Self.allCases.first(where: { $0.rawValue.lowercased() == name }) {
            self = field
        } else if let field = Self.otherNames[name] {
            self = field
        } else {
            return nil
        }
    }

    /// The names closest to a misspelt one, best first.
    package static func suggestions(for name: String) -> [String] {
        let names = allCases.map(\.rawValue) + ["sort"]
        return EditDistance.nearest(to: name.lowercased(), among: names + Array(otherNames.keys)).map { name in
            FilterField(name: name)?.rawValue ?? name
        }
    }

    package var isDate: Bool { self == .created || self == .updated || self == .resolved || self == .due }

    package var isPerson: Bool { self == .assignee || self == .reporter || self == .creator }

    /// What `has:` knows.
    package enum Presence: String, CaseIterable {
        case attachment, comment, worklog, link, description, label, component, version, sprint, assignee, reporter,
            priority, resolution, due, level
    }

    /// What `is:` knows.
    package enum Condition: String, CaseIterable {
        case open, closed, resolved, unresolved, assigned, unassigned, restricted
    }
}
