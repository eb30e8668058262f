import SimulatedData
import SimulatedSite

extension TinyBuilder {
    mutating func makeIssue(_ position: Int) {
        // Every project has some.
        let project = position < plans.count * 2 ? position % plans.count : choice.random.below(plans.count)
        let hand = hand(choice.random.below(state.users.count))
        let issue = state.addPlantedIssue(project: project, parent: parent(in: project), by: hand)
        if choice.random.chance(0.6) {
            state.setAssignee(issue, to: choice.random.below(state.users.count), by: self.hand(0))
        }
        if let scheme = state.projects[project].securityScheme, choice.random.chance(0.5),
            state.row(issue).parent < 0
        {
            let level = choice.random.pick(state.securitySchemes[scheme].levels)
            state.setLevel(issue, to: level.id, by: self.hand(0))
        }
        nameSomebody(in: issue)
        if state.projects[project].style == .teamManaged, choice.random.chance(0.4) {
            let roles = state.catalogue.roles.filter { $0.scope == project }.map(\.id)
            let some = choice.random.chance(0.5) ? [roles[0]] : [roles[1], roles[2]]
            state.setRestriction(issue, toRoles: some, by: self.hand(0))
        }
        addParts(to: issue)
        if position > 0, choice.random.chance(0.25) { state.link(issue, choice.random.below(issue)) }
    }

    private mutating func parent(in project: Int) -> Int? {
        let possible = (0..<state.issueCount).filter {
            Int(state.row($0).project) == project && state.row($0).parent < 0
        }
        return possible.isEmpty || choice.random.chance(0.75) ? nil : choice.random.pick(possible)
    }

    private mutating func nameSomebody(in issue: Int) {
        typealias Field = WellKnown.Field
        for field in [Field.approver, Field.reviewers] where choice.random.chance(0.4) {
            let people = choice.people(in: state)
            state.setUserField(
                issue, field, to: field == Field.approver ? Array(people.prefix(1)) : people, by: hand(0))
        }
        for field in [Field.team, Field.teams] where choice.random.chance(0.3) {
            let groups = choice.groups(in: state)
            state.setGroupField(issue, field, to: field == Field.team ? Array(groups.prefix(1)) : groups, by: hand(0))
        }
    }

    private mutating func addParts(to issue: Int) {
        let project = state.projects[Int(state.row(issue).project)]
        for _ in 0..<choice.random.below(4) {
            let comment = state.addPlantedComment(
                issue, visibility: choice.visibility(in: project, of: state),
                isInternal: project.kind == .serviceDesk && choice.random.chance(0.5),
                by: hand(choice.random.below(state.users.count)))
            if choice.random.chance(0.4) { state.addPlantedFile(issue, comment: comment, by: hand(0)) }
        }
        if choice.random.chance(0.4) {
            state.addPlantedWorklog(issue, visibility: choice.visibility(in: project, of: state), by: hand(1))
        }
        if choice.random.chance(0.2) { state.addPlantedFile(issue, comment: nil, by: hand(0)) }
    }

    /// Archives a project and an issue, deletes an issue and an account: in some sites.
    mutating func endSome() {
        if seed % 7 == 4 { state.archiveProject(plans.count - 1, by: nobody) }
        if seed % 5 == 1 { state.archiveIssue(choice.random.below(state.issueCount)) }
        if seed % 4 == 2 { state.deleteIssue(choice.random.below(state.issueCount), by: hand(0)) }
        state.deleteUser(TinySite.former)
    }
}

extension SiteState {
    /// Makes an issue whose texts hold its planted words, with a past.
    mutating func addPlantedIssue(project: Int, parent: Int?, by hand: Hand) -> Int {
        let id = issueCount == 0 ? 10_000 : row(issueCount - 1).id + 1
        let text = "The \(Planted.common) report \(Planted.description(issue: id)) tells the rest"
        let issue = createIssue(
            project: project, summary: "Old \(Planted.history(issue: id)) title",
            description: RichText(paragraph: text), parent: parent, by: hand)
        setSummary(issue, to: "Repair the \(Planted.common) crane \(Planted.summary(issue: id))", by: hand)
        setLabels(issue, to: [Planted.label(issue: id), id % 2 == 0 ? "even" : "odd"], by: hand)
        return issue
    }

    @discardableResult
    mutating func addPlantedComment(_ issue: Int, visibility: Visibility?, isInternal: Bool, by hand: Hand) -> Int {
        let text = "Seen from the \(Planted.common) wall \(Planted.comment(upcomingPartID))"
        return addComment(
            issue, RichText(paragraph: text), visibility: visibility, isInternal: isInternal, by: hand)
    }

    @discardableResult
    mutating func addPlantedWorklog(_ issue: Int, visibility: Visibility?, by hand: Hand) -> Int {
        let text = "Walked the \(Planted.common) \(Planted.worklog(upcomingPartID))"
        return addWorklog(issue, seconds: 1_800, note: RichText(paragraph: text), visibility: visibility, by: hand)
    }

    @discardableResult
    mutating func addPlantedFile(_ issue: Int, comment: Int?, by hand: Hand) -> Int {
        let id = upcomingPartID
        let file = SimulatedFile(text: "Map of the \(Planted.common): \(Planted.file(id))\n")
        return addAttachment(issue, fileName: "\(Planted.fileName(id)).txt", file: file, comment: comment, by: hand)
    }
}
