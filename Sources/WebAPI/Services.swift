public import IssueModel
public import Observability
public import SignIn
public import Store

/// What the handlers of the API need, put together once by the server.
public struct Services: Sendable {
    public let store: Store
    public let authenticator: Authenticator
    /// Where people and Jira reach this server; `nil` where that is not configured.
    public var publicURL: String?
    /// The program's version.
    public var version = ""
    public var log = Log.silent
    public var metrics = Metrics()
    /// Tells the keeper of the sources that there is something to do.
    public var wake: @Sendable () -> Void = {}

    public init(store: Store, authenticator: Authenticator) {
        self.store = store
        self.authenticator = authenticator
    }

    public var now: Timestamp { store.now }
}
