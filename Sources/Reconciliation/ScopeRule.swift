import FoundationEssentials
public import IssueModel
public import JiraClient
public import Store

extension Source.Scope {
    /// What narrows the issues of the projects in scope, as JQL; `nil` where nothing does.
    public var restriction: String? {
        var clauses: [String] = []
        if let jql, !JQL.restriction(of: jql).isEmpty { clauses.append("(\(JQL.restriction(of: jql)))") }
        if let since { clauses.append("updated >= \"\(since)\"") }
        if !types.isEmpty { clauses.append("issuetype in (\(types.map(JQL.quoted).joined(separator: ", ")))") }
        return clauses.isEmpty ? nil : clauses.joined(separator: " AND ")
    }
}

/// Decides about issues that were read by their ids, wherever they are now, whether they are in a source's scope.
public struct ScopeRule: Sendable {
    private let projects: Set<EntityID>
    private let types: Set<String>
    private let since: Timestamp?
    private let jql: String?

    /// - Parameter projects: Identities of the projects in scope, archived ones too.
    public init(_ source: Source, projects: Set<EntityID>) {
        self.projects = projects
        types = Set(source.scope.types.map { $0.lowercased() })
        since = source.scope.since.map { Self.beginning(of: $0, in: source.timeZone) }
        jql = source.scope.jql.map { JQL.restriction(of: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Those of `issues` that are not in scope.
    ///
    /// Projects, types and dates are decided here; only the source's own JQL is put to Jira.
    public func outside(_ issues: [Issue], client: JiraClient) async throws(JiraError) -> Set<IssueID> {
        var outside = Set(issues.filter { !includes($0) }.map(\.id))
        guard let jql else { return outside }
        let rest = issues.map(\.id).filter { !outside.contains($0) }
        outside.formUnion(Set(rest).subtracting(try await client.matches(jql, among: rest)))
        return outside
    }

    /// Whether an issue is in scope as far as that is seen without Jira.
    func includes(_ issue: Issue) -> Bool {
        guard projects.contains(issue.project.id) else { return false }
        if !types.isEmpty, !types.contains(issue.type.name.lowercased()), !types.contains(issue.type.id.rawValue) {
            return false
        }
        return since.map { issue.updated >= $0 } ?? true
    }

    /// The moment at which a day begins for the account whose queries name it.
    static func beginning(of day: CalendarDate, in zone: String?) -> Timestamp {
        let midnight = Int64(day.daysSinceEpoch) * 86_400_000
        guard let zone = zone.flatMap({ TimeZone(identifier: $0) }) else { return Timestamp(milliseconds: midnight) }
        // The offset that holds at the moment itself, which two steps find but for a change within the day.
        var moment = midnight
        for _ in 0..<2 {
            let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment) / 1_000))
            moment = midnight - Int64(offset) * 1_000
        }
        return Timestamp(milliseconds: moment)
    }
}
