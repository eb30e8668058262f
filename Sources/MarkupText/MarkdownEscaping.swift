/// Escapes words so that CommonMark and GFM read back exactly those words.
package enum MarkdownEscaping {
    /// Where a run of words stands.
    package struct Context {
        /// First in its line, where `#`, `-`, `1.` and the like would begin a block.
        package var startsLine = false
        /// In a table cell, where `|` ends the cell.
        package var inTable = false
        /// In a link's text, where no other link may begin.
        package var inLink = false
        /// Before a link's `[`, where `!` would make an image of it.
        package var beforeBracket = false

        package init(
            startsLine: Bool = false, inTable: Bool = false, inLink: Bool = false, beforeBracket: Bool = false
        ) {
            self.startsLine = startsLine
            self.inTable = inTable
            self.inLink = inLink
            self.beforeBracket = beforeBracket
        }
    }

    package static func escape(_ text: ArraySlice<UInt8>, _ context: Context) -> [UInt8] {
        let bytes = Array(text)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + bytes.count / 8)
        var index = 0
        if context.startsLine { index = lineStart(bytes, into: &out, inTable: context.inTable) }
        while index < bytes.count {
            if !context.inLink, let end = bareURL(in: bytes, at: index, limit: bytes.count) {
                out.append(UInt8(ascii: "<"))
                for byte in bytes[index..<end] {
                    if byte == UInt8(ascii: "|"), context.inTable { out.append(UInt8(ascii: "\\")) }
                    out.append(byte)
                }
                out.append(UInt8(ascii: ">"))
                index = end
                continue
            }
            character(bytes, index, context, into: &out)
            index += 1
        }
        return out
    }

    private static func character(_ bytes: [UInt8], _ index: Int, _ context: Context, into out: inout [UInt8]) {
        let byte = bytes[index]
        let next: UInt8? = index + 1 < bytes.count ? bytes[index + 1] : nil
        let previous: UInt8? = index > 0 ? bytes[index - 1] : nil
        let needsEscape =
            switch byte {
            case UInt8(ascii: "\\"):
                next.map { isPunctuation($0) || bareURL(in: bytes, at: index + 1, limit: bytes.count) != nil } ?? true
            case UInt8(ascii: "`"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "~"): true
            case UInt8(ascii: "*"): !(previous == 0x20 && next == 0x20)
            case UInt8(ascii: "_"): !isInsideWord(bytes, index)
            case UInt8(ascii: "<"):
                next.map { isLetter($0) || $0 == 0x2F || $0 == 0x21 || $0 == 0x3F } ?? true
            case UInt8(ascii: "&"): mayBeEntity(bytes, index)
            case UInt8(ascii: "!"): next == UInt8(ascii: "[") || (next == nil && context.beforeBracket)
            case UInt8(ascii: ":"): endsWebScheme(bytes, index)
            case UInt8(ascii: "."): index >= 3 && bytes[(index - 3)..<index].allSatisfy { $0 | 0x20 == 0x77 }
            case UInt8(ascii: "|"): context.inTable
            default: false
            }
        if needsEscape { out.append(UInt8(ascii: "\\")) }
        switch byte {
        case 0x09, 0x0A, 0x0D: out.append(0x20)
        case 0x00..<0x20, 0x7F: break
        default: out.append(byte)
        }
    }

    /// Escapes what would begin a block; answers how many bytes it wrote.
    private static func lineStart(_ bytes: [UInt8], into out: inout [UInt8], inTable: Bool) -> Int {
        guard let first = bytes.first else { return 0 }
        let next: UInt8? = bytes.count > 1 ? bytes[1] : nil
        switch first {
        case UInt8(ascii: "#"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "|"):
            out += [UInt8(ascii: "\\"), first]
            return 1
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"):
            if let next, isLetter(next) || isDigit(next) || next >= 0x80 { return 0 }
            out += [UInt8(ascii: "\\"), first]
            return 1
        case UInt8(ascii: "*"):
            out += [UInt8(ascii: "\\"), first]
            return 1
        default:
            let digits = bytes.prefix(10).prefix(while: isDigit).count
            guard (1...9).contains(digits), digits < bytes.count,
                bytes[digits] == UInt8(ascii: ".") || bytes[digits] == UInt8(ascii: ")"),
                digits + 1 == bytes.count || bytes[digits + 1] <= 0x20
            else { return 0 }
            out += bytes[..<digits] + [UInt8(ascii: "\\"), bytes[digits]]
            return digits + 1
        }
    }

    /// Whether a run of `_` has a letter or digit on both sides: then it is neither opener nor closer.
    private static func isInsideWord(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index > 0, index + 1 < bytes.count else { return false }
        // Longer runs are escaped: telling their ends apart would make this quadratic.
        return isWord(bytes[index - 1]) && isWord(bytes[index + 1])
    }

    package static func mayBeEntity(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index + 1 < bytes.count else { return true }
        for byte in bytes[(index + 1)...].prefix(40) {
            if byte == UInt8(ascii: ";") { return true }
            guard isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "#") else { return false }
        }
        // Cut off by the end of this run: the next one might complete it.
        return index + 41 > bytes.count
    }

    private static func endsWebScheme(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index + 2 < bytes.count, bytes[index + 1] == 0x2F, bytes[index + 2] == 0x2F, index >= 3 else {
            return false
        }
        return ["http", "https", "ftp"].contains { scheme in
            index >= scheme.utf8.count
                && zip(bytes[(index - scheme.utf8.count)..<index], scheme.utf8).allSatisfy { $0 | 0x20 == $1 }
        }
    }

    /// Where an address that begins at `start` ends, if one does and it can be written between `<` and `>`.
    package static func bareURL(in bytes: [UInt8], at start: Int, limit: Int) -> Int? {
        guard bytes[start] | 0x20 == UInt8(ascii: "h") else { return nil }
        if start > 0, isWord(bytes[start - 1]) { return nil }
        let scheme = ["http://", "https://"].first { scheme in
            start + scheme.utf8.count < limit
                && zip(bytes[start...], scheme.utf8).allSatisfy { ($0 >= 0x41 ? $0 | 0x20 : $0) == $1 }
        }
        guard let scheme else { return nil }
        var end = start + scheme.utf8.count
        while end < limit, isURLByte(bytes[end]) { end += 1 }
        let hasBracket = bytes[start..<end].contains(UInt8(ascii: "("))
        while end > start, ".,;:!?'\")]}*_~\\".utf8.contains(bytes[end - 1]) {
            if bytes[end - 1] == UInt8(ascii: ")"), hasBracket { break }
            end -= 1
        }
        // Between `<` and `>` references are read, and backslashes are not.
        let hasReference = (start..<end).contains { bytes[$0] == UInt8(ascii: "&") && mayBeEntity(bytes, $0) }
        return end > start + scheme.utf8.count && !hasReference ? end : nil
    }

    private static func isURLByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
            && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "`")
    }

    @inlinable package static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
    @inlinable package static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

    @inlinable package static func isPunctuation(_ byte: UInt8) -> Bool {
        (byte >= 0x21 && byte <= 0x2F) || (byte >= 0x3A && byte <= 0x40) || (byte >= 0x5B && byte <= 0x60)
            || (byte >= 0x7B && byte <= 0x7E)
    }
}
