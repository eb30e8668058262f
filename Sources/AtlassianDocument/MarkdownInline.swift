import MarkupText

/// Writes one line of inline nodes as Markdown.
///
/// In four steps: brackets from marks, blanks moved out of brackets, words escaped, delimiters chosen. Where the
/// CommonMark rules would not read `**`, `_` or `~~` as meant (inside words, beside punctuation), the HTML tag is
/// written instead, so that the meaning never depends on its neighbours.
struct MarkdownInline {
    let document: Document
    let links: DocumentLinks
    var inTable = false
    /// Headings and table cells hold one line: breaks are written `<br>`.
    var singleLine = false
    /// Whether the first word stands at the start of a line, where block markers are escaped.
    var startsLine = true

    enum Token {
        case open(Span)
        case close(Span)
        /// Words, not yet escaped.
        case words([UInt8])
        /// Markdown that stands as it is.
        case done([UInt8])
        case code([UInt8])
        case lineBreak
    }

    static let wanted: Marks = [
        .link, .strong, .em, .citation, .strike, .underline, .subscript, .superscript, .code,
    ]

    /// The children of an inline container, without blanks and breaks at either end.
    func write(childrenOf parent: Int, emphasised: Bool = false) -> [UInt8] {
        render(tokens(document.inlineEvents(of: parent, wanted: Self.wanted)), emphasised: emphasised)
    }

    /// One node alone.
    func write(node index: Int) -> [UInt8] {
        var tokens = TokenBuffer()
        append(leaf: index, to: &tokens)
        return render(tokens.finish(), emphasised: false)
    }

    private func render(_ tokens: [Token], emphasised: Bool) -> [UInt8] {
        var tokens = tokens
        if emphasised {
            let span = Span(mark: .em)
            let hasEmphasis = tokens.contains { if case .open(let inner) = $0 { inner == span } else { false } }
            if !hasEmphasis { tokens = [.open(span)] + tokens + [.close(span)] }
        }
        return MarkdownDelimiters(inTable: inTable, singleLine: singleLine)
            .write(escaped(Self.hoistBlanks(tokens)))
    }

    // MARK: Brackets and words

    private func tokens(_ events: [InlineEvent]) -> [Token] {
        var tokens = TokenBuffer()
        var code: [UInt8]?
        for event in events {
            switch event {
            case .open(let span) where span.mark == .code: code = []
            case .close(let span) where span.mark == .code:
                if let words = code { tokens.append(.code(words)) }
                code = nil
            case .open(let span) where Self.isRefused(span): break
            case .close(let span) where Self.isRefused(span):
                // Not an address to link to: kept in sight as code behind its words.
                guard !span.value.isEmpty else { break }
                tokens.add(words: " (".utf8)
                tokens.append(.code(Array(span.value)))
                tokens.add(words: ")".utf8)
            case .open(let span): tokens.append(.open(span))
            case .close(let span): tokens.append(.close(span))
            case .leaf(let index):
                if code != nil {
                    let isText = document.nodes[index].kind == .text
                    code?.append(contentsOf: isText ? Array(document.text(of: index)) : document.label(of: index))
                } else {
                    append(leaf: index, to: &tokens)
                }
            }
        }
        return tokens.finish()
    }

    private static func isRefused(_ span: Span) -> Bool {
        span.mark == .link && SafeURL.link(span.value) == nil
    }

    private func append(leaf index: Int, to tokens: inout TokenBuffer) {
        switch document.nodes[index].kind {
        case .text: append(words: document.text(of: index), to: &tokens)
        case .hardBreak: tokens.append(.lineBreak)
        case .status: tokens.append(.code(document.label(of: index)))
        case .inlineCard, .blockCard, .embedCard: appendCard(index, to: &tokens)
        case .media, .mediaInline: appendMedia(index, to: &tokens)
        case .extension, .bodiedExtension, .inlineExtension, .syncBlock, .unknownBlock, .unknownInline:
            tokens.append(.open(Span(mark: .em)))
            append(words: document.label(of: index)[...], to: &tokens)
            tokens.append(.close(Span(mark: .em)))
        default: append(words: document.label(of: index, links: links)[...], to: &tokens)
        }
    }

    private func append(words: ArraySlice<UInt8>, to tokens: inout TokenBuffer) {
        var isFirst = true
        for line in words.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if !isFirst { tokens.append(.lineBreak) }
            isFirst = false
            guard !line.isEmpty else { continue }
            tokens.add(words: line)
        }
    }

    private func appendCard(_ index: Int, to tokens: inout TokenBuffer) {
        let card = document.cardLink(of: index)
        guard let url = card.url.flatMap({ SafeURL.link($0.utf8) }) else {
            return append(words: document.label(of: index)[...], to: &tokens)
        }
        let span = Span(mark: .link, value: url[...])
        tokens.append(.open(span))
        append(words: card.title.map { Array($0.utf8)[...] } ?? url[...], to: &tokens)
        tokens.append(.close(span))
    }

    /// `![name](address)` for an image, `[name](address)` for any other file.
    private func appendMedia(_ index: Int, to tokens: inout TokenBuffer) {
        let name = document.label(of: index)
        let reference = document.mediaReference(of: index)
        let type = document.string(.mediaType, of: index)
        let isImage =
            type == "image" || type == "external" || SafeURL.looksLikeImage(name)
            || (document.nodes[index].kind == .media && type != "link" && !name.suffix(6).contains(UInt8(ascii: ".")))
        let destination: [UInt8]
        if let address = links.mediaAddress(reference).flatMap({ SafeURL.link($0.utf8) }) {
            destination = MarkdownPieces.destination(address, inTable: inTable)
        } else if let url = reference.url {
            guard let safe = SafeURL.link(url.utf8) else { return append(words: name[...], to: &tokens) }
            destination = MarkdownPieces.destination(safe, inTable: inTable)
        } else if let fileName = reference.fileName, fileName.utf8.contains(UInt8(ascii: ".")) {
            destination = MarkdownPieces.destination(fileName: fileName.utf8)
        } else if let id = reference.id {
            destination = Array("media:".utf8) + MarkdownPieces.destination(fileName: id.utf8)
        } else {
            destination = MarkdownPieces.destination(fileName: name)
        }
        let context = MarkdownEscaping.Context(inTable: inTable, inLink: true)
        let words = MarkdownEscaping.escape(name[...], context)
        tokens.append(
            .done(Array((isImage ? "![" : "[").utf8) + words + Array("](".utf8) + destination + Array(")".utf8)))
    }

    // MARK: Escaping

    private func escaped(_ tokens: [Token]) -> [Token] {
        var atLineStart = startsLine && !inTable
        var linkDepth = 0
        return tokens.enumerated().map { position, token in
            defer {
                if case .lineBreak = token { atLineStart = !singleLine } else { atLineStart = false }
            }
            switch token {
            case .open(let span):
                if span.mark == .link { linkDepth += 1 }
                return token
            case .close(let span):
                if span.mark == .link { linkDepth -= 1 }
                return token
            case .words(let words):
                let context = MarkdownEscaping.Context(
                    startsLine: atLineStart, inTable: inTable, inLink: linkDepth > 0,
                    beforeBracket: position + 1 < tokens.count && !Self.isWords(tokens[position + 1]))
                return .done(MarkdownEscaping.escape(words[...], context))
            default: return token
            }
        }
    }

    private static func isWords(_ token: Token) -> Bool {
        if case .done = token { false } else if case .open(let span) = token { span.mark != .link } else { true }
    }
}
