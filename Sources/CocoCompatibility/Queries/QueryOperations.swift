internal import FastJSON
internal import HTTPMessages
internal import Reading
internal import SearchIndex
internal import SignIn
internal import WebFrame
internal import WebServer

/// `/query/`: search and suggestions.
enum QueryOperations {
    static let all: [Operation] = [
        .coco(.get, "/query/_search", "query.search", "Search documents", .member(.read), handle: search),
        .coco(.post, "/query/_search", "query.find", "Search documents", .member(.read), handle: search),
        .coco(.options, "/query/_search", "query.options", "What may be asked here", .anyone) { _ in Reply.empty() },
        .coco(.get, "/query/_suggest", "query.suggest", "Titles that begin so", .member(.read), handle: suggest),
        .coco(
            .get, "/query/_suggest/{tag}", "query.suggest_tagged", "Titles that begin so", .member(.read),
            handle: suggest),
    ]

    private static func search(_ call: Call) async throws -> WebResponse {
        try await DocumentSearch(call, listsWithoutQuery: false).answer()
    }

    /// Titles of what is found, best first; the last word may be unfinished.
    private static func suggest(_ call: Call) async throws -> WebResponse {
        let typed = call.request.query["query"] ?? ""
        var search = try DocumentSearch(call, listsWithoutQuery: false)
        search.completesLastWord()
        let page = try await search.page()
        let best = page.hits.map(\.score).max() ?? 1
        var titles: Set<String> = []
        return Reply.json { json in
            json.member("query", typed)
            json.key("suggestions")
            json.array { json in
                for hit in page.hits {
                    guard let title = hit.record["title"]?.string, titles.insert(title).inserted else { continue }
                    json.object { json in
                        json.member("suggestion", title)
                        json.key("score")
                        json.double(best > 0 ? hit.score / best : 1)
                        json.member("icon", "default")
                        json.key("source")
                        json.value(hit.record["source"] ?? .null)
                        json.key("payload")
                        json.value(["id": .string(hit.id), "url": hit.record["url"] ?? .null])
                    }
                }
            }
        }
    }
}

extension DocumentSearch {
    /// Reads the last word as the beginning of one, where it is long enough to be.
    mutating func completesLastWord() { query.completeLastWord() }
}

extension DocumentQuery {
    fileprivate mutating func completeLastWord() {
        guard let last = words.split(separator: " ").last, last.count >= 2, let end = words.last,
            end.isLetter || end.isNumber, !last.contains(":")
        else { return }
        words += "*"
    }
}
