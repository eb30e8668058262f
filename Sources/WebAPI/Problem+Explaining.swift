internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import Workspace

extension Problem {
    /// The problem that tells of another part's error; `nil` for what only the log may say.
    init?(explaining error: any Error) {
        switch error {
        case let error as SignInError: self.init(error)
        case let error as WorkspaceError: self.init(error)
        case let error as StoreError where error.code == .notFound: self = .notFound(error.message)
        default: return nil
        }
    }

    private init(_ error: SignInError) {
        self.init(error.status, error.code.rawValue, Self.title(error.status), detail: error.message)
        if error.status == 401 { headers["WWW-Authenticate"] = "Bearer" }
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

    static func title(_ status: Int) -> String {
        switch status {
        case 400: "The request cannot be understood"
        case 401: "Sign in first"
        case 403: "You may not do this"
        case 404: "Not found"
        case 409: "The request does not fit the present state"
        case 422: "The request cannot be done as it is"
        case 429: "Too many requests"
        case 502: "Jira refused"
        case 503: "Not at present"
        default: "The server failed"
        }
    }
}
