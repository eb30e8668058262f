public import AtlassianDocument

/// Whom a comment or worklog is restricted to (`visibility` in Jira's JSON).
public struct Visibility: Hashable, Sendable {
    public var kind: Kind
    /// The role's or group's name, as Jira shows it.
    public var name: String
    /// The role's or group's id. Servers give only the name.
    public var identifier: String?

    public enum Kind: String, Hashable, Sendable { case role, group }

    public init(kind: Kind, name: String, identifier: String? = nil) {
        self.kind = kind
        self.name = name
        self.identifier = identifier
    }
}

public struct Comment: Hashable, Sendable {
    public var id: EntityID
    /// `nil` for an anonymous or removed author.
    public var author: Account?
    public var created: Timestamp
    public var updated: Timestamp
    public var body: Document
    public var visibility: Visibility?
    /// A service desk's internal note (`jsdPublic: false`).
    public var isInternal: Bool

    public init(
        id: EntityID, author: Account?, created: Timestamp, updated: Timestamp, body: Document,
        visibility: Visibility? = nil, isInternal: Bool = false
    ) {
        self.id = id
        self.author = author
        self.created = created
        self.updated = updated
        self.body = body
        self.visibility = visibility
        self.isInternal = isInternal
    }
}

public struct Worklog: Hashable, Sendable {
    public var id: EntityID
    public var author: Account?
    public var started: Timestamp
    public var created: Timestamp
    public var updated: Timestamp
    public var seconds: Int64
    public var note: Document?
    public var visibility: Visibility?

    public init(
        id: EntityID, author: Account?, started: Timestamp, created: Timestamp, updated: Timestamp, seconds: Int64,
        note: Document? = nil, visibility: Visibility? = nil
    ) {
        self.id = id
        self.author = author
        self.started = started
        self.created = created
        self.updated = updated
        self.seconds = seconds
        self.note = note
        self.visibility = visibility
    }
}

public struct Attachment: Hashable, Sendable {
    public var id: EntityID
    public var filename: String
    public var author: Account?
    public var created: Timestamp
    /// Bytes.
    public var size: Int64
    public var mimeType: String
    /// Where Jira serves the bytes.
    public var contentURL: String

    public init(
        id: EntityID, filename: String, author: Account?, created: Timestamp, size: Int64, mimeType: String,
        contentURL: String
    ) {
        self.id = id
        self.filename = filename
        self.author = author
        self.created = created
        self.size = size
        self.mimeType = mimeType
        self.contentURL = contentURL
    }
}

/// One history entry of the changelog: what one person changed at one moment.
public struct Change: Hashable, Sendable {
    public var id: EntityID
    public var author: Account?
    public var at: Timestamp
    public var items: [Item]

    public struct Item: Hashable, Sendable {
        public var field: String
        public var fieldID: EntityID?
        /// Identities before and after; what they mean depends on the field.
        public var from: String?
        public var to: String?
        /// The same in words.
        public var fromText: String?
        public var toText: String?

        public init(
            field: String, fieldID: EntityID? = nil, from: String? = nil, to: String? = nil, fromText: String? = nil,
            toText: String? = nil
        ) {
            self.field = field
            self.fieldID = fieldID
            self.from = from
            self.to = to
            self.fromText = fromText
            self.toText = toText
        }
    }

    public init(id: EntityID, author: Account?, at: Timestamp, items: [Item]) {
        self.id = id
        self.author = author
        self.at = at
        self.items = items
    }
}
