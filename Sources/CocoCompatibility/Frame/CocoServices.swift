public import Observability
public import SearchIndex
public import SignIn
public import SourceAdministration
public import Store

/// What the handlers of Coco's paths need, put together once by the server.
public struct CocoServices: Sendable {
    public let store: Store
    public let searcher: Searcher
    public let signIn: SignInServices
    public let administration: SourceAdministration
    /// Where people reach this server, without a trailing slash; `nil` where that is not configured.
    public var publicURL: String?
    /// The program's version.
    public var version = ""
    public var log = Log.silent
    public var metrics = Metrics()
    /// Tells the keeper of the sources that there is something to do.
    public var wake: @Sendable () -> Void = {}
    let names = DocumentNames()

    /// - Parameters:
    ///   - store: With the migrations of `Workspace`, `SearchIndex`, `AuditTrail`, `SignIn` and ``Coco``.
    ///   - searcher: Over the store's own database.
    public init(
        store: Store, searcher: Searcher, signIn: SignInServices, administration: SourceAdministration
    ) {
        self.store = store
        self.searcher = searcher
        self.signIn = signIn
        self.administration = administration
    }
}
