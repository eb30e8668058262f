/// What a node of a ``Document`` is. The cases carry the names of Atlassian Document Format.
public enum NodeKind: UInt8, Hashable, Sendable, CaseIterable {
    case doc
    // Blocks
    case paragraph, heading, codeBlock, blockquote, panel, rule
    case bulletList, orderedList, listItem
    case taskList, taskItem, blockTaskItem, decisionList, decisionItem
    case table, tableRow, tableCell, tableHeader
    case expand, nestedExpand, layoutSection, layoutColumn
    case mediaSingle, mediaGroup, media, caption
    case blockCard, embedCard
    case `extension`, bodiedExtension, syncBlock, bodiedSyncBlock
    /// A block this version does not know. Keeps its JSON; its content, if any, follows as children.
    case unknownBlock
    // Inline
    case text, hardBreak, mention, emoji, date, status, inlineCard, mediaInline, inlineExtension, placeholder
    /// An inline node this version does not know. Keeps its JSON.
    case unknownInline

    /// Whether the node stands inside a line of text.
    public var isInline: Bool { rawValue >= NodeKind.text.rawValue }

    /// Whether the node's children are inline nodes.
    public var holdsInlines: Bool {
        switch self {
        case .paragraph, .heading, .codeBlock, .caption, .taskItem, .decisionItem: true
        default: false
        }
    }

    /// Whether Jira shows the node as a chip with room around it.
    var isChip: Bool {
        switch self {
        case .mention, .date, .status, .inlineCard, .mediaInline, .inlineExtension: true
        default: false
        }
    }

    static let byName = NameTable(
        allCases.filter { $0 != .unknownBlock && $0 != .unknownInline }.map { (String(describing: $0), $0) })
}

/// The text effects of an inline node.
public struct Marks: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let strong = Marks(rawValue: 1 << 0)
    public static let em = Marks(rawValue: 1 << 1)
    public static let strike = Marks(rawValue: 1 << 2)
    public static let underline = Marks(rawValue: 1 << 3)
    public static let code = Marks(rawValue: 1 << 4)
    public static let `subscript` = Marks(rawValue: 1 << 5)
    public static let superscript = Marks(rawValue: 1 << 6)
    /// Wiki markup's `??citation??`.
    public static let citation = Marks(rawValue: 1 << 7)
    /// The target is the attribute ``AttributeName/href``.
    public static let link = Marks(rawValue: 1 << 8)
    /// The colour is the attribute ``AttributeName/color``.
    public static let textColor = Marks(rawValue: 1 << 9)
    /// The colour is the attribute ``AttributeName/background``.
    public static let backgroundColor = Marks(rawValue: 1 << 10)
    /// An inline comment's anchor; its id is the attribute ``AttributeName/annotation``.
    public static let annotation = Marks(rawValue: 1 << 11)
    /// A mark this version does not know; its JSON is the attribute ``AttributeName/unknownMark``.
    public static let unknown = Marks(rawValue: 1 << 12)
}

/// A named fact of a node.
public enum AttributeName: UInt8, Hashable, Sendable, CaseIterable {
    // Numbers
    case level, order, colspan, rowspan, width, height, indentation, borderSize
    // Text
    case language, title, panelType, panelIcon, state, url, id, alt, collection, mediaType, shortName, text
    case timestamp, color, background, align, valign, fontSize, layout, columnWidths, borderColor, breakout
    case extensionType, extensionKey, resourceId, userType
    case href, linkTitle, annotation, fragment, dataSources
    // JSON texts
    case parameters, data, datasource, unknownMark, raw

    /// Whether the value is a number.
    public var isNumber: Bool { rawValue <= AttributeName.borderSize.rawValue }
}
