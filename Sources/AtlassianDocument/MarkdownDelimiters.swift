import MarkupText

/// Chooses the delimiters of a line's brackets and writes the line.
struct MarkdownDelimiters {
    let inTable: Bool
    let singleLine: Bool

    private enum Side { case blank, punctuation, other }

    func write(_ tokens: [MarkdownInline.Token]) -> [UInt8] {
        let pairs = Self.pairs(tokens)
        let plain = tokens.indices.map { usesDelimiter(tokens, $0, pairs[$0]) }
        var out: [UInt8] = []
        var position = 0
        var lastWasCode = false
        while position < tokens.count {
            var isCode = false
            switch tokens[position] {
            case .done(let bytes): out += bytes
            case .words(let bytes): out += bytes
            case .code(let words):
                out += MarkdownPieces.codeSpan(words, inTable: inTable, asTag: lastWasCode)
                isCode = true
            case .lineBreak: out += Array((singleLine || inTable ? "<br>" : "\\\n").utf8)
            case .open(let span) where span.mark == .link:
                position = writeLink(tokens, position, pairs[position], span, &out)
            case .close(let span) where span.mark == .link: closeLink(span, &out)
            case .open(let span): out += Self.mark(span.mark, plain[position], opening: true)
            case .close(let span): out += Self.mark(span.mark, plain[pairs[position]], opening: false)
            }
            lastWasCode = isCode
            position += 1
        }
        return out
    }

    private static func mark(_ mark: Marks, _ plain: Bool, opening: Bool) -> [UInt8] {
        let name: String
        switch mark {
        case .strong where plain: return Array("**".utf8)
        case .em where plain: return Array("_".utf8)
        case .strike where plain: return Array("~~".utf8)
        case .strong: name = "strong"
        case .em: name = "em"
        case .strike: name = "del"
        case .underline: name = "u"
        case .subscript: name = "sub"
        case .superscript: name = "sup"
        case .citation: name = "cite"
        default: return []
        }
        return Array((opening ? "<" : "</").utf8) + Array(name.utf8) + Array(">".utf8)
    }

    // MARK: Links

    /// Writes the opening of a link, or all of it where `<address>` says the same; answers the last token used.
    private func writeLink(
        _ tokens: [MarkdownInline.Token], _ position: Int, _ end: Int, _ span: Span, _ out: inout [UInt8]
    ) -> Int {
        guard let url = SafeURL.link(span.value) else { return position }
        if end == position + 2, case .done(let words) = tokens[position + 1], span.title.isEmpty,
            MarkdownPieces.isAutolink(url),
            words == MarkdownEscaping.escape(url[...], .init(inTable: inTable, inLink: true))
        {
            out.append(UInt8(ascii: "<"))
            for byte in url {
                if byte == UInt8(ascii: "|"), inTable { out.append(UInt8(ascii: "\\")) }
                out.append(byte)
            }
            out.append(UInt8(ascii: ">"))
            return end
        }
        out.append(UInt8(ascii: "["))
        return position
    }

    private func closeLink(_ span: Span, _ out: inout [UInt8]) {
        guard let url = SafeURL.link(span.value) else { return }
        out += Array("](".utf8) + MarkdownPieces.destination(url, inTable: inTable)
        out += MarkdownPieces.title(span.title) + Array(")".utf8)
    }

    // MARK: Flanking (CommonMark 0.30, section 6.2)

    /// For each bracket the position of its other half.
    private static func pairs(_ tokens: [MarkdownInline.Token]) -> [Int] {
        var pairs = Array(tokens.indices)
        var open: [Int] = []
        for (position, token) in tokens.enumerated() {
            if case .open = token { open.append(position) }
            if case .close = token, let opening = open.popLast() {
                pairs[opening] = position
                pairs[position] = opening
            }
        }
        return pairs
    }

    private func usesDelimiter(_ tokens: [MarkdownInline.Token], _ position: Int, _ end: Int) -> Bool {
        guard case .open(let span) = tokens[position], [.strong, .em, .strike].contains(span.mark) else { return false }
        let before = side(tokens, position - 1, ending: true, inner: false)
        let first = side(tokens, position + 1, ending: false, inner: true)
        let last = side(tokens, end - 1, ending: true, inner: true)
        let behind = side(tokens, end + 1, ending: false, inner: false)
        guard first != .blank, last != .blank else { return false }
        // GitHub's parser looks through `~~` for the neighbours of `**` and `_`: they must not touch.
        if span.mark == .strike {
            let touching = [position - 1, position + 1, end - 1, end + 1]
            if touching.contains(where: { isEmphasis(tokens, $0) }) { return false }
        }
        // `_` neither opens nor closes inside a word; the same test keeps every delimiter's reading plain.
        if span.mark == .em { return before != .other && behind != .other }
        return (first == .other || before != .other) && (last == .other || behind != .other)
    }

    private func isEmphasis(_ tokens: [MarkdownInline.Token], _ position: Int) -> Bool {
        guard tokens.indices.contains(position) else { return false }
        switch tokens[position] {
        case .open(let span), .close(let span): return span.mark != .link
        default: return false
        }
    }

    /// The kind of character that a token shows to its neighbour.
    private func side(_ tokens: [MarkdownInline.Token], _ position: Int, ending: Bool, inner: Bool) -> Side {
        guard tokens.indices.contains(position) else { return .blank }
        switch tokens[position] {
        case .open, .close, .code: return .punctuation
        case .lineBreak: return singleLine || inTable || !ending ? .punctuation : .blank
        case .done(let bytes), .words(let bytes): return classify(bytes, ending: ending, inner: inner)
        }
    }

    private func classify(_ bytes: [UInt8], ending: Bool, inner: Bool) -> Side {
        guard let byte = ending ? bytes.last : bytes.first else { return .blank }
        if byte < 0x80 {
            if byte <= 0x20 { return .blank }
            return MarkdownEscaping.isPunctuation(byte) ? .punctuation : .other
        }
        let text = String(decoding: ending ? bytes.suffix(4) : bytes.prefix(4), as: UTF8.self)
        guard let scalar = ending ? text.unicodeScalars.last : text.unicodeScalars.first else { return .other }
        if scalar.properties.isWhitespace { return .blank }
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return .punctuation
        // Versions of the specification differ on symbols: take the reading that is harder to meet.
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: return inner ? .punctuation : .other
        default: return .other
        }
    }
}
