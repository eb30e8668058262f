public import AccessControl
internal import FastJSON
public import IssueModel

/// A connected Jira site.
public struct Source: Hashable, Sendable {
    public var id: Int64
    public var name: String
    /// Where people open the site.
    public var url: String
    /// Where its API is asked: the site itself or Atlassian's gateway.
    public var apiURL: String
    public var product: Product
    /// Cloud's id of the site; Data Center's server id.
    public var siteID: String?
    public var version: String?
    public var accessMode: AccessMode
    /// How often what decides access is read again, and how long it holds.
    public var accessOptions: AccessOptions
    /// How the credential is used; what the words mean is the client's business.
    public var credentialKind: String
    /// The account the credential belongs to; `nil` for an anonymous source.
    public var principal: AccountID?
    /// That account's IANA time zone, in which Jira reads dates of queries.
    public var timeZone: String?
    public var scope: Scope
    public var state: State
    /// What keeps the source from being in step, until it is again.
    public var problem: Problem?
    public var created: Timestamp

    public enum Product: String, Hashable, Sendable { case cloud, dataCenter, server }

    /// Where the answer to "who may see this?" comes from.
    public typealias AccessMode = AccessControl.AccessMode

    public enum State: String, Hashable, Sendable {
        case active, paused
        /// The credential is destroyed and nobody but the operator sees the content; it can be taken up again.
        case removed
    }

    /// What of the site is synchronised; all empty is everything the credential can read.
    public struct Scope: Hashable, Sendable {
        public var projects: [String]
        public var jql: String?
        /// Only issues that changed on this day or later, by the calendar of the source's account.
        public var since: CalendarDate?
        /// Only issues of these types, by name.
        public var types: [String]

        public init(
            projects: [String] = [], jql: String? = nil, since: CalendarDate? = nil, types: [String] = []
        ) {
            self.projects = projects
            self.jql = jql
            self.since = since
            self.types = types
        }
    }

    public struct Problem: Hashable, Sendable {
        public var code: String
        public var message: String
        public var at: Timestamp

        public init(code: String, message: String, at: Timestamp) {
            self.code = code
            self.message = message
            self.at = at
        }
    }

    /// - Parameter id: Given by `SourceRecords.add`; 0 before.
    public init(
        id: Int64 = 0, name: String, url: String, apiURL: String, product: Product, siteID: String? = nil,
        version: String? = nil, accessMode: AccessMode, accessOptions: AccessOptions = .init(), credentialKind: String,
        principal: AccountID? = nil, timeZone: String? = nil, scope: Scope = .init(), state: State = .active,
        problem: Problem? = nil,
        created: Timestamp
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.apiURL = apiURL
        self.product = product
        self.siteID = siteID
        self.version = version
        self.accessMode = accessMode
        self.accessOptions = accessOptions
        self.credentialKind = credentialKind
        self.principal = principal
        self.timeZone = timeZone
        self.scope = scope
        self.state = state
        self.problem = problem
        self.created = created
    }
}

extension Source {
    /// Whether the site is read without signing in.
    public var isAnonymous: Bool { credentialKind == "anonymous" }

    /// Whether what was read as `earlier` may be shown as what is read as this: another site's content never, and in no
    /// mode an account's to those who see what anybody sees. In ``AccessMode/shared`` nothing but the credential keeps
    /// anybody out, so that what another account had read is not shared either.
    func continues(_ earlier: Source) -> Bool {
        let isOtherSite = siteID.flatMap { now in earlier.siteID.map { $0 != now } } ?? false
        if isOtherSite || (product == .cloud) != (earlier.product == .cloud) { return false }
        if isAnonymous != earlier.isAnonymous { return false }
        return accessMode != .shared || principal == earlier.principal
    }
}

extension Source.Scope {
    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.key("projects")
            object.array { array in
                for project in projects { array.string(project) }
            }
            object.member("jql", jql)
            object.member("since", since.map(\.daysSinceEpoch))
            object.key("types")
            object.array { array in
                for type in types { array.string(type) }
            }
        }
        return writer.text
    }

    init(json: String) throws {
        let value = try JSONValue(parsing: json)
        self.init(
            projects: (value["projects"]?.array ?? []).compactMap(\.string), jql: value["jql"]?.string,
            since: value["since"]?.integer.map { CalendarDate(daysSinceEpoch: $0) },
            types: (value["types"]?.array ?? []).compactMap(\.string))
    }
}

extension Source.Problem {
    var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("code", code)
            object.member("message", message)
            object.member("at", Int(at.rawValue))
        }
        return writer.text
    }

    init(json: String) throws {
        let value = try JSONValue(parsing: json)
        self.init(
            code: value["code"]?.string ?? "unknown", message: value["message"]?.string ?? "",
            at: Timestamp(milliseconds: Int64(value["at"]?.integer ?? 0)))
    }
}
