/// The parts of Markdown that are written whole: code spans, link targets, HTML text.
package enum MarkdownPieces {
    /// A code span whose words are exactly `text`; line ends become spaces.
    package static func codeSpan(_ text: some Collection<UInt8>, inTable: Bool, asTag: Bool = false) -> [UInt8] {
        var code = text.compactMap { byte -> UInt8? in
            switch byte {
            case 0x09, 0x0A, 0x0D: 0x20
            case 0x00..<0x20, 0x7F: nil
            default: byte
            }
        }
        guard !code.isEmpty else { return [] }
        let pipeInTable = inTable && code.contains(UInt8(ascii: "|"))
        if asTag || (pipeInTable && code.contains(UInt8(ascii: "\\"))) {
            return Array("<code>".utf8) + html(code, everything: true) + Array("</code>".utf8)
        }
        var longest = 0
        var run = 0
        for byte in code {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let isBlank = code.allSatisfy { $0 == 0x20 }
        let edges = [code[0], code[code.count - 1]]
        let stripped = edges.allSatisfy { $0 == 0x20 } && !isBlank
        if pipeInTable { code = code.flatMap { $0 == UInt8(ascii: "|") ? [UInt8(ascii: "\\"), $0] : [$0] } }
        if edges.contains(UInt8(ascii: "`")) || stripped { code = [0x20] + code + [0x20] }
        let fence = [UInt8](repeating: UInt8(ascii: "`"), count: longest + 1)
        return fence + code + fence
    }

    /// Text inside raw HTML. With `everything`, each punctuation mark becomes a reference, so that neither HTML nor
    /// Markdown nor a table sees it.
    package static func html(_ text: some Collection<UInt8>, everything: Bool = false) -> [UInt8] {
        var out: [UInt8] = []
        for byte in text {
            switch byte {
            case 0x09, 0x0A, 0x0D: out.append(0x20)
            case 0x00..<0x20, 0x7F: break
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""):
                out += Array("&#\(byte);".utf8)
            case _ where everything && MarkdownEscaping.isPunctuation(byte): out += Array("&#\(byte);".utf8)
            default: out.append(byte)
            }
        }
        return out
    }

    /// A link's destination, so encoded that nothing in it ends the link early.
    package static func destination(_ url: some Collection<UInt8>, inTable: Bool) -> [UInt8] {
        var out: [UInt8] = []
        for (position, byte) in url.enumerated() {
            switch byte {
            case 0x00...0x20, 0x7F, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "`"),
                UInt8(ascii: "\\"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
                out += percentEncoded(byte)
            case UInt8(ascii: "&") where MarkdownEscaping.mayBeEntity(Array(url.dropFirst(position).prefix(42)), 0):
                out += [0x5C, byte]
            default: out.append(byte)
            }
        }
        return out
    }

    /// A file name as a relative destination.
    package static func destination(fileName: some Collection<UInt8>) -> [UInt8] {
        fileName.flatMap { byte in
            MarkdownEscaping.isLetter(byte) || MarkdownEscaping.isDigit(byte) || "-._~".utf8.contains(byte)
                ? [byte] : percentEncoded(byte)
        }
    }

    private static func percentEncoded(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// ` "title"`, or nothing.
    package static func title(_ title: ArraySlice<UInt8>) -> [UInt8] {
        guard !title.isEmpty else { return [] }
        let escaped = title.flatMap { byte -> [UInt8] in
            let isPlain = byte >= 0x80 || !MarkdownEscaping.isPunctuation(byte) || "-,:/.'()".utf8.contains(byte)
            return byte < 0x20 || byte == 0x7F ? [0x20] : isPlain ? [byte] : [0x5C, byte]
        }
        return Array(" \"".utf8) + escaped + Array("\"".utf8)
    }

    /// Whether `<url>` is an autolink whose words are exactly `url`.
    package static func isAutolink(_ url: some Collection<UInt8>) -> Bool {
        let bytes = Array(url)
        let hasReference = bytes.indices.contains {
            bytes[$0] == UInt8(ascii: "&") && MarkdownEscaping.mayBeEntity(bytes, $0)
        }
        let isWeb = ["http://", "https://", "mailto:"].contains { url.starts(with: $0.utf8) }
        return isWeb && !hasReference
            && url.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }
}
