import IssueModel

/// Reasons where not the site's rules decide but what Jira lists, or the way the source is shared.
extension AccessExplainer {
    /// The clauses of a source whose accounts list for themselves.
    func linked(_ inputs: AclInputs, _ person: Person) -> [AccessExplanation.Clause] {
        var clauses = [
            listing(
                .browse, inputs, person, subject: "In this source everybody sees what their own Jira account lists"),
            AccessExplanation.Clause(
                kind: .level, holds: true, because: ["What Jira lists has passed the issue's security level."]),
        ]
        guard !inputs.restrictions.isEmpty else { return clauses }
        let shown = inputs.restrictions.map { restriction -> (holds: Bool, because: String) in
            let project = projectKey(inputs.project)
            let words = words(for: restriction)
            let holds = person.listed?.contains(.shown(restriction, of: inputs.project)) ?? false
            return (
                holds,
                holds
                    ? "It is \(words); Jira shows \(person.name) such parts of \(project)."
                    : "It is \(words); Jira has not shown \(person.name) any such part of \(project)."
            )
        }
        clauses.append(
            .init(
                kind: .visibility, holds: shown.allSatisfy(\.holds),
                because: shown.filter { $0.holds == shown.allSatisfy(\.holds) }.map(\.because).sorted()))
        return clauses
    }

    /// The one clause of a source that everybody, or every member, sees whole.
    func open(_ person: Person) -> AccessExplanation.Clause {
        guard rules.facts.mode == .shared else {
            return .init(
                kind: .browse, holds: true,
                because: ["The site is read without signing in, so everybody sees what anybody sees there."])
        }
        let isMember = person.principals.contains(.member)
        return .init(
            kind: .browse, holds: isMember,
            because: [
                "An admin shares this source: every member sees what its credential sees"
                    + (isMember ? "." : ", and \(person.name) is no member.")
            ])
    }

    /// A clause that nothing but Jira's listing of the issue decides.
    func listing(
        _ kind: AccessExplanation.Kind, _ inputs: AclInputs, _ person: Person, subject: String
    ) -> AccessExplanation.Clause {
        guard let issue = inputs.issue else {
            return refusal(
                kind,
                "\(subject), so Jira's own listing decides; this came into use after the issue was last written and holds "
                    + "once it is.")
        }
        guard let listed = person.listed else {
            var because = person.hindrances + ["\(subject), and what Jira lists to \(person.name) is not known here."]
            if person.account != nil || person.identity == .unlinked {
                because.append(
                    "It would hold if \(person.name) linked a Jira account with a token of its own and Jira listed the "
                        + "issue to it.")
            }
            return .init(kind: kind, holds: false, because: because)
        }
        if listed.contains(.listed(issue)) {
            return .init(kind: kind, holds: true, because: ["\(subject), and Jira lists the issue to \(person.name)."])
        }
        return .init(
            kind: kind, holds: false,
            because: [
                "\(subject), and Jira does not list the issue to \(person.name).",
                "It would hold if Jira listed it, for which the account needs Browse Projects there and, where the issue "
                    + "has one, a place in its security level.",
            ])
    }

    private func words(for restriction: Restriction) -> String {
        switch restriction {
        case .internal: "an internal note, for agents"
        case .visibility(let kind, _, let name): "visible to \(kind == .role ? "project role" : "group") “\(name)”"
        }
    }
}
