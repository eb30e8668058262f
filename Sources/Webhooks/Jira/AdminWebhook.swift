internal import FastJSON
internal import IssueDecoding

/// A webhook as Jira's administrators see it, whoever registered it.
public struct AdminWebhook: Hashable, Sendable {
    public var id: String
    public var name: String
    public var url: String
    /// `jira:issue_updated`, `comment_created`, …
    public var events: [String]
    /// The JQL that an issue must match; empty where every issue counts.
    public var filter: String
    public var isEnabled: Bool
    /// Whether deliveries come without a body.
    public var excludesBody: Bool
    /// Whether Jira signs deliveries; `nil` where it does not tell. The secret itself is never told.
    public var isSigned: Bool?

    public init(
        id: String, name: String, url: String, events: [String], filter: String = "", isEnabled: Bool = true,
        excludesBody: Bool = false, isSigned: Bool? = nil
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.events = events
        self.filter = filter
        self.isEnabled = isEnabled
        self.excludesBody = excludesBody
        self.isSigned = isSigned
    }

    /// What a webhook is to be.
    public struct Draft: Hashable, Sendable {
        public var name: String
        public var url: String
        public var events: [String]
        /// Signs deliveries; `nil` leaves them unsigned.
        public var secret: String?

        public init(name: String, url: String, events: [String], secret: String? = nil) {
            self.name = name
            self.url = url
            self.events = events
            self.secret = secret
        }
    }
}

extension AdminWebhook {
    /// Reads the three shapes there are: Cloud and Server, whose id is in `self` alone; Data Center 10, with `active` and a
    /// `configuration` of texts.
    init(_ view: JSONView) throws(IssueDecodingError) {
        let address = view["self"]?.string?.split(separator: "/").last.map(String.init)
        guard let id = view["id"]?.identifier ?? address else { throw .missing("id") }
        let configuration = view["configuration"]
        self.init(
            id: id, name: view["name"]?.string ?? "", url: view["url"]?.string ?? "",
            events: view["events"]?.elements.compactMap { $0.string ?? $0["id"]?.string } ?? [],
            filter: view["filters"]?["issue-related-events-section"]?.string
                ?? configuration?["FILTERS"]?.string ?? "",
            isEnabled: view["enabled"]?.bool ?? view["active"]?.bool ?? true,
            excludesBody: view["excludeBody"]?.bool ?? (configuration?["EXCLUDE_BODY"]?.string == "true"),
            isSigned: view["isSigned"]?.bool ?? configuration.map { $0["SECRET"]?.string?.isEmpty == false })
    }
}
