/// The words of an HTML page, one line a block, without scripts, styles and comments.
enum HTMLText {
    private static let blocks: Set<String> = [
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
        "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
        "section", "table", "title", "tr", "ul",
    ]
    private static let skipped: Set<String> = ["script", "style", "noscript", "template", "svg", "iframe", "object"]

    static func extract(_ html: String) -> String {
        var scanner = MarkupScanner(Array(html.utf8))
        var out: [UInt8] = []
        var preformatted = 0
        while let event = scanner.next() {
            switch event {
            case .text(let text): append(text, preformatted > 0, references: true, &out)
            case .literal(let text): append(text, preformatted > 0, references: false, &out)
            case .tag(let name, let kind, _):
                let tag = String(decoding: name.prefix(16).map(MarkupScanner.lower), as: UTF8.self)
                if kind == .opening, skipped.contains(tag) { scanner.skipRaw(name) }
                if tag == "pre" { preformatted = max(0, preformatted + (kind == .opening ? 1 : -1)) }
                if blocks.contains(tag) { newline(&out) }
                if tag == "td" || tag == "th", kind == .closing { out.append(0x09) }
            }
        }
        return OfficeText.trimmed(out)
    }

    private static func append(
        _ text: ArraySlice<UInt8>, _ preformatted: Bool, references: Bool, _ out: inout [UInt8]
    ) {
        var words: [UInt8] = []
        if references { MarkupScanner.appendText(text, to: &words) } else { words = Array(text) }
        if preformatted {
            out += words
            return
        }
        for byte in words {
            if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) {
                if let last = out.last, last != 0x20, last != 0x0A, last != 0x09 { out.append(0x20) }
            } else {
                out.append(byte)
            }
        }
    }

    private static func newline(_ out: inout [UInt8]) {
        while out.last == 0x20 || out.last == 0x09 { out.removeLast() }
        if let last = out.last, last != 0x0A { out.append(0x0A) }
    }
}
