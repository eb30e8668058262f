public import IssueModel
public import Observability
public import SignIn
public import Store
public import WebServer

/// What a surface of the server is given to answer with.
public struct FrameOptions: Sendable {
    /// Who asks, from cookie, bearer token or key; throws where what was sent is no longer good.
    public var authenticate: @Sendable (WebRequest) async throws -> Caller
    /// The problem that tells of an error of another part; `nil` for what only the log may say.
    public var explain: @Sendable (any Error) -> Problem? = { _ in nil }
    /// How problems are written; other surfaces than the API have shapes of their own.
    public var render: @Sendable (Problem, _ requestID: String) -> WebResponse = { $0.response(requestID: $1) }
    /// Where answers to changes are kept; idempotency keys are refused without it.
    public var store: Store?
    public var log = Log.silent
    public var metrics = Metrics()
    public var now: @Sendable () -> Timestamp = Store.systemClock
    /// Origins whose pages may call, as `https://tools.example.com`. None unless configured.
    public var origins: Set<String> = []
    /// A new name for a request that brought none.
    public var requestID: @Sendable () -> String = { String(UInt64.random(in: 1 << 60 ... .max), radix: 36) }

    public init(authenticate: @escaping @Sendable (WebRequest) async throws -> Caller) {
        self.authenticate = authenticate
    }
}
