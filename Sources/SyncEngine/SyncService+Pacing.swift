public import JiraClient
import Journal
import Store

extension SyncService {
    /// How Jira's pace is kept at a source at present, by the client that was used last; `nil` where none was.
    public func pacing(ofSource id: Int64) -> PacingStatus? { pool.latest(of: id)?.pacing }

    /// Has a client keep to the share of Jira's budget that the source's schedule leaves it, as it is now.
    func sharing(_ client: JiraClient, of source: Source) async throws -> JiraClient {
        let schedule = try await store.read { try SyncSchedule.of(source: source.id, in: $0) }
        client.limit(toShareOfBudget: Double(schedule.budget) / 100)
        return client
    }
}
