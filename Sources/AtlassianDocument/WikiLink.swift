import MarkupText

/// What `[…]` and `!…!` can be.
enum WikiLink {
    /// Links and images are looked for this far: longer ones are words. Bounds the cost of text full of brackets.
    static let longest = 4_096

    enum Target {
        case address([UInt8])
        case file([UInt8])
        case person([UInt8])
        case anchor([UInt8])
    }

    /// Where `[…]` that begins at `start` ends. No bracket may stand inside.
    static func end(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> Int? {
        var index = start + 1
        while index < limit {
            switch bytes[index] {
            case UInt8(ascii: "]"): return index > start + 1 ? index + 1 : nil
            case UInt8(ascii: "["), 0x0A: return nil
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    /// Where `!name!` that begins at `start` ends, if the name is one of a file or an address.
    static func imageEnd(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> Int? {
        var index = start + 1
        guard index < limit, bytes[index] > 0x20 else { return nil }
        while index < limit, bytes[index] != UInt8(ascii: "!"), bytes[index] != 0x0A { index += 1 }
        guard index < limit, bytes[index] == UInt8(ascii: "!"), index > start + 1 else { return nil }
        let name = bytes[(start + 1)..<index].prefix { $0 != UInt8(ascii: "|") }
        guard let last = name.last, last > 0x20 else { return nil }
        if SafeURL.isWebOrMail(name) { return index + 1 }
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return nil }
        let suffix = name[(dot + 1)...]
        let isFileName =
            (1...6).contains(suffix.count)
            && suffix.allSatisfy { MarkdownEscaping.isLetter($0) || MarkdownEscaping.isDigit($0) }
        return isFileName ? index + 1 : nil
    }

    /// What the last part of a link names; `nil` when it is only words.
    static func target(_ text: ArraySlice<UInt8>) -> Target? {
        guard let first = text.first, text.count > 1 else { return nil }
        let rest = text.dropFirst()
        switch first {
        case UInt8(ascii: "~"): return .person(personID(rest))
        case UInt8(ascii: "^"): return .file(Array(rest))
        case UInt8(ascii: "#"): return text.contains(0x20) ? nil : .anchor(Array(text))
        case UInt8(ascii: "/"): return text.contains(0x20) ? nil : .address(Array(text))
        default: break
        }
        if text.prefix(4).elementsEqual("www.".utf8, by: { $0 | 0x20 == $1 || $0 == $1 }), !text.contains(0x20) {
            return .address(Array("https://".utf8) + text)
        }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex else { return nil }
        let scheme = text[..<colon]
        let isScheme =
            scheme.count >= 2 && scheme.count <= 20 && MarkdownEscaping.isLetter(first)
            && scheme.allSatisfy {
                MarkdownEscaping.isLetter($0) || MarkdownEscaping.isDigit($0) || "+-.".utf8.contains($0)
            }
        guard isScheme, colon + 1 < text.endIndex, text[colon + 1] > 0x20 else { return nil }
        // Words with a colon are not an address unless they look like one.
        let hasSlashes = text[(colon + 1)...].starts(with: "//".utf8)
        let isMail = scheme.elementsEqual("mailto".utf8, by: { $0 | 0x20 == $1 })
        let isKnown = ["javascript", "data", "vbscript", "file", "tel", "sip"].contains {
            scheme.elementsEqual($0.utf8, by: { $0 | 0x20 == $1 })
        }
        return hasSlashes || isMail || isKnown ? .address(Array(text)) : nil
    }

    private static func personID(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let prefix = "accountid:".utf8
        let isPrefixed =
            text.count > prefix.count && zip(text, prefix).allSatisfy { ($0 >= 0x41 ? $0 | 0x20 : $0) == $1 }
        return Array(isPrefixed ? text.dropFirst(prefix.count) : text)
    }
}
