/// Blanks as CommonMark counts them beside delimiters: ASCII and Unicode white space.
package enum Blanks {
    package static func leading(_ bytes: [UInt8]) -> Int {
        var index = 0
        while index < bytes.count {
            let width = blankWidth(bytes, at: index)
            if width == 0 { break }
            index += width
        }
        return index
    }

    package static func trailing(_ bytes: [UInt8]) -> Int {
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
    package static func blankWidth(_ bytes: [UInt8], at index: Int) -> Int {
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
