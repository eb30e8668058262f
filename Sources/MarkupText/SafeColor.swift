/// Lets colours into a style attribute: `#rgb` to `#rrggbbaa`, a plain colour name, or `rgb(r, g, b)` in digits.
package enum SafeColor {
    package static func css(_ color: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(color)
        guard let first = text.first, text.count <= 32 else { return nil }
        if first == UInt8(ascii: "#") {
            let digits = text.dropFirst()
            return [3, 4, 6, 8].contains(digits.count) && digits.allSatisfy(isHex) ? text : nil
        }
        if text.allSatisfy(isLetter) { return text }
        guard text.starts(with: "rgb(".utf8), text.last == UInt8(ascii: ")") else { return nil }
        let inside = text.dropFirst(4).dropLast()
        let isNumbers = inside.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ",") || $0 == 0x20 }
        return isNumbers ? text : nil
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
    }
}
