extension RichText {
    /// The text as wiki markup, as Data Center and version 2 of the Cloud API answer it.
    public var wikiMarkup: String {
        var text = ""
        text.reserveCapacity(1_024)
        for (position, block) in blocks.enumerated() {
            if position > 0 { text += "\n\n" }
            Self.append(block, to: &text, listMark: "")
        }
        return text
    }

    private static func append(_ block: Block, to text: inout String, listMark: String) {
        switch block {
        case .paragraph(let inlines): append(inlines, to: &text)
        case .heading(let level, let inlines):
            text += "h\(level). "
            append(inlines, to: &text)
        case .code(let language, let code):
            text += language.map { "{code:\($0)}\n" } ?? "{noformat}\n"
            text += code
            text += language == nil ? "\n{noformat}" : "\n{code}"
        case .panel(let kind, let blocks):
            text += "{panel:title=\(kind.rawValue.capitalizedFirst)}\n"
            append(blocks, to: &text)
            text += "\n{panel}"
        case .quote(let blocks):
            text += "{quote}\n"
            append(blocks, to: &text)
            text += "\n{quote}"
        case .bullets(let items): append(items, mark: listMark + "*", to: &text)
        case .numbered(let items): append(items, mark: listMark + "#", to: &text)
        case .table(let header, let rows):
            text += "||" + header.map { escaped($0, alsoEscaping: "|") }.joined(separator: "||") + "||"
            for row in rows {
                text += "\n|"
                for cell in row {
                    append(cell, to: &text)
                    text += "|"
                }
            }
        case .expand(let title, let blocks):
            text += "{panel:title=\(title)}\n"
            append(blocks, to: &text)
            text += "\n{panel}"
        case .media(let media): text += media.isImage ? "!\(media.fileName)|thumbnail!" : "[^\(media.fileName)]"
        case .rule: text += "----"
        }
    }

    private static func append(_ blocks: [Block], to text: inout String) {
        for (position, block) in blocks.enumerated() {
            if position > 0 { text += "\n\n" }
            append(block, to: &text, listMark: "")
        }
    }

    private static func append(_ items: [[Block]], mark: String, to text: inout String) {
        for (position, item) in items.enumerated() {
            if position > 0 { text += "\n" }
            for (index, block) in item.enumerated() {
                switch block {
                case .bullets, .numbered:
                    text += "\n"
                default:
                    text += index == 0 ? mark + " " : "\n"
                }
                append(block, to: &text, listMark: mark)
            }
        }
    }

    private static func append(_ inlines: [Inline], to text: inout String) {
        for inline in inlines {
            switch inline {
            case .text(let words): text += escaped(words)
            case .strong(let words): text += "*" + escaped(words) + "*"
            case .emphasis(let words): text += "_" + escaped(words) + "_"
            case .monospace(let words): text += "{{" + escaped(words) + "}}"
            case .struck(let words): text += "-" + escaped(words) + "-"
            case .mention(let mention): text += "[~" + mention.wikiName + "]"
            case .link(let words, let url): text += "[" + escaped(words) + "|" + url + "]"
            case .card(let url): text += "[" + url + "]"
            case .lineBreak: text += "\n"
            }
        }
    }

    /// Puts a backslash before what would otherwise begin a macro or a link.
    private static func escaped(_ words: String, alsoEscaping extra: Character? = nil) -> String {
        guard
            words.utf8.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "|") }
            )
        else { return words }
        var text = ""
        for character in words {
            if character == "{" || character == "[" || character == extra { text += "\\" }
            text.append(character)
        }
        return text
    }
}

extension String {
    fileprivate var capitalizedFirst: String {
        prefix(1).uppercased() + dropFirst()
    }
}
