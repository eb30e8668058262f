import MarkupText

/// Cuts one line of wiki markup into pieces and pairs the signs of its text effects.
///
/// Each effect has at most one sign waiting for its partner, the first that could begin it, so a line of a million signs
/// costs a million steps. Colours make their own scope, as an effect cannot begin outside one and end inside.
struct WikiScanner {
    let bytes: [UInt8]
    let macros: WikiMacros
    let range: Range<Int>
    let inLink: Bool
    private var pieces: [WikiPiece] = []
    private var wordsStart = 0
    /// For each colour scope and effect the piece that waits for its partner, or -1.
    private var waiting: [[Int]] = [WikiScanner.none]
    private var searchedForMonospaced = 0

    private static let none = [Int](repeating: -1, count: 7)

    init(bytes: [UInt8], macros: WikiMacros, range: Range<Int>, inLink: Bool) {
        self.bytes = bytes
        self.macros = macros
        self.range = range
        self.inLink = inLink
        wordsStart = range.lowerBound
    }

    mutating func scan() -> [WikiPiece] {
        var index = range.lowerBound
        while index < range.upperBound {
            index = step(index)
        }
        flushWords(range.upperBound)
        return pieces
    }

    /// Reads what begins at `index`; answers where it ends.
    private mutating func step(_ index: Int) -> Int {
        switch bytes[index] {
        case UInt8(ascii: "\\"): return escape(index)
        case UInt8(ascii: "{"): return brace(index)
        case UInt8(ascii: "["): return inLink ? index + 1 : bracket(index)
        case UInt8(ascii: "!"): return bang(index)
        case UInt8(ascii: "h"), UInt8(ascii: "H"):
            guard !inLink, let end = MarkdownEscaping.bareURL(in: bytes, at: index, limit: range.upperBound) else {
                return index + 1
            }
            return add(.link(words: nil, target: .address(Array(bytes[index..<end]))), index, end)
        case UInt8(ascii: "&"):
            guard let found = WikiSymbols.reference(bytes, index, range) else { return index + 1 }
            return add(.text(found.text), index, found.end)
        case UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "("):
            guard let found = WikiSymbols.emoticon(bytes, index, range) else { return index + 1 }
            return add(.emoticon(found), index, found.end)
        case UInt8(ascii: "-"):
            if let found = WikiSymbols.dash(bytes, index, range) { return add(.text(found.text), index, found.end) }
            return sign(2, index, 1)
        case UInt8(ascii: "*"): return sign(0, index, 1)
        case UInt8(ascii: "_"): return sign(1, index, 1)
        case UInt8(ascii: "+"): return sign(3, index, 1)
        case UInt8(ascii: "^"): return sign(4, index, 1)
        case UInt8(ascii: "~"): return sign(5, index, 1)
        case UInt8(ascii: "?"):
            guard index + 1 < range.upperBound, bytes[index + 1] == UInt8(ascii: "?") else { return index + 1 }
            return sign(6, index, 2)
        default: return index + 1
        }
    }

    private mutating func flushWords(_ end: Int) {
        if wordsStart < end { pieces.append(.words(wordsStart..<end)) }
    }

    private mutating func add(_ piece: WikiPiece, _ start: Int, _ end: Int) -> Int {
        flushWords(start)
        pieces.append(piece)
        wordsStart = end
        return end
    }

    // MARK: Constructs

    /// `\*` is a star, `\\` a line break.
    private mutating func escape(_ index: Int) -> Int {
        guard index + 1 < range.upperBound else { return index + 1 }
        let next = bytes[index + 1]
        if next == UInt8(ascii: "\\") {
            var end = index
            while end < range.upperBound, bytes[end] == UInt8(ascii: "\\") { end += 1 }
            return end == index + 2 ? add(.lineBreak, index, end) : end
        }
        guard MarkdownEscaping.isPunctuation(next) else { return index + 1 }
        return add(.words(index + 1..<index + 2), index, index + 2)
    }

    private mutating func brace(_ index: Int) -> Int {
        if let tag = macros.color(at: index), tag.end <= range.upperBound {
            if let color = tag.color {
                waiting.append(Self.none)
                return add(.colorStart(color), index, tag.end)
            }
            if waiting.count > 1 { waiting.removeLast() } else { waiting[0] = Self.none }
            return add(.colorEnd, index, tag.end)
        }
        guard index + 1 < range.upperBound else { return index + 1 }
        if bytes[index + 1] == UInt8(ascii: "{") {
            let end = WikiMacros.monospacedEnd(bytes, index, range.upperBound, searched: &searchedForMonospaced)
            return end.map { add(.code(index + 2..<$0 - 2), index, $0) } ?? index + 1
        }
        // `{*}` is a sign that Jira Cloud writes inside words.
        if index + 2 < range.upperBound, bytes[index + 2] == UInt8(ascii: "}"),
            let effect = WikiReader.effects.firstIndex(where: { $0.sign == bytes[index + 1] }), effect < 6
        {
            return forcedSign(effect, index)
        }
        return anchorEnd(index).map { end in add(.text(""), index, end) } ?? index + 1
    }

    /// `{anchor:name}` marks a place and shows nothing.
    private func anchorEnd(_ index: Int) -> Int? {
        let name = Array("{anchor:".utf8)
        guard index + name.count < range.upperBound, bytes[index..<index + name.count].elementsEqual(name) else {
            return nil
        }
        let window = bytes[index..<min(range.upperBound, index + 200)]
        return window.firstIndex(of: UInt8(ascii: "}")).map { $0 + 1 }
    }

    private mutating func bracket(_ index: Int) -> Int {
        let limit = min(range.upperBound, index + WikiLink.longest)
        guard let end = WikiLink.end(bytes, index, limit) else { return index + 1 }
        let parts = bytes[(index + 1)..<(end - 1)].split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
        guard let first = parts.first else { return index + 1 }
        // `[words|address|tip]`; Jira Cloud writes `[address|address|smart-link]`.
        let target = WikiLink.target(trimmed(parts.count == 1 ? first : parts[1]))
        guard let target else { return index + 1 }
        var words: Range<Int>? = parts.count == 1 ? nil : trimmed(first).startIndex..<trimmed(first).endIndex
        if let range = words, range.isEmpty { words = nil }
        guard case .person = target else { return add(.link(words: words, target: target), index, end) }
        // A name that touches a word would be read as part of it.
        let touchesBefore = index > range.lowerBound && (isWord(before: index) || bytes[index - 1] == UInt8(ascii: "]"))
        if touchesBefore { _ = add(.text(" "), index, index) }
        let result = add(.link(words: words, target: target), index, end)
        return isWord(at: end) ? add(.text(" "), end, end) : result
    }

    private func trimmed(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = slice.drop { $0 == 0x20 }
        while slice.last == 0x20 { slice.removeLast() }
        return slice
    }

    private mutating func bang(_ index: Int) -> Int {
        if index > range.lowerBound, isWord(before: index) { return index + 1 }
        let limit = min(range.upperBound, index + WikiLink.longest)
        guard let end = WikiLink.imageEnd(bytes, index, limit) else { return index + 1 }
        return add(.image(index + 1..<end - 1), index, end)
    }

    // MARK: Effects

    private mutating func sign(_ effect: Int, _ index: Int, _ width: Int) -> Int {
        let end = index + width
        let own = bytes[index]
        let next: UInt8? = end < range.upperBound ? bytes[end] : nil
        let previous: UInt8? = index > range.lowerBound ? bytes[index - 1] : nil
        let scope = waiting.count - 1
        let opener = waiting[scope][effect]
        let followsWords = previous.map { $0 > 0x20 && $0 != own } ?? false
        let isRepeatedPlus = own == UInt8(ascii: "+") && next == own
        if opener >= 0, followsWords, !isWord(at: end), !isRepeatedPlus {
            return close(effect, opener, index, end)
        }
        let mayOpen = next.map { $0 > 0x20 && $0 != own } ?? false
        if opener < 0, mayOpen, !isWord(before: index) {
            let result = add(.sign(effect: effect, range: index..<end, role: .words), index, end)
            waiting[scope][effect] = pieces.count - 1
            return result
        }
        return end
    }

    private mutating func forcedSign(_ effect: Int, _ index: Int) -> Int {
        let scope = waiting.count - 1
        let opener = waiting[scope][effect]
        if opener >= 0 { return close(effect, opener, index, index + 3) }
        let result = add(.sign(effect: effect, range: index..<index + 3, role: .words), index, index + 3)
        waiting[scope][effect] = pieces.count - 1
        return result
    }

    /// Settles a pair; what began inside it and has not ended is words.
    private mutating func close(_ effect: Int, _ opener: Int, _ index: Int, _ end: Int) -> Int {
        guard case .sign(_, let range, _) = pieces[opener] else { return end }
        pieces[opener] = .sign(effect: effect, range: range, role: .start)
        let result = add(.sign(effect: effect, range: index..<end, role: .end), index, end)
        let scope = waiting.count - 1
        for other in waiting[scope].indices where waiting[scope][other] >= opener { waiting[scope][other] = -1 }
        return result
    }

    private func isWord(at index: Int) -> Bool {
        guard index < range.upperBound else { return false }
        if bytes[index] < 0x80 { return WikiSymbols.isWordByte(bytes[index]) }
        return isLetter(bytes[index..<min(range.upperBound, index + 4)], last: false)
    }

    private func isWord(before index: Int) -> Bool {
        guard index > range.lowerBound else { return false }
        if bytes[index - 1] < 0x80 { return WikiSymbols.isWordByte(bytes[index - 1]) }
        return isLetter(bytes[max(range.lowerBound, index - 4)..<index], last: true)
    }

    private func isLetter(_ window: ArraySlice<UInt8>, last: Bool) -> Bool {
        let scalars = String(decoding: window, as: UTF8.self).unicodeScalars
        return (last ? scalars.last : scalars.first)?.properties.isAlphabetic ?? false
    }
}
