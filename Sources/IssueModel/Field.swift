public import AtlassianDocument

/// A field as the site defines it (`GET /field`). Names are not unique; the id is.
public struct Field: Hashable, Sendable {
    /// `summary`, `customfield_10020`.
    public var id: EntityID
    public var name: String
    /// `schema.type`: `string`, `number`, `array`, `user`, `option`, …
    public var type: String
    /// `schema.items` of an array.
    public var items: String?
    /// `schema.custom`, the plug-in key of a custom field's type.
    public var customType: String?

    public init(id: EntityID, name: String, type: String, items: String? = nil, customType: String? = nil) {
        self.id = id
        self.name = name
        self.type = type
        self.items = items
        self.customType = customType
    }

    public var isCustom: Bool { customType != nil }
}

/// A field's value on one issue, in the kinds Drawbridge can show, search and compare.
public enum FieldValue: Hashable, Sendable {
    case text(String)
    case document(Document)
    case number(Double)
    case date(CalendarDate)
    case instant(Timestamp)
    /// Seconds of work.
    case duration(seconds: Int64)
    /// Done and whole, in seconds, with Jira's own percentage where it gives one.
    case progress(done: Int64, total: Int64, percent: Int?)
    case entity(Entity)
    case entities([Entity])
    /// A cascading choice, outermost first.
    case path([Entity])
    case labels([String])
    case account(AccountID, displayName: String)
    case accounts([AccountReference])
    case groups([GroupID])
    case sprints([Sprint])
    /// Anything else, as Jira's own JSON: kept and shown, never dropped.
    case raw(json: String)

    public struct AccountReference: Hashable, Sendable {
        public var id: AccountID
        public var displayName: String

        public init(id: AccountID, displayName: String) {
            self.id = id
            self.displayName = displayName
        }
    }
}
