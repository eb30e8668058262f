import IssueDecoding
import IssueModel
import JiraClient
import Store

extension SyncRun {
    /// Reads accounts, groups, their members and the groups behind licences, and stores each when it is complete.
    ///
    /// What may not be read is stored as nobody: a group whose members are refused has none.
    func readPeople() async throws {
        let sourceID = source.id
        let accounts = try await readable(
            .peopleUnreadable, "Accounts cannot be listed, so people are known only by what they did in issues."
        ) { () async throws(JiraError) in try await client.accounts() }
        if let accounts {
            if client.flavour == .dataCenter { withState { $0.directory = AccountDirectory(accounts) } }
            _ = try await store.write { try PeopleRecords.replaceAccounts(accounts, source: sourceID, in: $0) }
        }
        let groups = try await readable(
            .peopleUnreadable, "Groups cannot be listed, so nobody is shown what only a group may see."
        ) { () async throws(JiraError) in try await client.groups() }
        if let groups { try await readMembers(of: groups) }
        let roles = try await readable(
            .licencesUnreadable,
            "The groups behind licences cannot be read, so nobody is shown what every licensed person may see."
        ) { () async throws(JiraError) in try await client.applicationRoles() }
        if roles != nil || groups != nil {
            let known = roles ?? []
            try await store.write { try PeopleRecords.replaceApplicationRoles(known, source: sourceID, in: $0) }
        }
    }

    private func readMembers(of groups: [Group]) async throws {
        let sourceID = source.id
        expect(groups.count)
        let members = try await each(groups) { group in
            let members = try await self.readable(
                .peopleUnreadable, "The members of a group cannot be read, so it admits nobody."
            ) { () async throws(JiraError) in try await self.client.members(of: group) }
            self.advance(by: 1)
            return (group, members ?? [])
        }
        try await store.write { context in
            try PeopleRecords.replaceGroups(groups, source: sourceID, in: context)
            for (group, accounts) in members {
                try PeopleRecords.replaceMembers(of: group.id, accounts: accounts, source: sourceID, in: context)
            }
        }
    }
}
