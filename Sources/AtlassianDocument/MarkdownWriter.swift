import MarkupText

/// Writes a document as CommonMark with GitHub's tables, task lists and strikethrough.
///
/// Blocks are written line by line under a prefix (`> `, the indentation of a list item); see `docs/documents.md` for
/// what each node becomes.
struct MarkdownWriter {
    let document: Document
    let links: DocumentLinks
    var out: [UInt8] = []
    /// What every line of the present container begins with.
    var prefix: [UInt8] = []
    /// A list marker waiting for the first line of its item; already includes `prefix`.
    var marker: [UInt8]?
    /// A block has ended: the next one is parted from it by an empty line.
    var needsBlankLine = false
    /// What was written last is raw HTML, which goes on until an empty line.
    var endedWithHTML = false
    /// The marker of the list that has just ended, so that a list behind it takes another one and stays its own.
    var endedListMarker: UInt8?

    init(_ document: Document, links: DocumentLinks) {
        self.document = document
        self.links = links
        out.reserveCapacity(document.bytes.count * 2)
    }

    mutating func write() -> String {
        blocks(of: 0)
        while out.last == 0x0A { out.removeLast() }
        return String(decoding: out, as: UTF8.self)
    }

    // MARK: Lines

    mutating func line(_ text: some Collection<UInt8>) {
        if let first = marker {
            out += first
            marker = nil
        } else {
            if needsBlankLine {
                out += prefix.dropLast(prefix.reversed().prefix { $0 == 0x20 }.count)
                out.append(0x0A)
            }
            out += prefix
        }
        needsBlankLine = false
        endedWithHTML = false
        endedListMarker = nil
        out += text
        while let last = out.last, last == 0x20 { out.removeLast() }
        out.append(0x0A)
    }

    mutating func lines(_ text: [UInt8]) {
        for part in text.split(separator: 0x0A, omittingEmptySubsequences: false) { line(part) }
    }

    /// Writes a line whose trailing blanks matter.
    mutating func verbatimLine(_ text: some Collection<UInt8>) {
        out += prefix
        out += text
        out.append(0x0A)
    }

    mutating func paragraph(_ text: [UInt8]) {
        guard !text.isEmpty else { return }
        lines(text)
        needsBlankLine = true
    }

    func inline(singleLine: Bool = false, startsLine: Bool = true) -> MarkdownInline {
        MarkdownInline(document: document, links: links, singleLine: singleLine, startsLine: startsLine)
    }

    /// A line of our own words, emboldened: a panel's name, a code block's title.
    mutating func boldLine(_ words: some Collection<UInt8>) {
        let text = MarkdownEscaping.escape(Array(words)[...], .init())
        let trimmed = text.dropLast(Blanks.trailing(text)).dropFirst(Blanks.leading(text))
        if !trimmed.isEmpty { paragraph(Array("**".utf8) + trimmed + Array("**".utf8)) }
    }

    // MARK: Blocks

    mutating func blocks(of parent: Int) {
        for index in document.children(of: parent) { block(index) }
    }

    mutating func block(_ index: Int) {
        let kind = document.nodes[index].kind
        switch kind {
        case .paragraph, .caption: paragraph(inline().write(childrenOf: index))
        case .heading: heading(index)
        case .codeBlock: codeBlock(index)
        case .blockquote: quoted { $0.blocks(of: index) }
        case .panel: panel(index)
        case .rule:
            line((marker == nil ? "---" : "___").utf8)
            needsBlankLine = true
        case .bulletList, .orderedList, .taskList, .decisionList: list(index)
        case .table: table(index)
        case .expand, .nestedExpand: expand(index)
        case .mediaSingle: mediaSingle(index)
        case .media, .blockCard, .embedCard: paragraph(inline().write(node: index))
        case .extension, .bodiedExtension, .syncBlock, .unknownBlock:
            paragraph(inline().write(node: index))
            blocks(of: index)
        case _ where kind.isInline: paragraph(inline().write(node: index))
        case _ where kind.holdsInlines: paragraph(inline().write(childrenOf: index))
        default: blocks(of: index)
        }
    }

    mutating func heading(_ index: Int) {
        var text = inline(singleLine: true, startsLine: false).write(childrenOf: index)
        guard !text.isEmpty else { return }
        if text.last == UInt8(ascii: "#") { text.insert(UInt8(ascii: "\\"), at: text.count - 1) }
        let level = max(1, min(6, document.number(.level, of: index) ?? 1))
        line([UInt8](repeating: UInt8(ascii: "#"), count: level) + [0x20] + text)
        needsBlankLine = true
    }

    mutating func codeBlock(_ index: Int) {
        if let title = document.nonEmpty(.title, index) { boldLine(title) }
        var code: [UInt8] = []
        for child in document.children(of: index) {
            let isText = document.nodes[child].kind == .text
            code += isText ? Array(document.text(of: child)) : document.label(of: child)
        }
        var longest = 2
        var run = 0
        for byte in code {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = [UInt8](repeating: UInt8(ascii: "`"), count: longest + 1)
        let language = (document.attribute(.language, of: index) ?? []).filter {
            $0 > 0x20 && $0 != UInt8(ascii: "`") && $0 != 0x7F
        }
        line(fence + MarkdownEscaping.escape(language[...], .init(inLink: true)))
        if !code.isEmpty {
            for codeLine in code.split(separator: 0x0A, omittingEmptySubsequences: false) {
                verbatimLine(codeLine.filter { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 })
            }
        }
        verbatimLine(fence)
        needsBlankLine = true
    }

    mutating func quoted(_ body: (inout MarkdownWriter) -> Void) {
        nest(first: Array("> ".utf8), rest: Array("> ".utf8), body)
        needsBlankLine = true
    }

    /// Writes blocks under a longer prefix; an empty body still shows its marker.
    mutating func nest(first: [UInt8], rest: [UInt8], _ body: (inout MarkdownWriter) -> Void) {
        let outer = prefix
        if needsBlankLine, marker == nil {
            out += prefix.dropLast(prefix.reversed().prefix { $0 == 0x20 }.count)
            out.append(0x0A)
        }
        needsBlankLine = false
        marker = (marker ?? prefix) + first
        prefix += rest
        body(&self)
        if let unused = marker {
            // Three bare list markers would be read as a rule.
            let signs = unused.filter { $0 > 0x20 }
            let looksLikeRule = signs.count > 2 && Set(signs).count == 1
            line((looksLikeRule ? "<!-- -->" : "").utf8)
        }
        prefix = outer
    }

    private static let panelNames: [String: String] = [
        "info": "Info", "note": "Note", "tip": "Tip", "warning": "Warning", "error": "Error", "success": "Success",
    ]

    mutating func panel(_ index: Int) {
        quoted { writer in
            let document = writer.document
            if let title = document.nonEmpty(.title, index) {
                writer.boldLine(title)
            } else if let name = Self.panelNames[document.string(.panelType, of: index) ?? ""] {
                writer.boldLine(name.utf8)
            } else if let icon = document.nonEmpty(.panelIcon, index) {
                writer.paragraph(MarkdownEscaping.escape(icon, .init(startsLine: true)))
            }
            writer.blocks(of: index)
        }
    }

    mutating func expand(_ index: Int) {
        let title = document.nonEmpty(.title, index) ?? ArraySlice("Details".utf8)
        line(
            Array("<details><summary>".utf8) + MarkdownPieces.html(title)
                + Array("</summary>".utf8))
        needsBlankLine = true
        blocks(of: index)
        needsBlankLine = true
        line("</details>".utf8)
        needsBlankLine = true
        endedWithHTML = true
    }

    /// An image, and its caption as an emphasised line below it.
    mutating func mediaSingle(_ index: Int) {
        var text: [UInt8] = []
        for child in document.children(of: index) {
            let part: [UInt8]
            switch document.nodes[child].kind {
            case .caption: part = inline().write(childrenOf: child, emphasised: true)
            case .media: part = linked(child, from: index)
            default:
                paragraph(text)
                text = []
                block(child)
                continue
            }
            if !text.isEmpty, !part.isEmpty { text += Array("\\\n".utf8) }
            text += part
        }
        paragraph(text)
    }

    /// An image inside the link that it, or the block around it, carries.
    func linked(_ media: Int, from single: Int) -> [UInt8] {
        let image = inline().write(node: media)
        let href = document.attribute(.href, of: media) ?? document.attribute(.href, of: single)
        guard let href, let url = SafeURL.link(href) else { return image }
        return Array("[".utf8) + image + Array("](".utf8)
            + MarkdownPieces.destination(url, inTable: false) + Array(")".utf8)
    }
}
