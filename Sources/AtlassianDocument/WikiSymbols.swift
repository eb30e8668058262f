import MarkupText

/// Emoticons, dashes and character references of wiki markup.
enum WikiSymbols {
    private static let emoticons: [(text: [UInt8], name: String, symbol: String)] = [
        (":)", "smile", "🙂"), (":-)", "smile", "🙂"), (":(", "disappointed", "🙁"), (":-(", "disappointed", "🙁"),
        (":P", "stuck_out_tongue", "😛"), (":p", "stuck_out_tongue", "😛"), (":D", "smiley", "😃"), (";)", "wink", "😉"),
        ("(y)", "thumbsup", "👍"), ("(n)", "thumbsdown", "👎"), ("(i)", "information_source", "ℹ️"),
        ("(/)", "white_check_mark", "✅"), ("(x)", "x", "❌"), ("(!)", "warning", "⚠️"),
        ("(+)", "heavy_plus_sign", "➕"), ("(-)", "heavy_minus_sign", "➖"), ("(?)", "question", "❓"),
        ("(on)", "bulb", "💡"), ("(off)", "new_moon", "🌑"), ("(*)", "star", "⭐"), ("(*r)", "star", "⭐"),
        ("(*g)", "star", "⭐"), ("(*b)", "star", "⭐"), ("(*y)", "star", "⭐"), ("(flag)", "triangular_flag_on_post", "🚩"),
        ("(flagoff)", "waving_white_flag", "🏳️"),
    ].map { (Array($0.0.utf8), $0.1, $0.2) }

    struct Emoticon {
        let end: Int
        let name: String
        let symbol: String
    }

    /// An emoticon at `start` that stands alone, not inside a word.
    static func emoticon(_ bytes: [UInt8], _ start: Int, _ range: Range<Int>) -> Emoticon? {
        if start > range.lowerBound, isWordByte(bytes[start - 1]) { return nil }
        for (text, name, symbol) in emoticons {
            let end = start + text.count
            guard end <= range.upperBound, bytes[start..<end].elementsEqual(text) else { continue }
            if end < range.upperBound, isWordByte(bytes[end]) { continue }
            return Emoticon(end: end, name: ":\(name):", symbol: symbol)
        }
        return nil
    }

    /// ` -- ` and ` --- ` between blanks.
    static func dash(_ bytes: [UInt8], _ start: Int, _ range: Range<Int>) -> (end: Int, text: String)? {
        guard start == range.lowerBound || bytes[start - 1] <= 0x20 else { return nil }
        var end = start
        while end < range.upperBound, end - start < 4, bytes[end] == UInt8(ascii: "-") { end += 1 }
        guard end == range.upperBound || bytes[end] <= 0x20 else { return nil }
        switch end - start {
        case 2: return (end, "\u{2013}")
        case 3: return (end, "\u{2014}")
        default: return nil
        }
    }

    /// `&nbsp;`, `&amp;`, `&#8211;`: old editors left them in the text.
    static func reference(_ bytes: [UInt8], _ start: Int, _ range: Range<Int>) -> (end: Int, text: String)? {
        let window = bytes[start..<min(range.upperBound, start + 10)]
        guard let end = window.firstIndex(of: UInt8(ascii: ";")), end > start + 1 else { return nil }
        let name = String(decoding: window[(start + 1)..<end], as: UTF8.self)
        let named = ["nbsp": " ", "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        if let text = named[name] { return (end + 1, text) }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let code = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let code, code >= 0x20, let scalar = Unicode.Scalar(code) else { return nil }
        return (end + 1, String(Character(scalar)))
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        MarkdownEscaping.isLetter(byte) || MarkdownEscaping.isDigit(byte)
    }
}
