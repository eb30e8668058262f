import FastJSON
public import HTTPMessages
public import SimulatedSite
import Synchronization

/// The part of Atlassian that people sign in at and apps get tokens from (3LO), in front of a simulated site.
///
/// Refresh tokens rotate as Atlassian's do: each may be repeated for ten minutes, after that it ends the whole grant; 90 days without
/// use and 365 days end it too. By the site's clock.
public final class OAuthCenter: Sendable {
    /// An app as its owner registered it.
    public struct App: Hashable, Sendable {
        public var clientID: String
        public var clientSecret: String
        public var callbacks: [String]
        /// What the app may ask for.
        public var scopes: Set<String>

        public init(clientID: String, clientSecret: String, callbacks: [String], scopes: Set<String>) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.callbacks = callbacks
            self.scopes = scopes
        }
    }

    /// Whose an access token is.
    public struct Holder: Hashable, Sendable {
        public var person: Int
        public var scopes: Set<String>
    }

    /// A site as the list of accessible resources shows it.
    public struct Resource: Hashable, Sendable {
        public var id: String
        public var url: String
        public var name: String

        public init(id: String, url: String, name: String) {
            self.id = id
            self.url = url
            self.name = name
        }
    }

    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000
    /// How long a refresh token may be repeated.
    static let leeway: Int64 = 600_000

    let site: SimulatedSite
    let state = Mutex(State())

    struct State {
        var apps: [App] = []
        var resources: [Resource] = []
        var codes: [String: Code] = [:]
        var families: [Family] = []
        var access: [String: Access] = [:]
        var serial = 0
        var renewals = 0
        var failure: Int?
    }

    struct Code {
        var app: String
        var person: Int
        var scopes: [String]
        var redirectURI: String
        var until: Int64
    }

    /// Everything that came of one consent.
    struct Family {
        var app: String
        var person: Int
        var scopes: [String]
        var current: String
        /// The tokens before, each with when it was replaced.
        var earlier: [String: Int64] = [:]
        var granted: Int64
        var used: Int64
        var isRevoked = false
    }

    struct Access {
        var family: Int
        var until: Int64
    }

    public init(site: SimulatedSite) {
        self.site = site
    }

    /// Registers an app, in the place of one with the same id.
    public func register(_ app: App) {
        state.withLock { state in
            state.apps.removeAll { $0.clientID == app.clientID }
            state.apps.append(app)
        }
    }

    /// The sites that every grant is for.
    public var resources: [Resource] {
        get { state.withLock { $0.resources } }
        set { state.withLock { $0.resources = newValue } }
    }

    /// How often a grant was renewed.
    public var renewals: Int { state.withLock { $0.renewals } }

    /// A status with which the token endpoint fails from now on; `nil` for none.
    public var failure: Int? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }

    /// Ends everything a person allowed, as they do in their account's settings.
    public func revoke(person: Int) {
        state.withLock { state in
            for position in state.families.indices where state.families[position].person == person {
                state.families[position].isRevoked = true
            }
        }
    }

    /// Makes every access token worthless before its time; refresh tokens stay good.
    public func forgetAccessTokens() { state.withLock { $0.access = [:] } }

    /// Who sends this token; `nil` for one that is unknown or over.
    public func holder(of token: String) -> Holder? {
        let now = site.clock.now()
        return state.withLock { state in
            guard let access = state.access[token], now < access.until else { return nil }
            let family = state.families[access.family]
            return family.isRevoked ? nil : Holder(person: family.person, scopes: Set(family.scopes))
        }
    }

    /// Answers a request to the sign-in or the list of sites; `nil` where the path is another's.
    ///
    /// - Parameter request: Its `url` is path and query.
    public func answer(_ request: HTTPRequest) -> HTTPResponse? {
        let path = request.url.prefix { $0 != "?" }
        switch (request.method, path) {
        case (.get, "/authorize"): return authorize(Self.values(request.url.dropFirst(path.count + 1)))
        case (.post, "/oauth/token"): return token(request)
        case (.get, "/oauth/token/accessible-resources"): return listResources(request)
        default: return nil
        }
    }

    static func values(_ query: some StringProtocol) -> [String: String] {
        let pairs = query.split(separator: "&").map { pair -> (String, String) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decode(parts[0]), parts.count == 2 ? decode(parts[1]) : "")
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func decode(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func json(_ status: Int, _ body: (inout JSONWriter) -> Void) -> HTTPResponse {
        var json = JSONWriter()
        json.object(body)
        return HTTPResponse(
            status: status, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: json.bytes)
    }

    static func refusal(_ status: Int, _ error: String, _ description: String) -> HTTPResponse {
        json(status) { json in
            json.member("error", error)
            json.member("error_description", description)
        }
    }
}
