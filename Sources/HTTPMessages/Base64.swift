/// Base64 of RFC 4648 §4.
public enum Base64 {
    public static func encode(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let input = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity((input.count + 2) / 3 * 4)
        for start in stride(from: 0, to: input.count, by: 3) {
            let chunk = input[start..<min(start + 3, input.count)]
            var word: UInt32 = 0
            for byte in chunk { word = word << 8 | UInt32(byte) }
            word <<= 8 * UInt32(3 - chunk.count)
            for position in 0..<4 {
                let isPadding = position > chunk.count
                output.append(isPadding ? UInt8(ascii: "=") : alphabet[Int(word >> (18 - 6 * UInt32(position)) & 63)])
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
