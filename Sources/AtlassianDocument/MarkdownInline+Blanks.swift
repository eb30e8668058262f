extension MarkdownInline {
    /// Moves blanks and breaks out of the brackets they begin or end, drops brackets left empty, and trims the line.
    ///
    /// CommonMark reads no delimiter that has a blank on its inner side.
    static func hoistBlanks(_ tokens: [Token]) -> [Token] {
        var out: [Token] = []
        var pending: [Token] = []

        func flush() {
            out += pending
            pending.removeAll()
        }
        for token in tokens {
            switch token {
            case .words(let words):
                let blanksBefore = Blanks.leading(words)
                if blanksBefore == words.count {
                    hoist(.words(words), &out, &pending)
                    continue
                }
                if blanksBefore > 0 { hoist(.words(Array(words[..<blanksBefore])), &out, &pending) }
                flush()
                let blanksBehind = Blanks.trailing(words)
                out.append(.words(Array(words[blanksBefore..<words.count - blanksBehind])))
                if blanksBehind > 0 { pending.append(.words(Array(words[(words.count - blanksBehind)...]))) }
            case .lineBreak: hoist(token, &out, &pending)
            case .close(let span):
                if case .open(let opened)? = out.last, opened == span {
                    out.removeLast()
                    if span.mark == .link, !span.value.isEmpty {
                        out += [.open(span), .words(Array(span.value)), .close(span)]
                    }
                } else {
                    out.append(token)
                }
            case .code(let words) where words.isEmpty: break
            default:
                flush()
                out.append(token)
            }
        }
        return trimmed(out)
    }

    /// Puts a blank before the brackets just opened, or behind those about to close.
    private static func hoist(_ blank: Token, _ out: inout [Token], _ pending: inout [Token]) {
        guard case .open? = out.last else {
            pending.append(blank)
            return
        }
        var position = out.count
        while position > 0, case .open = out[position - 1] { position -= 1 }
        out.insert(blank, at: position)
    }

    /// Drops blanks and breaks at the ends, and blanks beside breaks.
    private static func trimmed(_ tokens: [Token]) -> [Token] {
        var out = TokenBuffer()
        for token in tokens {
            switch token {
            case .lineBreak:
                out.trimWords()
                // A line that begins with breaks begins behind them.
                if !out.isEmpty { out.append(token) }
            case .words(let words):
                out.add(words: words.dropFirst(out.isAtLineStart ? Blanks.leading(words) : 0))
            default: out.append(token)
            }
        }
        out.trimEnd()
        return out.finish()
    }
}

/// Blanks as CommonMark counts them beside delimiters: ASCII and Unicode white space.
enum Blanks {
    static func leading(_ bytes: [UInt8]) -> Int {
        var index = 0
        while index < bytes.count {
            let width = blankWidth(bytes, at: index)
            if width == 0 { break }
            index += width
        }
        return index
    }

    static func trailing(_ bytes: [UInt8]) -> Int {
        var index = bytes.count
        while index > 0 {
            if bytes[index - 1] <= 0x20 {
                index -= 1
            } else if index >= 2, blankWidth(bytes, at: index - 2) == 2 {
                index -= 2
            } else if index >= 3, blankWidth(bytes, at: index - 3) == 3 {
                index -= 3
            } else {
                break
            }
        }
        return bytes.count - index
    }

    /// Bytes of the blank at `index`, 0 if there is none.
    static func blankWidth(_ bytes: [UInt8], at index: Int) -> Int {
        let first = bytes[index]
        if first <= 0x20 { return 1 }
        if first == 0xC2, index + 1 < bytes.count, bytes[index + 1] == 0xA0 { return 2 }
        guard index + 2 < bytes.count else { return 0 }
        switch (first, bytes[index + 1], bytes[index + 2]) {
        case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
            return 3
        default: return 0
        }
    }
}
