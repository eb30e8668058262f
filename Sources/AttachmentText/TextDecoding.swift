/// Turns the bytes of a text file into Unicode, whichever of the usual encodings it has.
enum TextDecoding {
    /// Decodes by byte order mark, else as UTF-8, else as UTF-16 when every other byte is zero, else as Windows-1252.
    ///
    /// `nil` for what is no text: bytes with control characters that no text has.
    static func decode(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            return checked(String(decoding: bytes.dropFirst(3), as: UTF8.self))
        }
        if bytes.starts(with: [0xFF, 0xFE]) { return checked(utf16(bytes.dropFirst(2), bigEndian: false)) }
        if bytes.starts(with: [0xFE, 0xFF]) { return checked(utf16(bytes.dropFirst(2), bigEndian: true)) }
        if let bigEndian = looksLikeUTF16(bytes) { return checked(utf16(bytes[...], bigEndian: bigEndian)) }
        if let text = String(validating: bytes, as: UTF8.self) { return checked(text) }
        return checked(windows1252(bytes))
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(bigEndian ? first << 8 | second : second << 8 | first)
            index += 2
        }
        return String(decoding: units, as: UTF16.self)
    }

    /// UTF-16 without a mark: in mostly Western text the zero bytes are nearly all on one side.
    private static func looksLikeUTF16(_ bytes: [UInt8]) -> Bool? {
        guard bytes.count >= 4, bytes.count.isMultiple(of: 2) else { return nil }
        var zeros = [0, 0]
        let sample = bytes.prefix(4_096)
        for (index, byte) in sample.enumerated() where byte == 0 { zeros[index % 2] += 1 }
        let half = sample.count / 2
        if zeros[0] > half * 7 / 10, zeros[1] == 0 { return true }
        if zeros[1] > half * 7 / 10, zeros[0] == 0 { return false }
        return nil
    }

    private static let windowsSpecials: [UInt16] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD,
        0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0xFFFD, 0x017E, 0x0178,
    ]

    /// Latin-1 as it is really used: with Windows' printable characters in 0x80–0x9F.
    private static func windows1252(_ bytes: [UInt8]) -> String {
        let units = bytes.map { $0 >= 0x80 && $0 < 0xA0 ? windowsSpecials[Int($0) - 0x80] : UInt16($0) }
        return String(decoding: units, as: UTF16.self)
    }

    /// Refuses binary data and drops the few control characters that logs do have.
    private static func checked(_ text: String) -> String? {
        var text = text
        var controls = 0
        let total = text.utf8.count
        text.withUTF8 { buffer in
            for byte in buffer where byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D && byte != 0x0C {
                // Terminal colours are common in logs.
                if byte != 0x1B { controls += 1 }
            }
        }
        guard controls * 100 <= total else { return nil }
        if controls == 0, !text.utf8.contains(0x1B) { return text }
        return String(decoding: text.utf8.filter { $0 >= 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }, as: UTF8.self)
    }

    /// The first `limit` bytes, cut between characters.
    static func truncate(_ text: String, to limit: Int) -> ExtractedText {
        guard text.utf8.count > limit else { return .text(text, truncated: false) }
        var end = text.utf8.index(text.startIndex, offsetBy: max(0, limit))
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return .text(String(text[..<end]), truncated: true)
    }
}
