import AccessControl
import IssueDecoding
import IssueModel
import JiraClient

extension AccessRefresh {
    /// Reads who there is and which groups there are.
    func readPeople(_ fact: AccessFact, into state: inout RefreshState) async throws {
        if fact == .groups { try await readGroups(&state) } else { try await readAccounts(&state) }
        state.adoptPeople()
    }

    private func readGroups(_ state: inout RefreshState) async throws {
        let (began, areNames) = (time.now(), client.flavour == .dataCenter)
        var outcome = try await reader.read { () async throws(JiraError) in try await client.listedGroups() }
        // Only their names would be known of the rest; members are asked for group by group.
        if case .failed(let problem) = outcome, areNames { outcome = .refused(problem) }
        var listing = state.note(
            .groups, outcome, began: began, .peopleUnreadable,
            areNames
                ? "Groups cannot be listed, so that their names are not suggested. Those that rules name are read one by one."
                : "Groups cannot be listed; a restriction that names one by its name alone admits nobody.")
        if let listed = listing, !listed.isComplete {
            state.harvest.times[.groups]?.detail = FactTime.incomplete
            state.summary.warn(
                .groupsIncomplete,
                "Jira lists only \(listed.elements.count)\(listed.total.map { " of its \($0)" } ?? "") groups. Who sees what is "
                    + "exact all the same, as those that rules name are read one by one; other names are not suggested."
            )
            let (known, named) = (Set(listed.elements.map(\.id)), state.needs.allGroups)
            listing?.elements += state.facts.groups.values.filter { named.contains($0.id) && !known.contains($0.id) }
                .sorted { $0.name < $1.name }
        }
        state.harvest.groups = listing
    }

    private func readAccounts(_ state: inout RefreshState) async throws {
        let began = time.now()
        let outcome = try await reader.read { () async throws(JiraError) in try await client.listedAccounts() }
        let listing = state.note(
            .accounts, outcome, began: began, .peopleUnreadable,
            "Accounts cannot be listed, so people are known only by their groups and by what they did in issues.")
        state.harvest.accounts = listing
        if let listing, !listing.isComplete { state.harvest.times[.accounts]?.detail = FactTime.incomplete }
    }
}

extension RefreshState {
    /// Members of groups that the list of accounts leaves out show that it is cut.
    mutating func warnOfUnlistedMembers() {
        guard let listing = harvest.accounts, !listing.isComplete else { return }
        let listed = Set(listing.elements.map(\.id))
        let others = Set(harvest.members.values.joined().map(\.id)).subtracting(listed)
        guard !others.isEmpty else { return }
        summary.warn(
            .accountsIncomplete,
            "Jira lists only \(listing.elements.count) of its accounts. People in groups that rules name are known from these; "
                + "names of others are not suggested.")
    }
}
