internal import HTTPMessages
internal import Reading
internal import SearchIndex
internal import SignIn
internal import SiteConnection
internal import SourceAdministration
internal import Store
internal import WebFrame
internal import Workspace

extension Problem {
    /// What the request says cannot be done. Coco answers most of these with 500; they are the client's to mend.
    static func invalid(_ reason: String) -> Problem { .badRequest("invalid_request", reason) }

    /// Documents come from Jira alone.
    static let readOnly = Problem(
        403, "documents_read_only", "Documents come from Jira",
        detail: "permission not allowed: documents are copies of Jira issues and change only with Jira. "
            + "Nothing would say who may see one that was put in from elsewhere.")

    /// The problem that tells of another part's error; `nil` for what only the log may say.
    init?(explaining error: any Error) {
        switch error {
        case let error as SignInError:
            self.init(error.status, error.code.rawValue, error.message)
            if error.status == 401 { headers["WWW-Authenticate"] = "Bearer" }
            if let wait = error.retryAfter { headers["Retry-After"] = String(wait) }
        case let error as WorkspaceError where error.code == .memberSuspended:
            self.init(403, "suspended", error.message)
        case let error as SearchError: self = .invalid(error.message)
        case let error as SyncFailure: self.init(error)
        case let error as AdministrationError:
            self.init(error.code == .wouldDestroy ? 409 : 400, error.code.rawValue, error.message)
        case let error as StoreError:
            switch error.code {
            case .notFound: self.init(404, "not_found", error.message)
            case .nameTaken, .keptDiffers, .folderInUse: self.init(409, error.code.rawValue, error.message)
            default: return nil
            }
        case let error as ReadingError where error.code == .damaged:
            self.init(500, error.code.rawValue, error.message)
        default: return nil
        }
    }

    /// What keeps a Jira site from being used, in the words that the command line has for it.
    private init?(_ failure: SyncFailure) {
        // What is wrong with this server's own disk or keys is for its log.
        guard ![.storageFailed, .secretsUnreadable].contains(failure.code) else { return nil }
        let status =
            switch failure.code {
            case .sourceExists, .sourceBusy: 409
            case .siteUnreachable, .siteAnswersWrongly: 502
            default: 400
            }
        let words = [failure.what, failure.personalWhy, failure.fix].filter { !$0.isEmpty }
        self.init(status, failure.code.rawValue, words.joined(separator: " "))
    }
}
