internal import FastJSON
internal import JiraClient
internal import Journal
internal import SourceAdministration
internal import Store
internal import WebFrame

/// What a body says of a data source; `nil` is what it does not mention.
struct DataSourceDraft {
    var id: String?
    var name: String?
    var connector: String?
    var endpoint: String?
    var projects: [String]?
    var username: String?
    /// `nil` also where the mask that answers have is sent back.
    var token: String?
    var isEnabled: Bool?
    var syncs: Bool?
    var interval: Int?
    /// What is kept as it is.
    var record: JSONValue = .object([])

    private static let byteLimit = 65_536

    init(_ body: JSONValue) throws(Problem) {
        guard body.serialized().count <= Self.byteLimit else {
            throw .invalid("A data source may have at most \(Self.byteLimit) bytes.")
        }
        if let type = body["type"], type != "connector" { throw .invalid("invalid datasource") }
        id = try body.text("id")
        name = try body.text("name", upTo: 200).map(Self.trimmed)
        if name?.isEmpty == true { throw .invalid("A data source needs a name.") }
        isEnabled = try body.flag("enabled")
        for name in DataSource.plainMembers { record = record.with(name, body[name].map(Secrets.masked)) }
        if let isEnabled { record = record.with("enabled", .bool(isEnabled)) }
        if let connector = try body.part("connector") { try read(connector: connector) }
        if let sync = try body.part("sync") { try read(sync: sync) }
    }

    private mutating func read(connector body: JSONValue) throws(Problem) {
        connector = try body.text("id")
        if let connector { record = record.with("connector", .string(connector)) }
        guard let config = try body.part("config") else { return }
        endpoint = try config.text("endpoint").map(Self.trimmed)
        username = try config.text("username", upTo: 254)
        token = try config.text("token")
        if token == Secrets.mask || token?.isEmpty == true { token = nil }
        if username?.isEmpty == true { username = nil }
        if let username { record = record.with("username", .string(username)) }
        projects = try config.text("project_key")?.split(separator: ",").map { Self.trimmed(String($0)).uppercased() }
        let isKey = { (key: String) in
            key.utf8.count <= 255 && key.first?.isLetter == true
                && key.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x5F }
        }
        if let projects, projects.isEmpty || !projects.allSatisfy(isKey) {
            throw .invalid("project_key must be the key of a Jira project, such as DEV.")
        }
        for name in ["index_comments", "index_attachments"] {
            if let flag = try config.flag(name) { record = record.with(name, .bool(flag)) }
        }
    }

    private mutating func read(sync body: JSONValue) throws(Problem) {
        syncs = try body.flag("enabled")
        if let text = try body.text("interval", upTo: 40), !text.isEmpty {
            guard let seconds = GoDuration.seconds(text) else {
                throw .invalid("interval must be a span such as 30s, 5m or 1h.")
            }
            interval = seconds
            record = record.with("interval", .string(text))
        }
        for name in ["strategy", "page_size"] { record = record.with(name, body[name]) }
    }

    /// How the site is signed in to, by Coco's rule: user name and token, a token alone, or nothing.
    func credential() throws(Problem) -> Credential {
        switch (username, token) {
        case (nil, nil): return .anonymous
        case (nil, let token?): return .personalAccessToken(token)
        case (_?, nil): throw .invalid("token is required when username is provided")
        case (let username?, let token?):
            // Cloud's accounts are known by their addresses; Data Center takes both the same way.
            return username.contains("@")
                ? .apiToken(email: username, token: token) : .password(username: username, password: token)
        }
    }

    /// The change of schedule, where there is one.
    var schedule: ScheduleChange? {
        guard syncs != nil || interval != nil else { return nil }
        var change = ScheduleChange()
        change.changes = interval.map { min($0, SyncSchedule.changesRange.upperBound) }
        change.isManual = syncs.map { !$0 }
        return change
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
