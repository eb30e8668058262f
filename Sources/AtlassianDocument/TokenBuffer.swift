import MarkupText

/// Collects a line's tokens, joining words that stand together in one growing run.
struct TokenBuffer {
    private var tokens: [MarkdownInline.Token] = []
    private var words: [UInt8] = []

    /// Whether nothing, or nothing but a break, stands before what comes next.
    var isAtLineStart: Bool {
        guard words.isEmpty else { return false }
        switch tokens.last {
        case nil, .lineBreak?: return true
        default: return false
        }
    }

    var isEmpty: Bool { words.isEmpty && tokens.isEmpty }

    mutating func add(words more: some Collection<UInt8>) {
        words.append(contentsOf: more)
    }

    mutating func append(_ token: MarkdownInline.Token) {
        flush()
        tokens.append(token)
    }

    /// Drops the blanks at the end of the words.
    mutating func trimWords() {
        words.removeLast(Blanks.trailing(words))
    }

    /// Drops blanks and breaks at the end.
    mutating func trimEnd() {
        trimWords()
        while words.isEmpty, case .lineBreak? = tokens.last {
            tokens.removeLast()
            if case .words(let before)? = tokens.last {
                tokens.removeLast()
                words = before
                trimWords()
            }
        }
    }

    private mutating func flush() {
        if !words.isEmpty { tokens.append(.words(words)) }
        words = []
    }

    consuming func finish() -> [MarkdownInline.Token] {
        flush()
        return tokens
    }
}
