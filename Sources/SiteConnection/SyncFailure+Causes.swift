import AccessEngine
import Database
public import JiraClient
import Store

extension SyncFailure {
    /// Says what a thrown error means to the person who runs the synchronisation.
    public init(_ error: any Error, in phase: SyncPhase) {
        switch error {
        case let failure as SyncFailure: self = failure
        case let error as JiraError: self.init(error)
        case let error as DatabaseError:
            self.init(
                .storageFailed, what: "The data folder could not be written.",
                why: "The database says: \(error.message) [\(error.code)].", fix: error.advice.map { $0 + "." } ?? "")
        case let error as StoreError:
            self.init(
                error.code == .keyMissing ? .secretsUnreadable : .storageFailed,
                what: "The data folder could not be used.", why: error.message + ".")
        case let damage as CredentialDamage:
            self.init(
                .secretsUnreadable, what: "The source's credential cannot be used.", why: damage.description,
                fix: "Give the source a new one with 'drawbridge source credential'.")
        case is CancellationError: self.init(.cancelled, what: "The synchronisation was stopped.")
        default:
            self.init(
                .storageFailed, what: "The synchronisation failed in the phase \(phase.rawValue).", why: "\(error)")
        }
    }

    /// Says what Jira's refusal means, and what to do about it.
    public init(_ error: JiraError) {
        let code: Code =
            if error.code == .permissionMissing || error.code == .scopeMissing {
                .permissionMissing
            } else if error.concernsAccess {
                .credentialRefused
            } else if error.concernsReachability || error.code == .rateLimited {
                .siteUnreachable
            } else if error.code == .badQuery || error.code == .projectMissing {
                .queryRefused
            } else if error.code == .cancelled {
                .cancelled
            } else if error.code == .zoneChanged {
                .zoneChanged
            } else {
                .siteAnswersWrongly
            }
        self.init(
            code, what: error.code.explanation, why: error.circumstances, fix: code.fix)
        guard !error.messages.isEmpty else { return }
        words = [error.concernsReachability ? "" : "Jira says:"] + error.messages
        words.removeAll(where: \.isEmpty)
    }
}

extension JiraError {
    /// Which request it was and how it ended: the facts behind the explanation.
    var circumstances: String {
        switch (endpoint.isEmpty, status) {
        case (true, _): ""
        case (false, nil): "This was \(endpoint)."
        case (false, let status?): "\(endpoint) was answered with \(status)."
        }
    }
}

extension SyncFailure.Code {
    fileprivate var fix: String {
        switch self {
        case .credentialRefused:
            "What was read is kept. Give the source a new one with 'drawbridge source credential', and run again."
        case .permissionMissing: "What was read is kept. Run again with the permission."
        case .siteUnreachable: "What was read is kept. Run again when Jira answers."
        case .queryRefused: "Correct the source's --jql or --project."
        default: ""
        }
    }
}
