public import FastJSON

extension RichText {
    /// Writes the text as one Atlassian document, as version 3 of Jira Cloud's API answers it.
    public func writeADF(to json: inout JSONWriter) {
        json.raw(Self.adf(blocks))
    }

    /// The text as one Atlassian document.
    public var adf: [UInt8] {
        var json = JSONWriter(reservingCapacity: 2_048)
        writeADF(to: &json)
        return json.bytes
    }

    private static func adf(_ blocks: [Block]) -> [UInt8] {
        var writer = ADFWriter()
        writer.document(blocks)
        return writer.bytes
    }
}

/// Writes blocks separated by commas. Works on bytes: this is most of what a simulated page of issues consists of.
private struct ADFWriter {
    var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(2_048)
    }

    mutating func document(_ blocks: [RichText.Block]) {
        literal(#"{"type":"doc","version":1,"content":["#)
        write(blocks)
        literal("]}")
    }

    private mutating func write(_ blocks: [RichText.Block]) {
        var isFirst = true
        for block in blocks {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(block)
        }
    }

    private mutating func literal(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func write(_ block: RichText.Block) {
        switch block {
        case .paragraph(let inlines):
            literal(#"{"type":"paragraph","content":["#)
            write(inlines)
            literal("]}")
        case .heading(let level, let inlines):
            literal(#"{"type":"heading","attrs":{"level":"#)
            bytes.append(contentsOf: String(level).utf8)
            literal(#"},"content":["#)
            write(inlines)
            literal("]}")
        case .code(let language, let code):
            literal(#"{"type":"codeBlock","#)
            if let language {
                literal(#""attrs":{"language":"#)
                quoted(language)
                literal("},")
            }
            literal(#""content":[{"type":"text","text":"#)
            quoted(code)
            literal("}]}")
        case .panel(let kind, let blocks):
            literal(#"{"type":"panel","attrs":{"panelType":"#)
            quoted(kind.rawValue)
            literal(#"},"content":["#)
            write(blocks)
            literal("]}")
        case .quote(let blocks): container("blockquote", blocks)
        case .bullets(let items): list("bulletList", items)
        case .numbered(let items): list("orderedList", items)
        case .table(let header, let rows): table(header, rows)
        case .expand(let title, let blocks):
            literal(#"{"type":"expand","attrs":{"title":"#)
            quoted(title)
            literal(#"},"content":["#)
            write(blocks)
            literal("]}")
        case .media(let media): write(media)
        case .rule: literal(#"{"type":"rule"}"#)
        }
    }

    private mutating func container(_ type: StaticString, _ blocks: [RichText.Block]) {
        literal(#"{"type":""#)
        literal(type)
        literal(#"","content":["#)
        write(blocks)
        literal("]}")
    }

    private mutating func list(_ type: StaticString, _ items: [[RichText.Block]]) {
        literal(#"{"type":""#)
        literal(type)
        literal(#"","content":["#)
        for (position, item) in items.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            container("listItem", item)
        }
        literal("]}")
    }

    private mutating func table(_ header: [String], _ rows: [[[RichText.Inline]]]) {
        literal(#"{"type":"table","attrs":{"isNumberColumnEnabled":false,"layout":"default"},"content":["#)
        row("tableHeader", header.map { [.strong($0)] })
        for cells in rows {
            bytes.append(UInt8(ascii: ","))
            row("tableCell", cells)
        }
        literal("]}")
    }

    private mutating func row(_ cellType: StaticString, _ cells: [[RichText.Inline]]) {
        literal(#"{"type":"tableRow","content":["#)
        for (position, cell) in cells.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            literal(#"{"type":""#)
            literal(cellType)
            literal(#"","attrs":{},"content":["#)
            write(RichText.Block.paragraph(cell))
            literal("]}")
        }
        literal("]}")
    }

    private mutating func write(_ media: RichText.Media) {
        literal(#"{"type":"#)
        literal(media.isImage ? #""mediaSingle","attrs":{"layout":"center"}"# : #""mediaGroup""#)
        literal(#","content":[{"type":"media","attrs":{"type":"file","id":"#)
        quoted(media.mediaID)
        literal(#","alt":"#)
        quoted(media.fileName)
        literal(#","collection":"","width":640,"height":360}}]}"#)
    }

    private mutating func write(_ inlines: [RichText.Inline]) {
        var isFirst = true
        for inline in inlines {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(inline)
        }
    }

    private mutating func write(_ inline: RichText.Inline) {
        switch inline {
        case .text(let words):
            literal(#"{"type":"text","text":"#)
            quoted(words)
            literal("}")
        case .strong(let words): marked(words, "strong")
        case .emphasis(let words): marked(words, "em")
        case .monospace(let words): marked(words, "code")
        case .struck(let words): marked(words, "strike")
        case .mention(let mention):
            literal(#"{"type":"mention","attrs":{"id":"#)
            quoted(mention.id)
            literal(#","text":"#)
            quoted("@" + mention.displayName)
            literal(#","accessLevel":""}}"#)
        case .link(let words, let url):
            literal(#"{"type":"text","text":"#)
            quoted(words)
            literal(#","marks":[{"type":"link","attrs":{"href":"#)
            quoted(url)
            literal("}}]}")
        case .card(let url):
            literal(#"{"type":"inlineCard","attrs":{"url":"#)
            quoted(url)
            literal("}}")
        case .lineBreak: literal(#"{"type":"hardBreak"}"#)
        }
    }

    private mutating func marked(_ words: String, _ mark: StaticString) {
        literal(#"{"type":"text","text":"#)
        quoted(words)
        literal(#","marks":[{"type":""#)
        literal(mark)
        literal(#""}]}"#)
    }

    private mutating func quoted(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            bytes.append(UInt8(ascii: "\""))
            var start = 0
            for position in 0..<utf8.count
            where utf8[position] < 0x20 || utf8[position] == UInt8(ascii: "\"") || utf8[position] == UInt8(ascii: "\\")
            {
                bytes.append(contentsOf: utf8[start..<position])
                escape(utf8[position])
                start = position + 1
            }
            bytes.append(contentsOf: utf8[start..<utf8.count])
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): literal(#"\""#)
        case UInt8(ascii: "\\"): literal(#"\\"#)
        case 0x0A: literal(#"\n"#)
        case 0x0D: literal(#"\r"#)
        case 0x09: literal(#"\t"#)
        default:
            let digits = Array("0123456789abcdef".utf8)
            literal(#"\u00"#)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
