import AccessEngine
import SiteConnection

extension SyncRun {
    /// Whether a run ends with this failure, or goes on without what the phase would have brought.
    ///
    /// A refusal to show configuration costs only that; a refused credential, an unreachable site or a data folder that
    /// can't be written ends the run whatever the phase.
    func isFatal(_ failure: SyncFailure, in phase: SyncPhase) -> Bool {
        switch failure.code {
        case .permissionMissing, .siteAnswersWrongly, .queryRefused:
            [.identify, .projects, .issues].contains(phase)
        default: true
        }
    }

    func warn(_ failure: SyncFailure, in phase: SyncPhase) {
        switch phase {
        case .access:
            warn(.accessUnreadable, "Permissions could not be read, so the projects are hidden. \(failure.why)")
        case .boards: warn(.boardsUnreadable, "Boards and sprints could not be read. \(failure.why)")
        case .attachments: warn(.attachmentsUnread, "Attachments could not be read. \(failure.why)")
        default: warn(.catalogueUnreadable, "Part of the site's configuration could not be read. \(failure.why)")
        }
    }
}
