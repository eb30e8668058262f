import AuditTrail
import Console
import IssueModel
import Reconciliation
import SourceAdministration
import Store

extension Command {
    static let sourceScope = Command(
        words: ["source", "scope"],
        summary: "Show or change which issues of a site are copied",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [
            .value("--project", "KEY", "only this project", repeatable: true),
            .flag("--all-projects", "every project that the credential sees"),
            .value("--jql", "JQL", "only what this query finds; an empty one is no restriction"),
            .value(
                "--since", "DATE",
                "only issues that changed on this day or later, as 2024-01-31; 'ever' is no restriction"),
            .value("--type", "T", "only issues of this type; 'all' is no restriction", repeatable: true),
            .flag("--dry-run", "count what would be read and destroyed, and change nothing"),
            .flag("--yes", "change it even where stored issues are destroyed"),
            .flag("--json", "print the scope and the counts as JSON"),
        ],
        discussion: """
            What is given replaces that part of the scope; the rest stays. What comes into scope is read by the next
            'drawbridge sync', and nothing else. What is no longer in scope is destroyed: nothing of it stays in the data
            folder, so that backups are the only way back.
            """,
        example: "drawbridge source scope work --project PAY --project WEB --since 2024-01-01 --dry-run"
    ) { invocation in
        let names = ["--project", "--all-projects", "--jql", "--since", "--type"]
        let isChange = names.contains(where: invocation.has)
        let isDry = invocation.has("--dry-run") || !isChange
        return try await Session.with(invocation, for: isDry ? .reading : .writing) { session in
            let source = try await session.source(named: invocation.arguments[0])
            var report = ScopeReport(source: source, scope: try Self.scope(of: invocation, from: source.scope))
            guard isChange else {
                Terminal.print(invocation.wantsJSON ? report.json : Array(text(report.scope).utf8))
                return .done
            }
            let administration = session.administration(invocation.environment)
            let plan = try await Terminal.whileWorking(on: "Counting") {
                try await administration.planScope(of: source.name, report.scope)
            }
            report = plan
            let mayChange = !isDry && (plan.change?.removed == 0 || invocation.has("--yes"))
            if mayChange {
                report = try await Terminal.whileWorking(on: "Changing the scope") {
                    try await administration.changeScope(plan, destroys: true, by: .commandLine)
                }
            }
            if invocation.wantsJSON {
                Terminal.print(report.json)
            } else if let change = plan.change {
                Terminal.print(text(report.scope) + "\n" + text(change))
                Terminal.print(outcome(change, source, destroyed: report.destroyed, isDry: isDry))
            }
            return mayChange || isDry ? .done : .failed
        }
    }

    private static func scope(of invocation: Invocation, from scope: Source.Scope) throws(UsageError) -> Source.Scope {
        guard !(invocation.has("--project") && invocation.has("--all-projects")) else {
            throw UsageError("--project and --all-projects say two different things; give one")
        }
        var scope = scope
        if invocation.has("--all-projects") { scope.projects = [] }
        if invocation.has("--project") { scope.projects = invocation.all("--project") }
        if let jql = invocation.value("--jql") { scope.jql = jql.allSatisfy(\.isWhitespace) ? nil : jql }
        if let since = invocation.value("--since") {
            guard since == "ever" || CalendarDate(since) != nil else {
                throw UsageError("--since takes a day such as 2024-01-31, or 'ever', not '\(since)'")
            }
            scope.since = CalendarDate(since)
        }
        if invocation.has("--type") {
            let types = invocation.all("--type")
            scope.types = types == ["all"] ? [] : types
        }
        return scope
    }

    private static func text(_ scope: Source.Scope) -> String {
        [
            "projects: \(scope.projects.isEmpty ? "all" : scope.projects.joined(separator: ", "))",
            "jql:      \(scope.jql ?? "none")",
            "since:    \(scope.since.map { "\($0)" } ?? "ever")",
            "types:    \(scope.types.isEmpty ? "all" : scope.types.joined(separator: ", "))",
        ].map(Terminal.visible).joined(separator: "\n")
    }

    private static func text(_ change: ScopeChange) -> String {
        change.projects.filter { $0.added + $0.removed > 0 }.map { share in
            "  \(Terminal.visible(share.key)): \(Wording.count(share.added, "issue")) to read, \(Wording.grouped(share.removed)) to destroy, \(Wording.grouped(share.kept)) kept"
        }.joined(separator: "\n")
    }

    private static func outcome(
        _ change: ScopeChange, _ source: Source, destroyed: Int?, isDry: Bool
    ) -> String {
        let (added, removed) = (Wording.count(change.added, "issue"), Wording.count(change.removed, "issue"))
        if let destroyed {
            return "Changed. Destroyed \(Wording.count(destroyed, "issue")); \(added) wait to be read. "
                + "Next: drawbridge sync \(source.name)"
        }
        if isDry { return "Would read \(added) and destroy \(removed). Nothing was changed." }
        return "This would destroy \(removed) that are stored. Nothing was changed: say --yes to do it."
    }
}
