import MarkupText

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
