import SimulatedData
import SimulatedRules
import SimulatedSite

/// The fields a search may name.
enum JQLField: Hashable {
    case project, key, id, type, status, statusCategory, priority, resolution, assignee, reporter, creator, labels
    case component, fixVersion, affectedVersion, sprint, parent, created, updated, due, resolved, level
    case text, summary, description, environment, comment, rank
    case custom(FieldDefinition)

    private static let names: [String: JQLField] = [
        "project": .project, "key": .key, "issuekey": .key, "issue": .key, "id": .id, "type": .type, "issuetype": .type,
        "status": .status, "statuscategory": .statusCategory, "priority": .priority, "resolution": .resolution,
        "assignee": .assignee, "reporter": .reporter, "creator": .creator, "labels": .labels, "component": .component,
        "fixversion": .fixVersion, "affectedversion": .affectedVersion, "sprint": .sprint, "parent": .parent,
        "epic link": .parent, "created": .created, "createddate": .created, "updated": .updated,
        "updateddate": .updated,
        "due": .due, "duedate": .due, "resolved": .resolved, "resolutiondate": .resolved, "level": .level,
        "text": .text,
        "summary": .summary, "description": .description, "environment": .environment, "comment": .comment,
        "rank": .rank,
    ]

    /// A field by any of its names, in any case: `status`, `cf[10020]`, `"Story Points"`.
    init?(_ name: String, in state: SiteState) {
        let lowered = name.lowercased()
        if let known = Self.names[lowered] {
            self = known
            return
        }
        let field = state.catalogue.fields.first { field in
            field.isCustom
                && (field.clauseNames.contains { $0.lowercased() == lowered } || field.id == lowered)
        }
        guard let field else { return nil }
        self = .custom(field)
    }
}

extension JQLSearch {
    /// A field results can be ordered by.
    func sortField(_ name: String) throws(JQLError) -> JQLField {
        guard let field = JQLField(name, in: state) else {
            throw JQLError("Not able to sort using field '\(name)'.")
        }
        switch field {
        case .text, .comment: throw JQLError("Not able to sort using field '\(name)'.")
        default: return field
        }
    }

    func sort(
        _ found: inout [Int32], _ orders: [(field: JQLField, isDescending: Bool)], isByUpdate: Bool, hasText: Bool
    ) {
        guard let first = orders.first else {
            // Without an order Jira gives the newest first; after a text search the best match, here the newest too.
            found.sort(by: >)
            return
        }
        let isInPlace =
            first.field == .updated && isByUpdate
            || (first.field == .created || first.field == .id || first.field == .rank) && !isByUpdate
        if isInPlace {
            // Times of creation and update hardly ever tie, so what follows in the order changes nothing.
            if first.isDescending { found.reverse() }
            return
        }
        let keys = orders.map { order in found.map { sortKey(order.field, Int($0)) } }
        let positions = found.indices.sorted { left, right in
            for (index, order) in orders.enumerated() {
                let before = keys[index][left]
                let after = keys[index][right]
                if before != after { return order.isDescending ? after < before : before < after }
            }
            return found[left] > found[right]
        }
        found = positions.map { found[$0] }
    }

    /// Empty fields come last when ascending.
    private enum SortKey: Comparable {
        case number(Int64)
        case text(String)
        case missing
    }

    private func sortKey(_ field: JQLField, _ ordinal: Int) -> SortKey {
        let row = state.row(ordinal)
        func person(_ user: Int32) -> SortKey { user < 0 ? .missing : .text(state.users[Int(user)].displayName) }
        switch field {
        case .project: return .text(state.projects[Int(row.project)].key)
        case .key:
            // Keys sort by project, then by number.
            return .text(state.projects[Int(row.project)].key + "-" + String(10_000_000 + Int(row.number)))
        case .id, .created, .rank: return .number(Int64(ordinal))
        case .type: return .number(Int64(row.type))
        case .status: return .number(Int64(row.status))
        case .statusCategory: return .number(Int64(state.catalogue.statuses[Int(row.status)].category))
        // The highest priority is the greatest.
        case .priority: return .number(-Int64(row.priority))
        case .resolution: return row.resolution < 0 ? .missing : .number(Int64(row.resolution))
        case .assignee: return person(row.assignee)
        case .reporter: return person(row.reporter)
        case .creator: return person(row.creator)
        case .updated: return .number(row.updated)
        case .resolved: return row.resolved == 0 ? .missing : .number(row.resolved)
        case .due: return row.due == 0 ? .missing : .number(Int64(row.due))
        case .level: return row.level == 0 ? .missing : .number(Int64(row.level))
        case .parent: return row.parent < 0 ? .missing : .number(Int64(row.parent))
        case .summary: return .text(state.summary(of: ordinal).lowercased())
        case .description: return .text(state.content(of: ordinal).description?.plainText.lowercased() ?? "")
        case .environment: return .text(state.content(of: ordinal).environment?.plainText.lowercased() ?? "")
        case .labels: return state.traits(of: ordinal).labels.first.map { .text($0.lowercased()) } ?? .missing
        case .component: return first(state.traits(of: ordinal).components)
        case .fixVersion: return first(state.traits(of: ordinal).fixVersions)
        case .affectedVersion: return first(state.traits(of: ordinal).affectedVersions)
        case .sprint: return first(state.traits(of: ordinal).sprints)
        case .custom(let field):
            switch state.content(of: ordinal).customFields.first(where: { $0.id == field.id })?.value {
            case .number(let value)?: return .number(Int64(value * 1_000))
            case .date(let value)?: return .number(Int64(value))
            case .dateTime(let value)?: return .number(value)
            case .text(let value)?: return .text(value.lowercased())
            default: return .missing
            }
        case .text, .comment: return .missing
        }
    }

    private func first(_ values: [Int]) -> SortKey { values.first.map { .number(Int64($0)) } ?? .missing }
}
