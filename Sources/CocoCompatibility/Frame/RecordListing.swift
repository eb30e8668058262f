internal import FastJSON
internal import WebFrame
internal import WebServer

/// A page of a short list of records, narrowed by words.
struct RecordListing {
    private let words: [String]
    private let from: Int
    private let size: Int

    /// Reads `query`, `from` and `size` of the request; a body may name `from` and `size` too.
    init(_ call: Call) throws(Problem) {
        let body = try call.json()
        words = (call.request.query["query"] ?? "").lowercased().split { $0 == " " || $0 == "*" }.map(String.init)
        let range = 0...10_000
        from = try call.number("from", body["from"]?.integer.flatMap { range.contains($0) ? $0 : nil } ?? 0, in: range)
        size = try call.number("size", body["size"]?.integer.flatMap { range.contains($0) ? $0 : nil } ?? 10, in: range)
    }

    func reply(_ records: [(id: String, record: JSONValue)], index: String) -> WebResponse {
        let matching = records.filter { record in
            let text = ([record.id] + ["name", "description"].compactMap { record.record[$0]?.string })
                .joined(separator: " ").lowercased()
            return words.allSatisfy { text.contains($0) }
        }
        let page = matching.dropFirst(from).prefix(size).map { Hit(id: $0.id, index: index, record: $0.record) }
        return Reply.hits(Array(page), total: matching.count)
    }
}
