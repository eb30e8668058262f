internal import IssueModel
internal import JiraClient
internal import Journal
internal import Store

extension WebhookRegistration {
    /// Project keys in one filter: far below what a query may be long.
    private static let projectsPerFilter = 200

    /// Brings an app's webhooks to what they should be: one for each two hundred projects, refreshed at half their time.
    func settleDynamic(
        _ record: WebhookRecords.Record, _ secrets: WebhookSecrets, _ source: Source
    ) async throws -> Outcome {
        let url = WebhookPath.url(record.publicURL, source: source.id, secrets)
        var outcome = Outcome(record: record)
        let filters = try await filters(of: source, &outcome)
        do throws(JiraError) {
            try await arrange(filters, url, &outcome)
        } catch {
            guard error.mayNot else { throw error }
            outcome.record.problem =
                "Jira gives webhooks to OAuth apps only, and this credential is none. Register it as an administrator."
            outcome.record.state = .failed
        }
        try await save(outcome.record)
        return outcome
    }

    private func arrange(
        _ filters: [String], _ url: String, _ outcome: inout Outcome
    ) async throws(JiraError) {
        let record = outcome.record
        let known = Set(Self.ids(record.jiraID))
        // Some sites do not tell the address.
        let ours = try await client.dynamicWebhooks().filter { webhook in
            webhook.url.map { Self.isAddress($0, of: record) } ?? known.contains(webhook.id)
        }
        let right = ours.filter { webhook in
            filters.contains(webhook.filter) && Set(WebhookEvents.ofApps).isSubset(of: webhook.events)
                && webhook.url.map { $0 == url } != false
        }
        let kept = Dictionary(grouping: right, by: \.filter).values.compactMap(\.first)
        // First those that are too many: an app may have five.
        let spare = ours.map(\.id).filter { id in !kept.contains { $0.id == id } }
        try await client.deleteDynamicWebhooks(spare)
        if !spare.isEmpty { outcome.changes.append(.removedSpare) }
        var ids = kept.map(\.id)
        var ends = kept.map(\.expires)
        if kept.contains(where: { isNearingItsEnd($0.expires) }) {
            ends = [try await client.refreshDynamicWebhooks(ids)]
            outcome.changes.append(.refreshed)
        }
        let missing = filters.filter { filter in !kept.contains { $0.filter == filter } }
        let made = try await register(missing, url, &outcome)
        ids += made
        if !made.isEmpty { ends.append(Timestamp(milliseconds: clock().rawValue + 2 * Self.halfLife)) }
        outcome.record.jiraID = ids.sorted().map(String.init).joined(separator: ",")
        outcome.record.expires = ends.compactMap { $0 }.min()
        outcome.record.state = ids.isEmpty ? .failed : .active
        outcome.record.verified = clock()
    }

    /// Registers one webhook a filter; of each that is refused the reason is kept.
    private func register(
        _ filters: [String], _ url: String, _ outcome: inout Outcome
    ) async throws(JiraError) -> [Int64] {
        guard !filters.isEmpty else { return [] }
        let results = try await client.registerDynamicWebhooks(url: url, events: WebhookEvents.ofApps, filters: filters)
        var ids: [Int64] = []
        var refusals: [String] = []
        for result in results {
            switch result {
            case .created(let id): ids.append(id)
            case .refused(let words): refusals += words.isEmpty ? ["Jira gave no reason."] : words
            }
        }
        if !ids.isEmpty { outcome.changes.append(.created) }
        if !refusals.isEmpty || results.count < filters.count {
            let count = filters.count - ids.count
            let problem =
                "Jira refused \(count) of \(filters.count) webhooks: \(refusals.joined(separator: " ")) What they would tell is found by the deltas."
            outcome.record.problem = problem
            outcome.warnings.append(problem)
        }
        return ids
    }

    private func isNearingItsEnd(_ expires: Timestamp?) -> Bool {
        guard let expires else { return true }
        return expires.rawValue - clock().rawValue < Self.halfLife
    }

    /// Filters that name the source's projects: Jira wants one, and takes few clauses.
    private func filters(of source: Source, _ outcome: inout Outcome) async throws -> [String] {
        outcome.record.problem = nil
        let keys = try await store.read { connection in
            let known = try ProjectRecords.all(source: source.id, in: connection)
                .filter { $0.accessState != .gone }.map(\.project.key)
            return (known.isEmpty ? source.scope.projects : known).sorted()
        }
        guard !keys.isEmpty else {
            throw WebhookError(.unsupported, "Which projects there are is not known yet. Synchronise the source first")
        }
        let limit = Self.projectsPerFilter * JiraClient.dynamicWebhookLimit
        if keys.count > limit {
            let problem =
                "Webhooks of apps cover \(limit) projects; \(keys.count - limit) further ones are found by the deltas."
            outcome.record.problem = problem
            outcome.warnings.append(problem)
        }
        let covered = Array(keys.prefix(limit))
        return stride(from: 0, to: covered.count, by: Self.projectsPerFilter).map { start in
            let part = covered[start..<min(start + Self.projectsPerFilter, covered.count)]
            return "project IN (\(part.map { "\"\($0)\"" }.joined(separator: ", ")))"
        }
    }
}
