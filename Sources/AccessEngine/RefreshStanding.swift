import AccessControl
import IssueModel
import Journal

/// What was last known of a fact.
struct FactTime: Hashable, Sendable {
    /// When it was last read, or refused; `nil` where Jira never answered.
    var verified: Timestamp?
    /// Why it is refused; `nil` where it is not. A refused fact grants nobody, so it cannot grow stale.
    var refusal: String?
    /// Of ``AccessFact/roleNames(_:)``: the names that no role of the project had, one a line. Of
    /// ``AccessFact/accounts``: whether the site may have others than it lists. Of ``AccessFact/levels``: those that issues
    /// name and the site has no more, one a line.
    var detail: String?

    static let incomplete = AccessFactRecords.incomplete
}

/// Whether a project may be shown, and since when everything that decides about it is known to hold.
enum ProjectStanding: Hashable, Sendable {
    case verified(Timestamp)
    /// Its rules are refused, or were never read.
    case hidden(String)
    case gone

    /// - Parameters:
    ///   - times: Of every fact of the source.
    ///   - trail: Vouches for projects' facts where the audit log can be read.
    static func of(
        _ project: AccessFacts.ProjectFacts, facts: AccessFacts, needs: AccessNeeds, times: [AccessFact: FactTime],
        trail: AuditTrail?, slowPeriod: Int64
    ) -> ProjectStanding {
        guard let own = times[.project(project.id)] else {
            return .hidden("The permissions of the project have not been read yet.")
        }
        if let problem = own.refusal { return .hidden(problem) }
        guard let read = own.verified, let scheme = project.permissionScheme, facts.permissionSchemes[scheme] != nil
        else { return .hidden("The permission scheme of the project is not known.") }
        if times[.issueLevels(project.id)] != nil {
            return .hidden(
                "Its security levels or the names of its roles changed, and the next run reads its issues again for it."
            )
        }
        var moments = [vouched(project, readAt: read, trail, slowPeriod)]
        func require(_ fact: AccessFact) {
            if let time = times[fact], time.refusal == nil, let verified = time.verified { moments.append(verified) }
        }
        require(.projects)
        if project.style == .company { require(.schemes) }
        if !facts.groupsAreNames, needs.levelled.contains(project.id) { require(.levels) }
        if needs.licensed.contains(project.id) { require(.licences) }
        require(.accounts)
        for group in needs.groups[project.id] ?? [] { require(.group(group)) }
        if facts.groupsAreNames {
            // Who has no licence cannot sign in there, and nothing else tells who that is.
            guard let licences = times[.licences], licences.verified != nil else {
                return .hidden("The groups behind licences have not been read yet.")
            }
            if let problem = licences.refusal { return .hidden(problem) }
        }
        return .verified(moments.min() ?? read)
    }

    /// Until when a project's own facts are known to hold: since they were read, or for as long as the audit log, which
    /// would have told of a change, was followed. Changes of team-managed projects are not relied upon to be in it.
    static func vouched(
        _ project: AccessFacts.ProjectFacts, readAt: Timestamp, _ trail: AuditTrail?, _ slowPeriod: Int64
    ) -> Timestamp {
        guard project.style == .company, let trail, trail.covers(project.id, readAt: readAt) else { return readAt }
        let latest = Timestamp(milliseconds: readAt.rawValue + slowPeriod * 1_000)
        return max(readAt, min(trail.vouchesUntil, latest))
    }
}
