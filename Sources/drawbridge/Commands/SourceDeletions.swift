import AuditTrail
import Console
import IssueModel
import Journal
import Reconciliation
import SourceAdministration
import Store

extension Command {
    static let deletions: [Command] = [confirmDeletions, sourceDeletions]

    private static let confirmDeletions = Command(
        words: ["source", "confirm-deletions"],
        summary: "Show deletions that are too many to be done without asking; say that they are right, or not",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .flag("--yes", "they are deleted in Jira: remove them here"),
            .flag("--reject", "they are not: keep them, hidden until Jira shows them again"),
            .flag("--json", "print them as JSON"),
        ],
        discussion: """
            Where more than 100 issues, or more than 2 % of a source, seem to be deleted at once, they are hidden but kept
            until somebody has looked. What is removed is kept for the source's grace period and can be put back:
            'drawbridge source deletions NAME --restore KEY'.
            """,
        example: "drawbridge source confirm-deletions work --yes"
    ) { invocation in
        let (accepts, rejects) = (invocation.has("--yes"), invocation.has("--reject"))
        guard !(accepts && rejects) else { throw UsageError("--yes and --reject say two different things; give one") }
        let access: DataFolder.Access = accepts || rejects ? .requesting : .reading
        return try await Session.with(invocation, for: access) { session in
            let administration = session.administration(invocation.environment)
            let name = invocation.arguments[0]
            let report: HeldReport
            if accepts {
                report = try await Terminal.whileWorking(on: "Removing") {
                    try await administration.confirmDeletions(of: name, by: .commandLine)
                }
            } else if rejects {
                report = try await administration.rejectDeletions(of: name, by: .commandLine)
            } else {
                report = try await administration.heldDeletions(of: name)
            }
            if invocation.wantsJSON { Terminal.print(report.json) } else { print(report) }
            return .done
        }
    }

    private static func print(_ report: HeldReport) {
        let (held, source) = (report.held, report.source)
        guard held.total > 0 else {
            Terminal.print("No deletions of '\(source.name)' wait for anybody.")
            return
        }
        for share in held.projects {
            let how = share.isWhole ? "the whole project" : "of \(Wording.count(share.stored, "issue"))"
            Terminal.print(
                "\(Terminal.visible(share.key))  \(Terminal.visible(share.name)): \(Wording.count(share.count, "issue")), \(how)"
            )
            for example in share.examples {
                Terminal.print("    \(Terminal.visible(example.key))  \(Terminal.visible(example.summary))")
            }
        }
        if let removed = report.removed {
            Terminal.print("\nRemoved \(Wording.count(removed, "issue")). Copies are kept for the grace period.")
        } else if report.isRejected {
            Terminal.print("\nKept. They stay hidden until Jira shows them again.")
        } else {
            Terminal.print(
                """

                Jira does not show them any more, and they are hidden here. If they are deleted:
                  drawbridge source confirm-deletions \(source.name) --yes
                If they are not, for example because the account lost a permission:
                  drawbridge source confirm-deletions \(source.name) --reject
                """)
        }
    }

    private static let sourceDeletions = Command(
        words: ["source", "deletions"],
        summary: "Show what left Jira: deleted, out of sight, archived; put a removed issue back",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .value("--grace-days", "N", "keep copies of deleted issues for so many days (30 unless configured)"),
            .value("--restore", "KEY", "put a removed issue back from its copy, without asking Jira"),
            .flag("--json", "print it as JSON"),
        ],
        example: "drawbridge source deletions work"
    ) { invocation in
        let days = try invocation.number("--grace-days", in: DeletionPolicy.graceRange)
        let restored = try invocation.value("--restore").map { text in
            guard let key = IssueKey(text) else { throw UsageError("'\(text)' is no issue key, such as PAY-42") }
            return key
        }
        let access: DataFolder.Access = restored != nil ? .writing : days != nil ? .requesting : .reading
        return try await Session.with(invocation, for: access) { session in
            let administration = session.administration(invocation.environment)
            let name = invocation.arguments[0]
            if let days { try await administration.setGrace(days: days, of: name, by: .commandLine) }
            if let restored {
                try await administration.restore(restored, of: name, by: .commandLine)
                if !invocation.wantsJSON {
                    Terminal.print(
                        "\(restored) is back, for the operator alone until Jira shows it: the next 'drawbridge sync' asks for it."
                    )
                }
            }
            let report = try await administration.deletions(of: name)
            Terminal.print(invocation.wantsJSON ? report.json : Array(report.text.utf8))
            return .done
        }
    }
}

/// What of a source left Jira, for people.
extension DeletionReport {
    var text: String {
        var lines = [
            "\(source.name)",
            "  out of sight of the source's account, deleted or hidden in Jira: \(Wording.count(outOfSight, "issue")), hidden from everybody; "
                + "destroyed after \(policy.graceDays) days unless Jira shows them again",
            "  archived in Jira: \(Wording.count(archived, "issue")), out of search",
            "  removed, copies kept for \(policy.graceDays) days: \(Wording.count(kept, "issue"))",
        ]
        if held > 0 {
            lines.append(
                "  waiting for you: \(Wording.count(held, "issue")); see 'drawbridge source confirm-deletions \(source.name)'"
            )
        }
        for grave in graves {
            lines.append(
                "    \(Terminal.visible(grave.key))  \(grave.reason.rawValue) \(grave.at.rfc3339), destroyed \(grave.purge.rfc3339)"
            )
        }
        return lines.joined(separator: "\n")
    }
}
