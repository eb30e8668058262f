internal import Cryptography
internal import IssueModel

/// The ids that Coco gives to what it makes of Jira: MD5 over the data source, the issue's key and the attachment.
struct DocumentID: Hashable, Sendable {
    /// The digest's sixteen bytes as two numbers.
    private let high: UInt64
    private let low: UInt64

    init(issue key: String, of dataSource: String) throws(CryptographyError) {
        try self.init(digestOf: "\(dataSource)-issue-\(key)")
    }

    init(attachment: EntityID, of key: String, in dataSource: String) throws(CryptographyError) {
        try self.init(digestOf: "\(dataSource)-attachment-\(key)-\(attachment.rawValue)")
    }

    private init(digestOf text: String) throws(CryptographyError) {
        let digest = try Digest.md5(Array(text.utf8))
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        (high, low) = (number(digest.prefix(8)), number(digest.dropFirst(8)))
    }

    /// Reads 32 hexadecimal digits; `nil` for anything else.
    init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "f") ~= $0 }),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.dropFirst(16), radix: 16)
        else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// 32 hexadecimal digits.
    var text: String { [high, low].map { Self.padded(String($0, radix: 16)) }.joined() }

    private static func padded(_ digits: String) -> String {
        String(repeating: "0", count: 16 - digits.count) + digits
    }
}
