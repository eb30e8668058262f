import SimulatedData
import SimulatedRules
import SimulatedSite

extension JQLSearch {
    /// The numbers a value or function stands for in a field.
    func values(
        of operand: JQLQuery.Operand, _ field: JQLField, _ condition: JQLQuery.Condition
    ) throws(JQLError) -> Set<Int> {
        switch operand {
        case .value(let text):
            let found = lookUp(text, field)
            guard !found.isEmpty else {
                if Int(text) != nil, field != .project {
                    throw JQLError("A value with ID '\(text)' does not exist for the field '\(condition.field)'.")
                }
                throw missing(text, condition)
            }
            return found
        case .function(let name, let arguments): return try call(name, arguments, field, condition)
        case .empty, .list: throw unsupported(condition)
        }
    }

    private func lookUp(_ text: String, _ field: JQLField) -> Set<Int> {
        let name = text.lowercased()
        let id = Int(text)
        func indices<Element>(_ list: [Element], _ isMatch: (Element) -> Bool) -> Set<Int> {
            Set(list.indices.filter { isMatch(list[$0]) })
        }
        switch field {
        case .project:
            let key = text.uppercased()
            return indices(state.projects) {
                ($0.key == key || $0.formerKeys.contains(key) || $0.name.lowercased() == name || $0.id == id)
                    && !$0.isArchived && evaluator.seesProject(caller, project: $0.index)
            }
        case .type: return indices(state.catalogue.issueTypes) { $0.name.lowercased() == name || $0.id == id }
        case .status: return indices(state.catalogue.statuses) { $0.name.lowercased() == name || $0.id == id }
        case .statusCategory:
            return indices(state.catalogue.statusCategories) {
                $0.name.lowercased() == name || $0.key == name || $0.id == id
            }
        case .priority: return indices(state.catalogue.priorities) { $0.name.lowercased() == name || $0.id == id }
        case .resolution:
            return indices(state.catalogue.resolutions) { $0.name.lowercased() == name || $0.id == id }
        case .assignee, .reporter, .creator: return people(text)
        case .level:
            let levels = state.securitySchemes.flatMap(\.levels)
            return Set(levels.filter { $0.name.lowercased() == name || $0.id == id }.map(\.id))
        case .component:
            let components = state.projects.flatMap(\.components)
            return Set(components.filter { $0.name.lowercased() == name || $0.id == id }.map(\.id))
        case .fixVersion, .affectedVersion:
            let versions = state.projects.flatMap(\.versions)
            return Set(versions.filter { $0.name.lowercased() == name || $0.id == id }.map(\.id))
        case .sprint: return indices(state.sprints) { $0.name.lowercased() == name || $0.id == id }
        case .parent: return state.ordinal(idOrKey: text).map { visible.contains($0) ? [$0] : [] } ?? []
        default: return []
        }
    }

    /// People by account id, user name, key, e-mail or display name.
    func people(_ text: String) -> Set<Int> {
        let name = text.lowercased()
        let isCloud = state.configuration.flavour.isCloud
        return Set(
            state.users.filter { user in
                user.displayName.lowercased() == name || user.email.lowercased() == name
                    || (isCloud ? user.accountID == text : user.name.lowercased() == name || user.key == text)
            }.map(\.index))
    }

    private func call(
        _ name: String, _ arguments: [String], _ field: JQLField, _ condition: JQLQuery.Condition
    ) throws(JQLError) -> Set<Int> {
        switch (name.lowercased(), field) {
        case ("currentuser", .assignee), ("currentuser", .reporter), ("currentuser", .creator):
            return person.user.map { [$0] } ?? []
        case ("membersof", .assignee), ("membersof", .reporter), ("membersof", .creator):
            return Set(try members(arguments))
        case ("opensprints", .sprint): return sprints { $0 == .active }
        case ("closedsprints", .sprint): return sprints { $0 == .closed }
        case ("futuresprints", .sprint): return sprints { $0 == .future }
        case ("releasedversions", .fixVersion), ("releasedversions", .affectedVersion):
            return Set(state.projects.flatMap(\.versions).filter(\.isReleased).map(\.id))
        case ("unreleasedversions", .fixVersion), ("unreleasedversions", .affectedVersion):
            return Set(state.projects.flatMap(\.versions).filter { !$0.isReleased }.map(\.id))
        case ("standardissuetypes", .type):
            return Set(state.catalogue.issueTypes.indices.filter { !state.catalogue.issueTypes[$0].isSubtask })
        case ("subtaskissuetypes", .type):
            return Set(state.catalogue.issueTypes.indices.filter { state.catalogue.issueTypes[$0].isSubtask })
        default: throw unknownFunction(name, arguments)
        }
    }

    func unknownFunction(_ name: String, _ arguments: [String]) -> JQLError {
        JQLError("Unable to find JQL function '\(name)(\(arguments.joined(separator: ", ")))'.")
    }

    func members(_ arguments: [String]) throws(JQLError) -> [Int] {
        guard let name = arguments.first, arguments.count == 1 else {
            throw JQLError("Function 'membersOf' expected '1' arguments but received '\(arguments.count)'.")
        }
        guard let group = state.groups.first(where: { $0.name.lowercased() == name.lowercased() || $0.id == name })
        else {
            throw JQLError(
                "Function 'membersOf' can not generate a list of usernames for group '\(name)'; the group does not exist."
            )
        }
        return state.members(of: group.index, nested: !state.configuration.flavour.isCloud)
    }

    private func sprints(_ isMatch: (Sprint.State) -> Bool) -> Set<Int> {
        Set(state.sprints.indices.filter { isMatch(state.sprints[$0].state) })
    }
}
