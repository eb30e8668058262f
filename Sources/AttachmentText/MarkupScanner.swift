/// Walks tags and text of XML or HTML, byte by byte, in one pass.
///
/// It knows no DTD and no entities of a document's own, so a document can neither fetch anything nor expand: a DOCTYPE
/// is skipped, an unknown reference stays as it is.
struct MarkupScanner {
    enum Event {
        /// An opening, empty or closing tag. The name is without prefix and in lower case when `isHTML`.
        case tag(name: ArraySlice<UInt8>, kind: TagKind, attributes: ArraySlice<UInt8>)
        /// Text with references still in it.
        case text(ArraySlice<UInt8>)
        /// Text that is meant literally.
        case literal(ArraySlice<UInt8>)
    }

    enum TagKind { case opening, closing, empty }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Event? {
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                let start = position
                while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
                return .text(bytes[start..<position])
            }
            guard let following = position + 1 < bytes.count ? bytes[position + 1] : nil else {
                position = bytes.count
                return nil
            }
            switch following {
            case UInt8(ascii: "!"): if let literal = declaration() { return .literal(literal) }
            case UInt8(ascii: "?"): skip(past: "?>", from: position + 2)
            default:
                if let tag = tag() { return tag }
            }
        }
        return nil
    }

    /// Skips to behind the first closing tag of an element whose content is not markup.
    mutating func skipRaw(_ name: ArraySlice<UInt8>) {
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "<"), position + 2 + name.count <= bytes.count,
                bytes[position + 1] == UInt8(ascii: "/"),
                zip(bytes[(position + 2)...], name).allSatisfy({ Self.lower($0) == Self.lower($1) })
            {
                return
            }
            position += 1
        }
    }

    /// `<!--…-->`, `<![CDATA[…]]>`, `<!DOCTYPE …[…]>`; answers a CDATA section's text.
    private mutating func declaration() -> ArraySlice<UInt8>? {
        let rest = bytes[position...]
        if rest.starts(with: "<!--".utf8) {
            skip(past: "-->", from: position + 4)
        } else if rest.starts(with: "<![CDATA[".utf8) {
            let start = position + 9
            skip(past: "]]>", from: start)
            return bytes[start..<max(start, position - (position == bytes.count ? 0 : 3))]
        } else {
            var depth = 0
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte == UInt8(ascii: "[") { depth += 1 }
                if byte == UInt8(ascii: "]") { depth -= 1 }
                if byte == UInt8(ascii: ">"), depth <= 0 { break }
            }
        }
        return nil
    }

    private mutating func skip(past text: StaticString, from start: Int) {
        let wanted = text.withUTF8Buffer { Array($0) }
        var index = min(start, bytes.count)
        while index + wanted.count <= bytes.count {
            if bytes[index] == wanted[0], bytes[index..<index + wanted.count].elementsEqual(wanted) {
                position = index + wanted.count
                return
            }
            index += 1
        }
        position = bytes.count
    }

    private mutating func tag() -> Event? {
        var index = position + 1
        let isClosing = bytes[index] == UInt8(ascii: "/")
        if isClosing { index += 1 }
        guard index < bytes.count, isNameByte(bytes[index]) else {
            // A lone `<` is text.
            position += 1
            return .literal(bytes[position - 1..<position])
        }
        var nameStart = index
        while index < bytes.count, isNameByte(bytes[index]) || bytes[index] == UInt8(ascii: ":") {
            if bytes[index] == UInt8(ascii: ":") { nameStart = index + 1 }
            index += 1
        }
        let nameEnd = index
        var quote: UInt8 = 0
        while index < bytes.count {
            let byte = bytes[index]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                break
            }
            index += 1
        }
        let attributes = bytes[nameEnd..<index]
        position = min(bytes.count, index + 1)
        let isEmpty = attributes.last == UInt8(ascii: "/")
        return .tag(
            name: bytes[nameStart..<nameEnd], kind: isClosing ? .closing : isEmpty ? .empty : .opening,
            attributes: attributes)
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        let lower = Self.lower(byte)
        return (lower >= 0x61 && lower <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte >= 0x80
    }

    static func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte }

    // MARK: References

    private static let named: [String: String] = [
        "lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®",
        "trade": "™", "hellip": "…", "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
        "bull": "•", "middot": "·", "euro": "€", "laquo": "«", "raquo": "»", "auml": "ä", "ouml": "ö", "uuml": "ü",
        "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è", "agrave": "à", "ccedil": "ç",
    ]

    /// Appends text with its character references resolved.
    static func appendText(_ text: ArraySlice<UInt8>, to out: inout [UInt8]) {
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "&") else {
                out.append(text[index])
                index += 1
                continue
            }
            let window = text[(index + 1)..<min(text.endIndex, index + 12)]
            guard let end = window.firstIndex(of: UInt8(ascii: ";")),
                let resolved = resolve(String(decoding: window[..<end], as: UTF8.self))
            else {
                out.append(text[index])
                index += 1
                continue
            }
            out += Array(resolved.utf8)
            index = end + 1
        }
    }

    private static func resolve(_ name: String) -> String? {
        if let text = named[name] { return text }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHex = digits.hasPrefix("x") || digits.hasPrefix("X")
        guard let code = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits),
            let scalar = Unicode.Scalar(code)
        else { return nil }
        return code < 0x20 && code != 0x09 && code != 0x0A ? " " : String(Character(scalar))
    }

    /// The value of an attribute in a tag, by its name without prefix.
    static func attribute(_ name: StaticString, in attributes: ArraySlice<UInt8>) -> [UInt8]? {
        let wanted = name.withUTF8Buffer { Array($0) }
        var index = attributes.startIndex
        while index < attributes.endIndex {
            guard let equals = attributes[index...].firstIndex(of: UInt8(ascii: "=")) else { return nil }
            var start = equals + 1
            while start < attributes.endIndex, attributes[start] <= 0x20 { start += 1 }
            guard start < attributes.endIndex else { return nil }
            let quote = attributes[start]
            guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
            guard let end = attributes[(start + 1)...].firstIndex(of: quote) else { return nil }
            let key = attributes[index..<equals].filter { $0 > 0x20 }
            let local = key.split(separator: UInt8(ascii: ":")).last.map { Array($0) } ?? []
            if local == wanted {
                var value: [UInt8] = []
                appendText(attributes[(start + 1)..<end], to: &value)
                return value
            }
            index = end + 1
        }
        return nil
    }
}
