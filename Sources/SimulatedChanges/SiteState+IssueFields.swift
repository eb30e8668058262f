public import SimulatedData
public import SimulatedSite

/// What else people change in issues. Each bumps the issue's `updated` and leaves a line in its history.
extension SiteState {
    /// - Parameter priority: A position in ``SiteCatalogue/priorities``.
    public mutating func setPriority(_ ordinal: Int, to priority: Int, by hand: Hand) {
        keep(ordinal)
        let (old, new) = (catalogue.priorities[Int(rows[ordinal].priority)], catalogue.priorities[priority])
        rows[ordinal].priority = UInt8(priority)
        edit(ordinal, by: hand, change("priority", String(old.id), old.name, String(new.id), new.name)) { _ in }
    }

    /// - Parameter type: A position in ``SiteCatalogue/issueTypes``; sub-tasks stay sub-tasks.
    public mutating func setType(_ ordinal: Int, to type: Int, by hand: Hand) {
        let (old, new) = (catalogue.issueTypes[Int(rows[ordinal].type)], catalogue.issueTypes[type])
        guard old.isSubtask == new.isSubtask else { return }
        keep(ordinal)
        rows[ordinal].type = UInt8(type)
        edit(ordinal, by: hand, change("issuetype", String(old.id), old.name, String(new.id), new.name)) { _ in }
    }

    /// - Parameter day: Days since 1970; nil for no date.
    public mutating func setDue(_ ordinal: Int, to day: Int?, by hand: Hand) {
        keep(ordinal)
        let old = rows[ordinal].due > 0 ? CivilTime.text(ofDay: Int(rows[ordinal].due)) : nil
        let new = day.map { CivilTime.text(ofDay: $0) }
        rows[ordinal].due = Int32(day ?? 0)
        edit(ordinal, by: hand, change("duedate", old, old, new, new)) { _ in }
    }

    public mutating func setEnvironment(_ ordinal: Int, to text: RichText?, by hand: Hand) {
        let before = content(of: ordinal).environment?.wikiMarkup
        edit(ordinal, by: hand, change("environment", nil, before, nil, text?.wikiMarkup)) { $0.environment = text }
    }

    /// - Parameter versions: Positions in the project's versions.
    public mutating func setFixVersions(_ ordinal: Int, to versions: [Int], by hand: Hand) {
        let all = projects[Int(rows[ordinal].project)].versions
        edit(ordinal, by: hand, change("Fix Version", nil, nil, nil, versions.map { all[$0].name }.last)) {
            $0.traits.fixVersions = versions
        }
    }

    /// - Parameter components: Positions in the project's components.
    public mutating func setComponents(_ ordinal: Int, to components: [Int], by hand: Hand) {
        let all = projects[Int(rows[ordinal].project)].components
        edit(ordinal, by: hand, change("Component", nil, nil, nil, components.map { all[$0].name }.last)) {
            $0.traits.components = components
        }
    }

    /// - Parameter sprints: Positions in ``sprints``, oldest first.
    public mutating func setSprints(_ ordinal: Int, to sprints: [Int], by hand: Hand) {
        let before = traits(of: ordinal).sprints
        func ids(_ list: [Int]) -> String { list.map { String(self.sprints[$0].id) }.joined(separator: ", ") }
        func names(_ list: [Int]) -> String { list.map { self.sprints[$0].name }.joined(separator: ", ") }
        var item = change("Sprint", ids(before), names(before), ids(sprints), names(sprints))
        item.fieldID = "customfield_10010"
        item.fieldType = "custom"
        edit(ordinal, by: hand, item) { content in
            content.traits.sprints = sprints
            content.customFields.removeAll { $0.id == "customfield_10010" }
            if !sprints.isEmpty { content.customFields.append(("customfield_10010", .sprints(sprints))) }
        }
    }

    /// - Parameter seconds: nil for none.
    public mutating func setEstimate(_ ordinal: Int, to seconds: Int?, by hand: Hand) {
        let before = content(of: ordinal).originalEstimate.map(String.init)
        let after = seconds.map(String.init)
        edit(ordinal, by: hand, change("timeoriginalestimate", before, before, after, after)) { content in
            content.originalEstimate = seconds
            content.aggregateOriginalEstimate = seconds
        }
    }

    /// Gives an issue a place in its board's order; the rank is Jira's own text.
    public mutating func setRank(_ ordinal: Int, to rank: String, by hand: Hand) {
        var item = change("Rank", "", "", "", "Ranked higher")
        item.fieldID = "customfield_10015"
        item.fieldType = "custom"
        edit(ordinal, by: hand, item) { content in
            content.rank = rank
            content.customFields.removeAll { $0.id == "customfield_10015" }
        }
    }

    /// Puts an issue under an epic, or under none.
    public mutating func setEpic(_ ordinal: Int, to epic: Int?, by hand: Hand) {
        guard !catalogue.issueTypes[Int(rows[ordinal].type)].isSubtask, epic != ordinal else { return }
        keep(ordinal)
        let old = Int(rows[ordinal].parent)
        if old >= 0 { children[old]?.removeAll { $0 == Int32(ordinal) } }
        rows[ordinal].parent = Int32(epic ?? -1)
        if let epic { children[epic, default: []].append(Int32(ordinal)) }
        let item = change(
            "IssueParentAssociation", old < 0 ? nil : String(rows[old].id), old < 0 ? nil : key(of: old),
            epic.map { String(rows[$0].id) }, epic.map { key(of: $0) })
        edit(ordinal, by: hand, item) { content in
            content.customFields.removeAll { $0.id == "customfield_10011" }
            if let epic { content.customFields.append(("customfield_10011", .issue(epic))) }
        }
    }

    // MARK: Links

    /// Ties two issues together and returns the link's id; both count as updated.
    @discardableResult
    public mutating func addLink(_ from: Int, _ to: Int, type: Int = 0, by hand: Hand) -> Int {
        keep(from)
        keep(to)
        link(from, to, type: type)
        let id = links[from]?.last?.id ?? 0
        let words = catalogue.linkTypes[type]
        edit(from, by: hand, change("Link", nil, nil, key(of: to), "This issue \(words.outward) \(key(of: to))")) { _ in
        }
        edit(to, by: hand, change("Link", nil, nil, key(of: from), "This issue \(words.inward) \(key(of: from))")) {
            _ in
        }
        if let made = links[from]?.last { happen("issuelink_created", .link(made, from: from, to: to), by: hand) }
        return id
    }

    /// Takes a link away; both issues count as updated. False when the issue has no such link.
    @discardableResult
    public mutating func deleteLink(_ id: Int, of ordinal: Int, by hand: Hand) -> Bool {
        guard let link = content(of: ordinal).links.first(where: { $0.id == id }) else { return false }
        for (one, other) in [(ordinal, link.other), (link.other, ordinal)] {
            edit(one, by: hand, change("Link", key(of: other), "This issue was linked", nil, nil)) { content in
                content.links.removeAll { $0.id == id }
            }
            links[one]?.removeAll { $0.id == id }
        }
        let (from, to) = link.isOutward ? (ordinal, link.other) : (link.other, ordinal)
        happen("issuelink_deleted", .link(link, from: from, to: to), by: hand)
        return true
    }
}
