public import ChangeFeed
public import Configuration
public import IssueModel
public import Observability
public import SearchIndex
public import SignIn
public import SourceAdministration
public import Store

/// What the handlers of the API need, put together once by the server.
public struct Services: Sendable {
    public let store: Store
    public let authenticator: Authenticator
    public let searcher: Searcher
    public let administration: SourceAdministration
    /// What lets members in and looks after them.
    public let signIn: SignInServices
    /// Where people and Jira reach this server; `nil` where that is not configured.
    public var publicURL: String?
    /// The program's version.
    public var version = ""
    public var log = Log.silent
    public var metrics = Metrics()
    /// Tells the keeper of the sources that there is something to do.
    public var wake: @Sendable () -> Void = {}
    /// Origins whose pages may call the API from a browser.
    public var origins: Set<String> = []
    /// The company's sign-in provider; `nil` where none is set.
    public var provider: ProviderSignIn?
    /// Connects sources and members by OAuth; `nil` where the server does not.
    public var oauth: OAuthService?
    /// What every setting is, given what the database keeps: the server adds its flags and environment.
    public var settings: @Sendable (_ stored: [String: String]) -> SettingValues = { SettingValues(stored: $0) }
    /// What changed, and who is told of it; `nil` where the server does not keep it.
    public var feed: FeedService?

    /// - Parameter searcher: Over the store's own database.
    public init(
        store: Store, authenticator: Authenticator, searcher: Searcher, administration: SourceAdministration
    ) {
        self.store = store
        self.authenticator = authenticator
        self.searcher = searcher
        self.administration = administration
        signIn = SignInServices(store: store, authenticator: authenticator)
    }

    public var now: Timestamp { store.now }
}
