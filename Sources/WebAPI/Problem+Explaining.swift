internal import ChangeFeed
internal import Database
internal import FastJSON
internal import HTTPMessages
internal import JiraClient
internal import JiraOAuth
internal import Reading
internal import SearchIndex
internal import SignIn
internal import SingleSignOn
internal import SiteConnection
internal import SourceAdministration
internal import Store
internal import WebFrame
internal import Webhooks
internal import Workspace

extension Problem {
    /// The problem that tells of another part's error; `nil` for what only the log may say.
    init?(explaining error: any Error) {
        switch error {
        case let error as SignInError: self.init(error)
        case let error as WorkspaceError: self.init(error)
        case let error as SingleSignOnError:
            let status = [.notStartedHere, .tooLate].contains(error.code) ? 400 : error.code == .refused ? 403 : 502
            self.init(status, error.code.rawValue, "Single sign-on did not succeed", detail: error.message)
        case let error as FeedError: self.init(error)
        case let error as SearchError: self.init(error)
        case let error as ReadingError: self.init(error)
        case let error as SyncFailure: self.init(error)
        case let error as JiraError: self.init(SyncFailure(error))
        case let error as AdministrationError:
            let status = error.code == .wouldDestroy ? 409 : 400
            self.init(status, error.code.rawValue, Self.title(status), detail: error.message)
        case let error as OAuthError: self.init(error)
        case let error as WebhookError:
            self.init(422, error.code.rawValue, Self.title(422), detail: error.message)
        case let error as StoreError where error.code == .notFound: self = .notFound(error.message)
        case let error as StoreError where error.code == .folderInUse:
            self.init(409, "too_many_requests_waiting", Self.title(409), detail: error.message)
        case let error as DatabaseError where [.full, .busy, .readOnly].contains(error.code):
            self.init(503, "storage_unavailable", Self.title(503), detail: error.advice)
        default: return nil
        }
    }

    private init(_ error: SignInError) {
        self.init(error.status, error.code.rawValue, Self.title(error.status), detail: error.message)
        if error.status == 401 { headers["WWW-Authenticate"] = "Bearer" }
        if let seconds = error.retryAfter { headers["Retry-After"] = String(seconds) }
    }

    private init(_ error: OAuthError) {
        let status =
            switch error.code {
            case .unavailable, .undecodable: 502
            case .misconfigured, .callbackMismatch: 409
            case .notStored, .keyMissing: 500
            case .notStartedHere, .tooLate: 400
            default: 422
            }
        self.init(status, error.code.rawValue, Self.title(status), detail: error.message)
    }

    private init?(_ error: WorkspaceError) {
        let status: Int
        switch error.code {
        case .invalidEmail: status = 400
        case .unknownMember, .unknownAccount: status = 404
        case .memberExists, .accountTaken, .unusableAccount, .otherSite: status = 409
        case .memberSuspended: status = 403
        default: return nil
        }
        self.init(status, error.code.rawValue, Self.title(status), detail: error.message)
    }

    private init?(_ error: FeedError) {
        let status: Int
        switch error.code {
        case .invalidCursor, .invalidName: status = 400
        case .notFound: status = 404
        case .nameTaken, .tooManySubscriptions: status = 409
        case .addressRefused: status = 422
        case .tooManyStreams: status = 429
        case .stopping: status = 503
        default: return nil
        }
        self.init(status, error.code.rawValue, Self.title(status), detail: error.message)
    }

    /// What is wrong with a query is the asker's to mend; a damaged index is not.
    private init?(_ error: SearchError) {
        guard ![.damaged, .textNotStored].contains(error.code) else { return nil }
        self.init(
            400, error.code.rawValue, Self.title(400),
            detail: [error.message, error.advice].compactMap { $0 }.joined(separator: " "))
        members = [.init("suggestions", .array(error.suggestions.map { .string($0) }))]
        if let range = error.range {
            members.append(.init("range", [.integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))]))
        }
    }

    private init?(_ error: ReadingError) {
        let status: Int
        switch error.code {
        case .notFound, .unknownReader, .unknownSource, .unknownLevel: status = 404
        case .ambiguousReader, .ambiguousIssue: status = 409
        case .suspendedReader: status = 403
        case .unknownHolder: status = 422
        default: return nil
        }
        self.init(status, error.code.rawValue, Self.title(status), detail: error.message)
    }

    /// What Jira answered is the admin's to know: their words are shown to them, not logged.
    private init(_ failure: SyncFailure) {
        let status: Int
        switch failure.code {
        case .sourceUnknown, .projectUnknown: status = 404
        case .sourceExists, .sourceBusy, .sourcePaused, .siteChanged: status = 409
        case .queryRefused, .nothingVisible, .credentialRefused, .permissionMissing: status = 422
        // The server works; what it depends on does not.
        case .siteUnreachable, .siteAnswersWrongly: status = 424
        case .storageFailed, .secretsUnreadable: status = 500
        case .cancelled: status = 503
        default: status = 422
        }
        self.init(
            status, failure.code.rawValue, Self.title(status),
            detail: [failure.what, failure.personalWhy, failure.fix].filter { !$0.isEmpty }.joined(separator: " "))
    }

    static func title(_ status: Int) -> String {
        switch status {
        case 400: "The request cannot be understood"
        case 401: "Sign in first"
        case 403: "You may not do this"
        case 404: "Not found"
        case 409: "The request does not fit the present state"
        case 422: "The request cannot be done as it is"
        case 429: "Too many requests"
        case 424: "Jira did not answer as it should"
        case 503: "Not at present"
        default: "The server failed"
        }
    }
}
