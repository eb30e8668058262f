import SimulatedData

extension ContentMaker {
    /// The history that leads to what the issue is now, oldest first.
    func changes(_ traits: IssueTraits) -> [ChangeGroup] {
        guard row.updated > row.created else { return [] }
        var random = state.random(Stream.changes, ordinal)
        var items: [[ChangeItem]] = []
        if let former = state.movedFrom[ordinal]?.first { items.append(moveItems(former)) }
        appendOwnership(to: &items, traits, &random)
        items += statusItems(&random)
        return items.enumerated().map { position, group in
            let author = random.chance(0.6) && row.assignee >= 0 ? Int(row.assignee) : Int(row.reporter)
            return ChangeGroup(
                id: PartID.make(ordinal, 320 + position), author: author,
                created: moment(Double(position + 1) / Double(items.count)), items: group)
        }
    }

    private func moveItems(_ former: SiteState.FormerKey) -> [ChangeItem] {
        let old = state.originalProjects[Int(former.project)]
        return [
            item("project", "project", String(old.id), old.name, String(project.id), project.name),
            item("Key", "issuekey", nil, "\(old.key)-\(former.number)", nil, "\(project.key)-\(row.number)"),
        ]
    }

    private func appendOwnership(
        to items: inout [[ChangeItem]], _ traits: IssueTraits, _ random: inout SeededRandom
    ) {
        if row.assignee >= 0 && random.chance(0.6) {
            let previous = random.chance(0.4) ? random.below(state.users.count) : nil
            let now = state.originalUsers[Int(row.assignee)]
            let before = previous.map { state.originalUsers[$0] }
            items.append([
                item(
                    "assignee", "assignee", before.map(identity), before?.displayName, identity(now), now.displayName)
            ])
        }
        if let sprint = traits.sprints.last {
            let ids = { (list: ArraySlice<Int>) in list.map { String(state.sprints[$0].id) }.joined(separator: ", ") }
            let names = { (list: ArraySlice<Int>) in list.map { state.sprints[$0].name }.joined(separator: ", ") }
            let before = traits.sprints.dropLast()
            items.append([
                item(
                    "Sprint", "customfield_10010", ids(before), names(before), ids(traits.sprints[...]),
                    before.isEmpty ? state.sprints[sprint].name : names(traits.sprints[...]), type: "custom")
            ])
        }
        if random.chance(0.15) {
            let old = state.catalogue.priorities[(Int(row.priority) + 1) % 5]
            let new = state.catalogue.priorities[Int(row.priority)]
            items.append([item("priority", "priority", String(old.id), old.name, String(new.id), new.name)])
        }
        if !traits.labels.isEmpty && random.chance(0.3) {
            items.append([item("labels", "labels", nil, "", nil, traits.labels.joined(separator: " "))])
        }
        if random.chance(0.08) {
            items.append([item("Rank", "customfield_10015", "", "", "", "Ranked higher", type: "custom")])
        }
    }

    /// Status after status along the workflow, ending in the present one.
    private func statusItems(_ random: inout SeededRandom) -> [[ChangeItem]] {
        typealias Status = SiteBuilder.StatusIndex
        let workflow =
            project.kind == .serviceDesk
            ? [Status.waitingForSupport, Status.waitingForCustomer, Status.resolved]
            : [Status.backlog, Status.toDo, Status.inProgress, Status.inReview, Status.done, Status.closed]
        let end = workflow.firstIndex(of: Int(row.status)) ?? min(2, workflow.count)
        var path = workflow[..<end].filter { $0 == workflow[0] || random.chance(0.7) }
        path.append(Int(row.status))
        return zip(path, path.dropFirst()).map { before, after in
            let old = state.catalogue.statuses[before]
            let new = state.catalogue.statuses[after]
            var items = [item("status", "status", String(old.id), old.name, String(new.id), new.name)]
            if after == Int(row.status), row.resolution >= 0 {
                let resolution = state.catalogue.resolutions[Int(row.resolution)]
                items.append(item("resolution", "resolution", nil, nil, String(resolution.id), resolution.name))
            }
            return items
        }
    }

    private func identity(_ user: User) -> String {
        state.configuration.flavour.isCloud ? user.accountID : user.key
    }

    private func item(
        _ field: String, _ id: String, _ from: String?, _ fromString: String?, _ to: String?, _ toString: String?,
        type: String = "jira"
    ) -> ChangeItem {
        ChangeItem(
            field: field, fieldID: id, fieldType: type, from: from, fromString: fromString, to: to, toString: toString)
    }
}
