import SimulatedSite
import JiraSimulator
import HTTPMessages
@testable import CocoCompatibility
import Database
import FastJSON
import Store
import Testing

@Suite("Filters of Coco") struct QueryTests {
    static let grammar: [(filters: [String], everyOne: Bool, clause: Clause)] = [
        (["tags:a"], false, .all([.term(field: "tags", value: "a")])),
        (
            ["tags=a", "tags:\"b c\""], false,
            .all([.any([.term(field: "tags", value: "a"), .term(field: "tags", value: "b c")])])
        ),
        (["tags:a", "tags:b"], true, .all([.term(field: "tags", value: "a"), .term(field: "tags", value: "b")])),
        (
            ["tags:any(a, b)"], false,
            .all([.any([.term(field: "tags", value: "a"), .term(field: "tags", value: "b")])])
        ),
        (["-tags:a"], false, .all([.not(.term(field: "tags", value: "a"))])),
        (["!exists(tags)"], false, .all([.not(.exists(field: "tags"))])),
        (
            ["updated>=2024-01-01", "updated<2025"], false,
            .all([
                .compare(field: "updated", .atLeast, value: "2024-01-01"),
                .compare(field: "updated", .less, value: "2025"),
            ])
        ),
        (["some words"], false, .all([.text("some words")])),
        ([":"], false, .all([.text(":")])),
        (["", "-"], false, .all([.not(.text(""))])),
    ]

    @Test("no answer to a search is kept: what it holds may be hidden from its reader tomorrow") func nothingKept()
        async throws
    {
        let scene = try await CocoScene(issues: 20)
        _ = try await scene.connect(try await scene.ownerToken())
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        for path in ["/document/_search", "/query/_search?query=*", "/datasource/_search", "/connector/_search"] {
            for _ in 1...2 {
                let answer = await scene.ask(.post, path, "{}", token: reader, headers: ["Idempotency-Key": "again"])
                #expect(answer.status == 200 && answer.headers["Idempotency-Replayed"] == nil, "\(answer)")
            }
        }
        let kept = try await scene.store.read { try $0.first("SELECT count(*) FROM kept_answer") { $0.int(0) } }
        #expect(kept == 0)
    }

    @Test("are read as Coco reads them", arguments: grammar.indices) func filters(_ place: Int) throws {
        let one = Self.grammar[place]
        #expect(try FilterGrammar.clause(of: one.filters, everyOne: one.everyOne) == one.clause)
    }

    static let written: [(clause: Clause, text: String)] = [
        (.term(field: "tags", value: "a \"b\""), #"label:"a \"b\"""#),
        (
            .any([.term(field: "tags", value: "a"), .term(field: "owner.username", value: "Ada")]),
            #"(label:"a" OR reporter:"Ada")"#
        ),
        (.not(.term(field: "category", value: "/Payments/")), #"-(project:"Payments")"#),
        (
            .all([.exists(field: "tags"), .term(field: "type", value: "jira_issue")]),
            "(has:label created:>=1970-01-01)"
        ),
        (.term(field: "lang", value: "en"), "created:<1970-01-02"),
        (.any([]), "created:<1970-01-02"), (.all([]), "created:>=1970-01-01"),
        (
            .compare(field: "updated", .more, value: "2024-05-17T10:00:00+02:00"),
            #"updated:>"2024-05-17T08:00:00.000Z""#
        ),
        (.compare(field: "size", .more, value: "3"), "created:<1970-01-02"),
        (.term(field: "source.id", value: "unknown"), "created:<1970-01-02"),
        (.words("disk \"full\" -now"), #"("disk" "\"full\"" "-now")"#),
        (.term(field: "metadata.status.keyword", value: "Do*"), "status:Do*"),
    ]

    @Test("are written in Drawbridge's language", arguments: written.indices) func writing(_ place: Int) throws {
        var writer = QueryWriter(dataSources: []) { _ in .nothing }
        try writer.write(Self.written[place].clause)
        #expect(writer.text == Self.written[place].text)
    }

    static let bodies: [(json: String, clause: Clause?)] = [
        (#"{"match_all":{}}"#, .everything),
        (#"{"term":{"tags":{"value":"a"}}}"#, .term(field: "tags", value: "a")),
        (#"{"terms":{"tags":["a",1]}}"#, .any([.term(field: "tags", value: "a"), .term(field: "tags", value: "1")])),
        (
            #"{"range":{"updated":{"gte":"now-7d","lt":5}}}"#,
            .all([.compare(field: "updated", .atLeast, value: "now-7d"), .compare(field: "updated", .less, value: "5")])
        ),
        (
            #"{"bool":{"must":[{"match":{"title":"x"}}],"must_not":{"exists":{"field":"tags"}},"should":[{"match_all":{}}]}}"#,
            .all([.term(field: "title", value: "x"), .not(.exists(field: "tags"))])
        ),
        (#"{"bool":{"should":[{"ids":{"values":["a"]}}]}}"#, .all([.any([.any([.term(field: "id", value: "a")])])])),
        (#"{"script":{}}"#, nil), (#"{"term":{}}"#, nil), ("[]", nil), (#"{"bool":{"must":[3]}}"#, nil),
        (#"{"range":{"updated":{"gte":{}}}}"#, nil),
    ]

    @Test("of a body are the part of Elasticsearch's that means something here", arguments: bodies.indices)
    func body(_ place: Int) throws {
        let one = Self.bodies[place]
        let json = try JSONValue(parsing: one.json)
        #expect((try? QueryBody.clause(of: json)) == one.clause)
    }

    @Test(
        "spans of time are Go's",
        arguments: [
            ("30s", 30), ("5m", 300), ("1h30m", 5_400), ("1.5s", 2), ("100ms", 1), ("soon", nil), ("", nil),
            ("5", nil), ("-5m", nil), ("0s", nil), ("99999999h", nil),
        ] as [(String, Int?)])
    func durations(_ text: String, _ seconds: Int?) { #expect(GoDuration.seconds(text) == seconds) }

    @Test("names of members are chosen as _source does") func fields() throws {
        let document = try JSONValue(parsing: #"{"id":"1","metadata":{"a":1,"b":{"c":2}},"content":"x"}"#)
        func chosen(_ includes: String?, _ excludes: String?) -> String {
            let fields = SourceFields(includes: includes, excludes: excludes)
            return String(decoding: fields.applied(to: document).serialized(), as: UTF8.self)
        }
        #expect(chosen("id,metadata.b", nil) == #"{"id":"1","metadata":{"b":{"c":2}}}"#)
        #expect(chosen(nil, "content,metadata.*") == #"{"id":"1","metadata":{}}"#)
        #expect(chosen("meta*", "metadata.a") == #"{"metadata":{"b":{"c":2}}}"#)
    }
}

@Suite("Searching documents") struct SearchTests {
    @Test("filters, orders, pages, suggestions and highlights stay inside what the reader sees")
    func searching() async throws {
        let scene = try await CocoScene(issues: 80)
        let token = try await scene.ownerToken()
        let id = try await scene.connect(token)
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        func list(_ query: String, _ body: String = "") async -> CocoScene.Answer {
            await scene.ask(body.isEmpty ? .get : .post, "/document/_search?size=500&" + query, body, token: reader)
        }
        let everything = await list("")
        let all = Set(everything.keys)
        #expect(all == scene.truth(scene.tour.administrator) && everything.json["hits"]?["hits"] != nil)
        let labels = Set(everything.hits.flatMap { $0["_source"]?["tags"]?.array?.compactMap(\.string) ?? [] })
        let label = try #require(labels.first { !$0.contains(" ") })
        let tagged = await list("filter=tags:\(label)")
        let untagged = await list("filter=-tags:\(label)")
        let withLabel = everything.hits.filter { $0["_source"]?["tags"]?.array?.contains(.string(label)) == true }
        #expect(tagged.total == withLabel.count && Set(tagged.keys).union(untagged.keys) == all)
        #expect(Set(tagged.keys).isDisjoint(with: untagged.keys))
        #expect(await list("filter=tags:nobody-has-this").total == 0)
        #expect(await list("filter=tags:any(nobody-has-this,\(label))").total == tagged.total)
        #expect(await list("filter=-tags:nobody-has-this").total == all.count)
        #expect(await list("filter=lang:en").total == 0)
        #expect(await list("filter=source.id:\(id)").total == all.count)
        #expect(await list("filter=source.id:other").total == 0)
        #expect(await list("datasource=other").total == 0)
        #expect(await list("filter=updated>=2001-01-01&filter=updated<2002-01-01").total == 0)
        #expect(await list("filter=created>garbage").status == 400)
        #expect(await list("sort=title:asc").status == 400)
        let one = try #require(everything.ids.first)
        #expect(await list("filter=id:any(\(one),00000000000000000000000000000000)").ids == [one])
        let name = everything.hits.first?["_source"]?["categories"]?[0]?.string ?? ""
        let path = "%5B%22\(name.replacing(" ", with: "%20"))%22%5D"
        #expect(await list("path=\(path)&view=list").total == all.count)
        let sorted = await list("sort=updated:desc")
        let times = sorted.hits.compactMap { $0["_source"]?["updated"]?.string }
        #expect(times == times.sorted(by: >) && times.count == all.count)
        var paged: [String] = []
        for from in stride(from: 0, to: all.count, by: 7) {
            paged += await scene.ask(
                .get, "/document/_search?sort=updated:desc&from=\(from)&size=7", token: reader
            ).ids
        }
        #expect(paged == sorted.ids)
        let body =
            #"{"query":{"bool":{"filter":[{"term":{"tags":"\#(label)"}}]}},"sort":[{"created":"asc"}],"_source":["id"]}"#
        let posted = await list("", body)
        #expect(Set(posted.ids) == Set(tagged.ids))
        #expect(posted.hits.allSatisfy { $0["_source"]?["title"] == nil && $0["_source"]?["id"] != nil })
        #expect(everything.hits.allSatisfy { $0["_source"]?["payload"] == nil })
    }

    @Test("what is typed may be anything") func typing() async throws {
        let scene = try await CocoScene(issues: 40)
        let token = try await scene.ownerToken()
        _ = try await scene.connect(token)
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        for typed in [
            "wibble:x", "a%20OR%20b", "(((", "%22open", "status:Nowhere", "%00%01", "-", "sort:wild", "jql:%20x%20=",
        ] {
            let answer = await scene.ask(.get, "/query/_search?query=\(typed)", token: reader)
            #expect(answer.status == 200, "\(typed): \(answer)")
        }
        let word = scene.tour.word
        let found = await scene.ask(.get, "/query/_search?query=\(word)", token: reader)
        #expect(
            found.hits.contains { hit in
                let highlight = hit["highlight"]?["title"] ?? hit["highlight"]?["content"]
                return highlight?[0]?.string?.lowercased().contains("<em>\(word)") == true
            })
        let suggested = await scene.ask(.get, "/query/_suggest?query=\(word.prefix(5))", token: reader)
        let suggestions = suggested.json["suggestions"]?.array ?? []
        #expect(!suggestions.isEmpty && suggestions.allSatisfy { $0["source"]?["type"] == "connector" }, "\(suggested)")
        let owner = await scene.ask(.get, "/query/_suggest?query=\(word.prefix(5))", token: token)
        #expect(owner.json["suggestions"] == [])
    }
}
