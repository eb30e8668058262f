import SiteConnection
import Store

extension SyncExtent {
    /// What a run of this extent does. The phase of boards ends the issue phase too, so it comes with it.
    var phases: Set<SyncPhase> {
        switch self {
        case .all, .full: Set(SyncPhase.allCases)
        case .changes, .pending, .issues, .project: [.identify, .issues, .boards, .attachments]
        case .catalogue: [.identify, .fields, .projects, .boards]
        }
    }

    /// Whether fields and projects are those that are stored, for which nothing is asked.
    var usesStoredCatalogue: Bool {
        switch self {
        case .changes, .pending, .issues, .project: true
        case .all, .full, .catalogue: false
        }
    }

    /// Whether the run walks listings, besides reading issues by their ids.
    var readsListings: Bool {
        switch self {
        case .all, .full, .changes, .project: true
        case .pending, .issues, .catalogue: false
        }
    }

    /// Whether the client of the run before may be used again.
    var usesPooledClient: Bool { usesStoredCatalogue }

    /// Whether everything of the catalogue is read, as opposed to a part of it in turn.
    var readsWholeCatalogue: Bool { self == .all || self == .full }

    /// What is read instead where the source was never read wholly.
    func adapted(to checkpoint: SyncCheckpoint?, _ scope: Source.Scope) -> SyncExtent {
        let isReadable = checkpoint != nil
        let isWhole = checkpoint.map { $0.mark != nil && $0.isOf(scope) } ?? false
        switch self {
        case .changes, .project: return isWhole ? self : .all
        case .pending, .issues: return isReadable ? self : .all
        case .all, .full, .catalogue: return self
        }
    }
}
