public import IssueModel

/// How much of a source a synchronisation reads.
public enum SyncExtent: Hashable, Sendable {
    /// Every phase: what is new of everything. The first time it reads all there is.
    case all
    /// Reads everything again, whatever is stored.
    case full
    /// Issues and worklogs that changed, and those that wait to be read. Where the source was never read wholly it is
    /// ``all``.
    case changes
    /// What changes without its issues being updated: names of statuses, types, versions, sprints, fields and people;
    /// projects that are new, renamed, archived or gone.
    case catalogue
    /// Only the issues that wait to be read.
    case pending
    /// These issues, wherever they are now.
    case issues([IssueID])
    /// One project, by its key: what changed in it, or all of it where it was never read.
    case project(String)
}

extension SyncExtent {
    /// What a run of this extent is called in the history of runs.
    public var name: String {
        switch self {
        case .all: "update"
        case .full: "full"
        case .changes: "changes"
        case .catalogue: "catalogue"
        case .pending: "pending"
        case .issues: "issues"
        case .project: "project"
        }
    }
}
