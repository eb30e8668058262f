import AccessControl
import IssueDecoding
import IssueModel
import JiraClient
import SiteConnection
import Store

extension SyncRun {
    /// Does all of a phase other than the issue phase.
    func perform(_ phase: SyncPhase) async throws -> Outcome {
        switch phase {
        case .identify:
            try await keepIdentity()
            if extent.usesStoredCatalogue { try await useStoredCatalogue() }
        case .fields: try await readFields()
        case .projects:
            try await readProjects()
            if extent == .catalogue { try await readPeople() }
        case .access: try await readAccess()
        case .boards:
            if extent != .catalogue { try await finishIssues() }
            if !extent.usesStoredCatalogue { try await readBoards() }
        case .attachments: try await readAttachments()
        case .issues, .finished: break
        }
        return .completed(phase)
    }

    /// Compares the site with the one the source was added with, and stores what may have changed of it.
    private func keepIdentity() async throws {
        let identity = client.identity
        if let known = source.siteID, let found = identity.siteID, known != found {
            throw SyncFailure(
                .siteChanged, what: "Another Jira site answers at \(source.url).",
                why: "Its id is \(found), the source was added for \(known).",
                fix: "Add the new site as a source of its own, or correct the address.")
        }
        var updated = source
        if let account = identity.account {
            if let known = source.principal, known != account.id {
                warn(
                    .accountChanged,
                    "The credential now belongs to another account than when the source was added; "
                        + "what that account can't see is not read any more.")
            }
            updated.principal = account.id
        }
        // The same site under another address: what was read stays, and links lead to the new one.
        if let known = source.siteID, known == identity.siteID { updated.url = identity.baseURL }
        updated.apiURL = identity.apiBase
        updated.siteID = identity.siteID ?? source.siteID
        updated.version = identity.version
        updated.timeZone = identity.timeZone
        guard updated != source else { return }
        let (before, found) = (source, updated)
        try await store.write { context in
            // What else changed since the run began stays: who sees what, the scope, whether it is there at all.
            guard var present = try SourceRecords.source(before.id, in: context.connection), present.url == before.url
            else { return }
            (present.url, present.apiURL, present.siteID) = (found.url, found.apiURL, found.siteID)
            (present.version, present.timeZone, present.principal) = (found.version, found.timeZone, found.principal)
            try SourceRecords.update(present, in: context)
        }
    }

    /// Reads what people are called, where no reading of the access rules does.
    private func readPeople() async throws {
        guard source.accessMode != .mirror, source.credentialKind != Credential.anonymous.kind else { return }
        let accounts = try await readable(
            .catalogueUnreadable, "Accounts cannot be listed; people are called as issues name them."
        ) { () async throws(JiraError) in try await client.accounts() }
        let sourceID = source.id
        guard let accounts else { return }
        try await store.write { context in
            _ = try PeopleRecords.storeAccounts(accounts, source: sourceID, in: context)
        }
    }

    /// Reads what issues refer to. Fields must be readable, as without them values can't be told apart.
    private func readFields() async throws {
        let fields = try await client.fields()
        let decoder = IssueDecoder(fields: FieldCatalogue(fields), flavour: client.flavour)
        withState { $0.decoder = decoder }
        let lost = "cannot be listed; only those that issues use are known."
        let statuses = try await readable(.catalogueUnreadable, "Statuses \(lost)") {
            () async throws(JiraError) in try await client.statuses()
        }
        let types = try await readable(.catalogueUnreadable, "Issue types \(lost)") {
            () async throws(JiraError) in try await client.issueTypes()
        }
        let priorities = try await readable(.catalogueUnreadable, "Priorities \(lost)") {
            () async throws(JiraError) in try await client.priorities()
        }
        let resolutions = try await readable(.catalogueUnreadable, "Resolutions \(lost)") {
            () async throws(JiraError) in try await client.resolutions()
        }
        let linkTypes = try await readable(.catalogueUnreadable, "Kinds of links \(lost)") {
            () async throws(JiraError) in try await client.linkTypes()
        }
        let sourceID = source.id
        try await store.write { context in
            for field in fields { try CatalogueRecords.store(field, source: sourceID, in: context) }
            for status in statuses ?? [] { try CatalogueRecords.store(status, source: sourceID, in: context) }
            for type in types ?? [] { try CatalogueRecords.store(type, source: sourceID, in: context) }
            for (kind, entities) in [(CatalogueKind.priority, priorities), (.resolution, resolutions)] {
                for entity in entities ?? [] {
                    try CatalogueRecords.store(kind, entity, source: sourceID, in: context)
                }
            }
            for type in linkTypes ?? [] {
                try CatalogueRecords.store(.linkType, named: type.name, source: sourceID, in: context)
            }
        }
    }

    private func readBoards() async throws {
        let boards = try await readable(
            .boardsUnreadable, "Boards cannot be listed; sprints are known only from issues."
        ) { () async throws(JiraError) in try await client.boards() }
        guard let boards else { return }
        let turn = try await inTurn(boards, \.id, "boards", limit: Self.projectsInTurn)
        expect(turn.count)
        let sourceID = source.id
        let sprints = try await each(turn, atOnce: 8) { board in
            let sprints = try await self.readable(.boardsUnreadable, "The sprints of a board cannot be read.") {
                () async throws(JiraError) in
                board.type == "kanban" ? [] : try await self.client.sprints(ofBoard: board.id)
            }
            self.advance(by: 1)
            return sprints ?? []
        }
        try await store.write { context in
            for board in boards { try CatalogueRecords.store(board, source: sourceID, in: context) }
            for sprint in sprints.joined() { try CatalogueRecords.store(sprint, source: sourceID, in: context) }
        }
    }
}
