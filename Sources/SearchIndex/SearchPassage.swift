/// A piece of an issue's text that is found, shown as a snippet and protected on its own.
public struct SearchPassage: Hashable, Sendable {
    public var kind: Kind
    /// Jira's id of the comment, worklog or attachment, or the field's id. The summary and description have none.
    public var id: String?
    /// `nil` for whoever may see the issue; otherwise a position in the acl ids that are given when the text is written.
    public var restriction: Int?
    /// Plain text. Past ``lengthLimit`` bytes it is cut.
    public var text: String

    /// What a passage was in Jira, and with it how much a word in it counts.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case summary = 0
        case description, environment, field, comment, worklog, attachment

        /// As JSON writes it.
        public var name: String {
            switch self {
            case .summary: "summary"
            case .description: "description"
            case .environment: "environment"
            case .field: "field"
            case .comment: "comment"
            case .worklog: "worklog"
            case .attachment: "attachment"
            }
        }

        /// The column of the word table that the text goes to.
        var column: Int {
            switch self {
            case .summary: 0
            case .description, .environment, .field: 1
            case .comment, .worklog, .attachment: 2
            }
        }
    }

    public init(_ kind: Kind, id: String? = nil, text: String, restriction: Int? = nil) {
        self.kind = kind
        self.id = id
        self.text = text
        self.restriction = restriction
    }

    /// The bytes of UTF-8 kept of one passage.
    public static let lengthLimit = 262_144
    /// The bytes of UTF-8 kept of all passages of an issue.
    public static let issueLengthLimit = 2_097_152
}
