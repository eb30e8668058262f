import AccessControl
import AccessEngine
import Console
import FastJSON
import IssueModel
import JiraClient
import Journal
import SiteConnection
import SourceAdministration
import Store
import SyncEngine

extension Command {
    static let accessAudit = Command(
        words: ["access", "audit"], summary: "Compare what is shown with what Jira itself shows, person by person",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .value("--pairs", "N", "stop after about so many pairs of a person and an issue; 20000 without it"),
            .flag("--json", "print what was compared and found as JSON"),
        ],
        discussion: """
            Cloud answers an administrator's credential for anybody. Elsewhere, and in linked mode, it asks with the members' own
            credentials, and compares restricted comments too. Each run goes on where the last one stopped.

            An issue that is shown to somebody Jira does not show it to is hidden from everybody at once, and comes back when both
            agree. Exit code 1: something was shown too much. 5: something could not be compared.
            """,
        example: "drawbridge access audit work --pairs 100000"
    ) { invocation in
        var limits = AccessAudit.Limits()
        if let pairs = try invocation.number("--pairs", in: 1...100_000_000) {
            limits.pairs = pairs
            limits.requests = max(limits.requests, 2 * pairs / JiraClient.mostCheckedIssues)
        }
        let wanted = limits
        return try await Session.with(invocation, for: .writing) { session in
            let service = session.synchroniser(invocation.environment)
            let summary = try await service.auditAccess(invocation.arguments[0], limits: wanted)
            let source = try await session.source(named: invocation.arguments[0])
            let report = AuditReport(summary, source: source, keys: try await keys(of: summary, source, session))
            if invocation.wantsJSON { Terminal.print(report.json) } else { Terminal.print(report.text) }
            return report.exitCode
        }
    }

    private static func keys(
        of summary: AuditSummary, _ source: Source, _ session: Session
    ) async throws -> [IssueID: String] {
        let issues = Set(summary.withheld + summary.gone + summary.released + summary.findings.map(\.issue))
            .union(summary.lastMismatch.map { [$0.issue] } ?? [])
        return try await session.store.read { connection in
            var keys: [IssueID: String] = [:]
            for issue in issues { keys[issue] = try IssueRecords.row(issue, source: source.id, in: connection)?.key }
            return keys
        }
    }
}

extension AuditReport {
    fileprivate var exitCode: ExitCode {
        if summary.totals.tooMuch > 0 { return .failed }
        return summary.unchecked.isEmpty ? .done : .partlyDone
    }
}
