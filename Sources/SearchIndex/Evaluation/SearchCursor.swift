/// Where a page ended: the last hit and what it was ordered by.
///
/// On the same state of the index the next page begins exactly behind it. On a later state it begins behind the place that
/// hit has by then, or would have, so that paging goes on while the index changes.
struct SearchCursor: Hashable {
    /// A digest of the query and its order, so that a cursor is not used with another query.
    var query: UInt64
    var issue: UInt32
    /// The bits of the score or of the sorted field.
    var value: Int64

    init(query: UInt64, issue: UInt32, value: Int64) {
        self.query = query
        self.issue = issue
        self.value = value
    }

    /// - Throws: `SearchError` with code `bad_cursor` for anything but a cursor of this query.
    init(_ text: String, query: UInt64) throws(SearchError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "1", let digest = UInt64(parts[1], radix: 36),
            let issue = UInt32(parts[2], radix: 36), let bits = UInt64(parts[3], radix: 36)
        else {
            throw SearchError(.badCursor, "The cursor cannot be read", advice: "Use the cursor of an answer unchanged")
        }
        guard digest == query else {
            throw SearchError(
                .badCursor, "The cursor belongs to another query", advice: "Ask for the first page, without a cursor")
        }
        self.init(query: query, issue: issue, value: Int64(bitPattern: bits))
    }

    var text: String {
        let bits = UInt64(bitPattern: value)
        return "1-\(String(query, radix: 36))-\(String(issue, radix: 36))-\(String(bits, radix: 36))"
    }

    /// FNV-1a over what makes two queries the same one.
    static func digest(_ request: SearchRequest) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let identity = "\(request.language.rawValue)\u{0}\(request.source ?? -1)\u{0}\(request.query)"
        for byte in identity.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
