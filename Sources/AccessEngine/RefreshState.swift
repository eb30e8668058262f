import AccessControl
import IssueModel
import JiraClient
import Store

/// What one refresh knows: first what is stored, then with what Jira answered put in its place.
struct RefreshState: Sendable {
    /// The facts as they will be once what was read is stored.
    var facts: AccessFacts
    /// What stored issues name.
    var issues: [EntityID: AccessNeeds.OfIssues]
    /// Acls whose issues need their keys anew even before anything changes.
    var outdated: Set<Int64>
    var times: [AccessFact: FactTime]
    var trail: AuditTrail?
    var projects: [EntityID: ProjectRecords.Record]
    /// Stored members of each group that has some.
    var memberCounts: [GroupID: Int]
    var accountCount: Int
    /// Data Center's accounts by login name.
    var directory: AccountDirectory
    /// The security scheme each project used when that was last told.
    var securitySchemes: [EntityID: EntityID]

    var harvest = Harvest()
    var summary = AccessRefreshSummary()

    /// What Jira answered, still to be stored.
    struct Harvest: Sendable {
        var projects: [FetchedProject]?
        /// Projects that left the list and are archived.
        var archived: [FetchedProject] = []
        var schemes: [PermissionScheme]?
        var levels: [SecurityLevel]?
        /// Which security scheme each project uses that it was told of: `.some(nil)` is none.
        var securitySchemes: [EntityID: EntityID?] = [:]
        /// Projects whose issues may have other levels than their copies.
        var releveled: Set<EntityID> = []
        /// Names in restrictions that no role of the project has, as is told for the first time.
        var misnamed: [EntityID: Set<String>] = [:]
        var licences: [ApplicationRole]?
        var accounts: SiteListing<Account>?
        var groups: SiteListing<Group>?
        var projectReads: [EntityID: ProjectRead] = [:]
        var gone: Set<EntityID> = []
        /// What the audit log says was deleted.
        var deletions: [AuditRecord.Deletion] = []
        var members: [GroupID: [Account]] = [:]
        /// Facts with the moment before they were asked for, and why they are refused if so.
        var times: [AccessFact: FactTime] = [:]
        /// Facts that Jira did not answer for.
        var failures: [AccessFact: String] = [:]
        /// The list of projects is refused: none of them may be shown.
        var refusal: String?
    }

    /// A project's own facts.
    struct ProjectRead: Sendable {
        var scheme: EntityID
        /// Its grants, where the scheme had to be read with the project.
        var own: PermissionScheme?
        var roles: [RoleActors]
        /// Its security scheme, where that was asked with the project.
        var securityScheme: EntityID??
        /// Whether all roles were read, to find some by name.
        var hasAllNames: Bool
    }

    var needs: AccessNeeds { AccessNeeds(facts, issues: issues) }

    /// Notes how asking for a fact ended, and answers with what was read.
    mutating func note<Value>(
        _ fact: AccessFact, _ outcome: ReadOutcome<Value>, began: Timestamp, _ code: AccessWarning.Code, _ lost: String
    ) -> Value? {
        switch outcome {
        case .read(let value):
            harvest.times[fact] = FactTime(verified: began)
            summary.read += 1
            return value
        case .refused(let problem), .missing(let problem):
            harvest.times[fact] = FactTime(verified: began, refusal: problem)
            summary.read += 1
            summary.warn(code, "\(lost) \(problem)")
        case .failed(let problem):
            harvest.failures[fact] = problem
            summary.failed += 1
            summary.warn(
                .accessNotVerified,
                "Who may see what could not all be read again; what is known holds until its lease ends. \(problem)")
        }
        return nil
    }

    /// Times as they will be stored.
    var newTimes: [AccessFact: FactTime] {
        var result = times.merging(harvest.times) { $1 }
        for project in harvest.releveled { result[.issueLevels(project)] = FactTime() }
        return result
    }

    /// Whether the contents of shared schemes are known from the list of all of them.
    var schemesAreListed: Bool {
        newTimes[.schemes].map { $0.verified != nil && $0.refusal == nil } ?? false
    }
}
