public import AccessEngine
internal import AccessControl
internal import Console
internal import FastJSON
public import IssueModel
internal import Journal
public import Store

/// What an audit did, for people and as JSON.
public struct AuditReport: Sendable {
    public let summary: AuditSummary
    let source: Source
    let keys: [IssueID: String]

    /// - Parameter keys: What to call the issues.
    public init(_ summary: AuditSummary, source: Source, keys: [IssueID: String]) {
        (self.summary, self.source, self.keys) = (summary, source, keys)
    }

    private var isComparable: Bool { source.accessMode == .mirror || source.accessMode == .linked }

    private func name(_ issue: IssueID) -> String { keys[issue] ?? issue.description }

    // MARK: For people

    public var text: String {
        guard isComparable else {
            return
                "\(summary.source): nothing to compare; its mode \(source.accessMode.rawValue) does not follow Jira's "
                + "rules for each person."
        }
        var lines = [compared]
        if !summary.withheld.isEmpty {
            lines.append(
                "  Hidden now, because Jira does not show it to somebody who saw it here: \(names(summary.withheld)).")
        }
        if !summary.gone.isEmpty {
            lines.append(
                "  Hidden now, because Jira does not show it to the source's own account: \(names(summary.gone)).")
        }
        if !summary.released.isEmpty { lines.append("  Shown again, both agree: \(names(summary.released)).") }
        for finding in summary.findings.prefix(20) { lines.append("  " + words(finding)) }
        if summary.findings.count > 20 {
            lines.append("  … and \(Wording.grouped(summary.findings.count - 20)) more; --json lists them.")
        }
        if let coverage = summary.coverage { lines.append(words(coverage)) }
        if summary.findings.isEmpty, let last = summary.lastMismatch {
            lines.append("  The last difference was found on \(last.lastSeen.rfc3339) and is resolved.")
        }
        for problem in summary.unchecked.prefix(10) {
            lines.append("  Not compared\(problem.account.map { " for \($0)" } ?? ""): \(problem.message)")
        }
        return lines.joined(separator: "\n")
    }

    private var compared: String {
        let totals = summary.totals
        var verdict = "no difference"
        if totals.tooMuch + totals.tooLittle > 0 {
            verdict =
                "\(Wording.grouped(totals.tooMuch)) shown too much, \(Wording.grouped(totals.tooLittle)) too little"
        } else if totals.pairs == 0 {
            verdict = "nothing compared"
        }
        let parts = summary.parts > 0 ? " and \(Wording.count(summary.parts, "restricted part"))" : ""
        return "\(summary.source): \(verdict). \(Wording.count(totals.pairs, "pair")) of a person and an issue\(parts) "
            + "compared with \(Wording.count(totals.requests, "request"))."
    }

    private func words(_ finding: AccessAudits.Finding) -> String {
        let what = finding.kind == .tooMuch ? "shown here and not in Jira" : "shown in Jira and not here"
        let explanation = finding.explanation.isEmpty ? "" : " \(finding.explanation)"
        return "\(name(finding.issue)), account \(finding.account): \(what).\(explanation)"
    }

    private func words(_ coverage: AuditSummary.Coverage) -> String {
        "  Compared since \(coverage.since.rfc3339): \(Wording.grouped(coverage.pairs)) of "
            + "\(Wording.grouped(coverage.of)) pairs (\(Int((coverage.share * 100).rounded(.down))) %), "
            + "\(Wording.count(coverage.accounts, "person", plural: "people")) and "
            + "\(Wording.count(coverage.issues, "issue"))"
            + (coverage.rounds > 0 ? "; all of them \(coverage.rounds) times before." : ".")
    }

    private func names(_ issues: [IssueID]) -> String {
        let shown = issues.prefix(20).map(name).joined(separator: ", ")
        return issues.count > 20 ? shown + " and \(Wording.grouped(issues.count - 20)) more" : shown
    }

    // MARK: As JSON

    public var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", summary.source)
            json.member("pairs", summary.totals.pairs)
            json.member("accounts", summary.totals.accounts)
            json.member("issues", summary.totals.issues)
            json.member("parts", summary.parts)
            json.member("requests", summary.totals.requests)
            json.member("tooMuch", summary.totals.tooMuch)
            json.member("tooLittle", summary.totals.tooLittle)
            for (member, issues) in [
                ("withheld", summary.withheld), ("gone", summary.gone), ("released", summary.released),
            ] {
                json.key(member)
                json.array { list in for issue in issues { list.string(issue.description) } }
            }
            json.member("resolved", summary.resolved)
            write(summary.coverage, to: &json)
            json.key("findings")
            json.array { list in for finding in summary.findings { write(finding, to: &list) } }
            if let last = summary.lastMismatch {
                json.key("lastMismatch")
                write(last, to: &json)
            }
            json.key("unchecked")
            json.array { list in
                for problem in summary.unchecked {
                    list.object {
                        $0.member("code", problem.code)
                        $0.member("message", problem.message)
                        if let account = problem.account { $0.member("account", account.rawValue) }
                    }
                }
            }
        }
        return json.bytes
    }

    private func write(_ coverage: AuditSummary.Coverage?, to json: inout JSONWriter) {
        guard let coverage else { return }
        json.key("coverage")
        json.object {
            $0.member("pairs", coverage.pairs)
            $0.member("of", coverage.of)
            $0.member("accounts", coverage.accounts)
            $0.member("issues", coverage.issues)
            $0.member("since", coverage.since.rfc3339)
            $0.member("rounds", coverage.rounds)
        }
    }

    private func write(_ finding: AccessAudits.Finding, to json: inout JSONWriter) {
        json.object {
            $0.member("account", finding.account.rawValue)
            $0.member("issue", finding.issue.description)
            if let key = keys[finding.issue] { $0.member("key", key) }
            $0.member("kind", finding.kind.rawValue)
            $0.member("explanation", finding.explanation)
            $0.member("found", finding.found.rfc3339)
            $0.member("lastSeen", finding.lastSeen.rfc3339)
            if let resolved = finding.resolved { $0.member("resolved", resolved.rfc3339) }
        }
    }
}
