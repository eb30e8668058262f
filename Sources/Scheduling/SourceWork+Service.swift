import AccessEngine
import FastJSON
import IssueModel
public import JiraClient
import Journal
public import Observability
import Reconciliation
import SiteConnection
public import Store
public import SyncEngine
public import Webhooks

extension SourceWork {
    /// The real work, done by a service.
    ///
    /// - Parameters:
    ///   - receiver: What received webhooks wait in; without it none are collected.
    ///   - publicURL: Where Jira reaches this installation: webhooks are registered for it by themselves, once a source.
    ///   - censusRequests: Requests that one part of a census takes before others have their turn. Defaults to 60.
    public static func service(
        _ service: SyncService, store: Store, receiver: WebhookReceiver? = nil, publicURL: String? = nil,
        censusRequests: Int = 60,
        time: TimeSource = .system, log: Log = .silent
    ) -> SourceWork {
        var work = SourceWork { (job, source, report) async throws(SyncFailure) -> Outcome in
            switch job {
            case .synchronise(let extent):
                let summary = try await service.synchronise(source.name, extent, report: report)
                return Outcome(summary: summary, warnings: summary.warnings.map(\.message))
            case .access:
                let summary = try await service.refreshAccess(source.name, report: report)
                return Outcome(warnings: summary.warnings.map(\.message))
            case .audit: return try await audit(source, service)
            case .census:
                let summary = try await service.takeCensus(
                    source.name, CensusSlice(requests: censusRequests), report: report)
                return Outcome(hasMore: !summary.isComplete)
            case .webhooks:
                let warnings = try await service.lend(source.name) { client, source in
                    let registration = WebhookRegistration(
                        store: store, client: client, clock: time.now, log: log)
                    return try await registration.maintain(source, publicURL: publicURL).flatMap(\.warnings)
                }
                return Outcome(warnings: warnings)
            case .upkeep:
                do {
                    try await GraveKeeper.purge(in: store, source: source.id, at: time.now())
                } catch {
                    throw SyncFailure(.storageFailed, what: "Old copies could not be destroyed.", why: "\(error)")
                }
                return Outcome()
            }
        }
        if let receiver { work.collect = { _ = try await receiver.drain() } }
        work.pacing = { source in
            service.pacing(ofSource: source).map { status in
                var writer = JSONWriter()
                status.write(to: &writer)
                return writer.text
            }
        }
        work.registersWebhooks = publicURL != nil
        work.without = { source in source.accessOptions.auditShare > 0 ? [] : [.audit] }
        return work
    }

    private static func audit(_ source: Source, _ service: SyncService) async throws(SyncFailure) -> Outcome {
        guard let limits = AccessAudit.Limits(beside: source.accessOptions) else { return Outcome() }
        let summary = try await service.auditAccess(source.name, limits: limits)
        let count = summary.withheld.count
        guard summary.totals.tooMuch > 0 else { return Outcome() }
        return Outcome(warnings: [
            "\(count) \(count == 1 ? "issue is" : "issues are") hidden: Jira does not show them to everybody we would have. "
                + "'drawbridge status' tells more."
        ])
    }
}
