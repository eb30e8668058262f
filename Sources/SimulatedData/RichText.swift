/// A formatted text of the simulated site: one small tree, written as Atlassian's document JSON or as wiki markup.
public struct RichText: Hashable, Sendable {
    public var blocks: [Block]

    public init(_ blocks: [Block]) {
        self.blocks = blocks
    }

    /// One paragraph of plain words.
    public init(paragraph: String) {
        blocks = [.paragraph([.text(paragraph)])]
    }

    public indirect enum Block: Hashable, Sendable {
        case paragraph([Inline])
        case heading(Int, [Inline])
        case code(language: String?, String)
        case panel(PanelKind, [Block])
        case quote([Block])
        case bullets([[Block]])
        case numbered([[Block]])
        case table(header: [String], rows: [[[Inline]]])
        case expand(title: String, [Block])
        case media(Media)
        case rule
    }

    public enum PanelKind: String, Hashable, Sendable, CaseIterable { case info, note, warning, error, success }

    public enum Inline: Hashable, Sendable {
        case text(String)
        case strong(String)
        case emphasis(String)
        case monospace(String)
        case struck(String)
        case mention(Mention)
        case link(String, url: String)
        case card(url: String)
        case lineBreak
    }

    /// A person named in a text.
    public struct Mention: Hashable, Sendable {
        /// The account id (Cloud) or the user key.
        public var id: String
        public var displayName: String
        /// What wiki markup writes between `[~` and `]`.
        public var wikiName: String

        public init(id: String, displayName: String, wikiName: String) {
            self.id = id
            self.displayName = displayName
            self.wikiName = wikiName
        }
    }

    /// An attachment shown inside a text. The media id is not the attachment's id; the file name ties the two together.
    public struct Media: Hashable, Sendable {
        public var mediaID: String
        public var fileName: String
        public var isImage: Bool

        public init(mediaID: String, fileName: String, isImage: Bool) {
            self.mediaID = mediaID
            self.fileName = fileName
            self.isImage = isImage
        }
    }
}

extension RichText {
    /// The words alone, blocks on lines of their own: what the simulated site's own text search reads.
    public var plainText: String {
        var text = ""
        for block in blocks { Self.appendPlain(block, to: &text) }
        return text
    }

    private static func appendPlain(_ block: Block, to text: inout String) {
        switch block {
        case .paragraph(let inlines), .heading(_, let inlines):
            appendPlain(inlines, to: &text)
        case .code(_, let code):
            text += code
            text += "\n"
        case .panel(_, let blocks), .quote(let blocks):
            for block in blocks { appendPlain(block, to: &text) }
        case .expand(let title, let blocks):
            text += title
            text += "\n"
            for block in blocks { appendPlain(block, to: &text) }
        case .bullets(let items), .numbered(let items):
            for item in items { for block in item { appendPlain(block, to: &text) } }
        case .table(let header, let rows):
            for cell in header {
                text += cell
                text += "\n"
            }
            for row in rows { for cell in row { appendPlain(cell, to: &text) } }
        case .media(let media):
            text += media.fileName
            text += "\n"
        case .rule: break
        }
    }

    private static func appendPlain(_ inlines: [Inline], to text: inout String) {
        for inline in inlines {
            switch inline {
            case .text(let words), .strong(let words), .emphasis(let words), .monospace(let words), .struck(let words):
                text += words
            case .mention(let mention):
                text += "@"
                text += mention.displayName
            case .link(let words, _): text += words
            case .card(let url): text += url
            case .lineBreak: text += "\n"
            }
        }
        text += "\n"
    }

    /// The attachments this text shows.
    public var media: [Media] {
        blocks.flatMap { Self.media(in: $0) }
    }

    private static func media(in block: Block) -> [Media] {
        switch block {
        case .media(let media): [media]
        case .panel(_, let blocks), .quote(let blocks), .expand(_, let blocks): blocks.flatMap { media(in: $0) }
        case .bullets(let items), .numbered(let items): items.flatMap { $0.flatMap { media(in: $0) } }
        case .paragraph, .heading, .code, .table, .rule: []
        }
    }
}
