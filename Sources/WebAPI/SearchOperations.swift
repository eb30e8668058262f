internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import Reading
internal import SearchIndex
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer

/// Searching what the caller may see.
enum SearchOperations {
    static let all = [search, suggest]

    private static let search = Operation(
        .get, "/api/v1/search", id: "search.issues",
        summary: "Issues that match, the best first, with totals and facets of what you may see",
        details: """
            Words, "phrases", prefix*, -not, OR, and filters such as project:PAY is:open assignee:me updated:>-7d. Go on with the cursor of the \
            answer before, as long as there is one.
            """,
        rule: .member(.read),
        parameters: [
            .query("query", .text(0...2_000), "what to look for; empty finds everything, newest first"),
            Schemas.onlySource, .query("limit", .integer(1...Searcher.pageLimit), "hits on a page; 20 without it"),
            .query("cursor", .text(1...4_096), "where the answer before ended"),
            .query("jql", .boolean, "whether the query is JQL"),
        ],
        answers: [200: .json("A page of hits", answer)], problems: [404]
    ) { call in
        let text = (call.flag("jql") ? "jql: " : "") + (call.text("query") ?? "")
        let reading = SearchReading(store: call.services.store, searcher: call.services.searcher)
        let found = try await reading.search(
            text, for: try call.reader(), source: call.text("source"), limit: call.integer("limit") ?? 20,
            cursor: call.text("cursor"), now: call.services.now)
        return .json(found.json)
    }

    private static let suggest = Operation(
        .get, "/api/v1/suggest", id: "search.suggest", summary: "A few issues for what has been typed so far",
        details: "The last word counts as the beginning of one.", rule: .member(.read),
        parameters: [
            .query("query", .text(1...200), "what has been typed", isRequired: true), Schemas.onlySource,
            .query("limit", .integer(1...20), "how many; 8 without it"),
        ],
        answers: [
            200: .json(
                "Issues",
                Schemas.list(
                    "suggestions",
                    of: .object([
                        .required("key", .text()), .required("summary", .text(0...65_536)),
                        .required("source", .text()), .required("type", .text()), .required("status", .text()),
                    ])))
        ], problems: [404]
    ) { call in
        // Letters and digits alone: what is being typed is not yet a query, and must not be refused as a wrong one.
        let words = (call.text("query") ?? "").split { !$0.isLetter && !$0.isNumber && $0 != "-" }
            .map { $0.drop { $0 == "-" } }.filter { !$0.isEmpty }
        guard !words.isEmpty else {
            return .json { json in
                json.key("suggestions"); json.array { _ in }
            }
        }
        let reading = SearchReading(store: call.services.store, searcher: call.services.searcher)
        let last = words.last.map { $0.last?.isLetter == true || $0.last?.isNumber == true ? "\($0)*" : "\($0)" } ?? ""
        let found = try await reading.search(
            (words.dropLast().map(String.init) + [last]).joined(separator: " "), for: try call.reader(),
            source: call.text("source"), limit: call.integer("limit") ?? 8, now: call.services.now)
        return .json { json in
            json.key("suggestions")
            json.array { json in
                for hit in found.results.hits {
                    json.object { json in
                        json.member("key", hit.key)
                        json.member("summary", hit.summary)
                        json.member("source", hit.source)
                        json.member("type", hit.type)
                        json.member("status", hit.status)
                    }
                }
            }
        }
    }

    private static let hit = Schema.object([
        .required("id", .text()), .required("key", .text()), .required("source", .text()),
        .required("summary", .text(0...65_536)), .required("status", .text()), .required("statusCategory", .text()),
        .required("type", .text()), .required("project", .text()), .optional("assignee", .text()),
        .required("updated", .time), .required("url", .text()), .required("score", .number),
        .required(
            "passage",
            .object([
                .required("kind", .text()), .optional("id", .text()), .required("snippet", .text(0...65_536)),
                .required("highlights", .list(of: .list(of: .integer(), 2...2))),
            ])),
    ]).named("Hit")

    private static let answer = Schema.object([
        .required("total", .integer()), .required("tookMs", .integer()), .required("asOf", .time.orNull),
        .required("freshness", Schemas.freshness), .required("matching", .text()), .required("hits", .list(of: hit)),
        .required(
            "facets",
            .map(of: .list(of: .object([.required("value", .text(0...65_536)), .required("count", .integer())])))),
        .optional("correction", .object([.required("query", .text(0...65_536))])),
        .optional("cursor", .text().saying("there is a next page")),
    ]).named("SearchAnswer")
}
