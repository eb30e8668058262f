/// Several files in one, in the form that every `tar` reads (POSIX.1-1988 "ustar"; sizes from 8 GiB on as GNU tar writes them).
enum Archive {
    static let blockSize = 512
    /// Bytes copied at a time.
    static let pieceSize = 1 << 20

    /// One file of the archive.
    struct Entry: Hashable {
        var name: String
        var size: Int64
    }

    /// The block that stands before a file.
    ///
    /// - Parameter time: Seconds since 1970.
    static func header(_ entry: Entry, time: Int64) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        func put(_ text: String, at position: Int) {
            for (offset, byte) in text.utf8.enumerated() { block[position + offset] = byte }
        }
        func octal(_ number: Int64, _ digits: Int) -> String {
            let text = String(max(0, number), radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(String(entry.name.prefix(99)), at: 0)
        put(octal(0o600, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        if entry.size < 1 << 33 {
            put(octal(entry.size, 11), at: 124)
        } else {
            block[124] = 0x80
            for place in 0..<8 { block[135 - place] = UInt8(truncatingIfNeeded: entry.size >> Int64(8 * place)) }
        }
        put(octal(min(max(0, time), (1 << 33) - 1), 11), at: 136)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(Int64(checksum(block)), 6), at: 148)
        block[154] = 0
        block[155] = UInt8(ascii: " ")
        return block
    }

    /// What a block says of the file behind it; `nil` for the zeros at the end.
    ///
    /// - Throws: `notABackup` for anything but a regular file with a plain name and a right checksum.
    static func entry(_ block: [UInt8]) throws(BackupError) -> Entry? {
        guard block.count == blockSize else { throw BackupError(.damaged, "The backup ends too early") }
        if block.allSatisfy({ $0 == 0 }) { return nil }
        let name = String(decoding: block[0..<100].prefix { $0 != 0 }, as: UTF8.self)
        guard block[257..<262].elementsEqual("ustar".utf8), let sum = octal(block[148..<156]),
            sum == Int64(checksum(block)), block[156] == UInt8(ascii: "0") || block[156] == 0
        else { throw BackupError(.notABackup, "This is not a backup of Drawbridge's") }
        let size: Int64?
        if block[124] & 0x80 != 0 {
            let number = block[125..<136].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            size = block[125..<128].allSatisfy { $0 == 0 } ? Int64(exactly: number) : nil
        } else {
            size = octal(block[124..<136])
        }
        guard let size else { throw BackupError(.damaged, "The backup's table of contents is damaged") }
        return Entry(name: name, size: size)
    }

    /// Zeros from the end of a file of this size to the next block.
    static func padding(_ size: Int64) -> Int { Int((512 - size % 512) % 512) }

    /// The sum of a header's bytes, its own place counted as spaces.
    private static func checksum(_ block: [UInt8]) -> Int {
        block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    }

    private static func octal(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let digits = bytes.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        return Int64(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
    }
}
