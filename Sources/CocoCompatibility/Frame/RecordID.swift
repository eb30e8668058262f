internal import IssueModel

/// Ids as Coco draws them: twenty small letters and digits that grow with time.
enum RecordID {
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    /// Four bytes of seconds and eight of chance, in base 32.
    static func make(at now: Timestamp) -> String {
        var bytes: [UInt8] = []
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: now.rawValue / 1_000).bigEndian) { bytes += Array($0) }
        withUnsafeBytes(of: UInt64.random(in: .min ... .max).bigEndian) { bytes += Array($0) }
        var text = ""
        var (bits, count) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.unicodeScalars.append(Unicode.Scalar(alphabet[bits >> count & 31]))
            }
            bits &= (1 << count) - 1
        }
        text.unicodeScalars.append(Unicode.Scalar(alphabet[bits << (5 - count) & 31]))
        return text
    }

    /// Whether a client's own id can be one: it stands in paths and filters.
    static func isFit(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count) && !id.hasPrefix("_")
            && id.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x2D || byte == 0x5F
            }
    }
}
