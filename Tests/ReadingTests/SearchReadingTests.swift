import FastJSON
import IssueModel
import Journal
import Reading
import SearchIndex
import Store
import Testing

@Suite("Searching as somebody")
struct SearchReadingTests {
    private static let now = Timestamp(milliseconds: TestSite.verified.rawValue + 60_000)

    private static func search(_ query: String, as who: String?, _ site: TestSite) async throws -> JSONValue {
        let reading = SearchReading(store: site.store, searcher: Searcher(site.store.database))
        return try JSONValue(parsing: try await reading.search(query, as: who, now: now).json)
    }

    @Test("writes the search document") func document() async throws {
        let site = try await TestSite()
        let json = try await Self.search("refund", as: "bob", site)
        #expect(json["total"] == 1)
        #expect(json["tookMs"]?.integer != nil)
        #expect(json["asOf"]?.isNull == true)
        #expect(json["freshness"]?["state"] == "partial" && json["freshness"]?["lagSeconds"] == 0)
        let hasDetails = json["freshness"]?["sources"] != nil || json["freshness"]?["pendingEvents"] != nil
        #expect(!hasDetails, "a reader does not learn what waits")
        let hit = try #require(json["hits"]?[0])
        #expect(hit["id"] == "1001")
        #expect(hit["key"] == "PAY-1")
        #expect(hit["source"] == "demo")
        #expect(hit["status"] == "In Progress")
        #expect(hit["statusCategory"] == "indeterminate")
        #expect(hit["type"] == "Bug")
        #expect(hit["project"] == "PAY")
        #expect(hit["updated"] == "2026-09-24T10:00:00.000Z")
        #expect(hit["url"] == "https://demo.example.com/browse/PAY-1")
        #expect(hit["score"]?.double != nil)
        #expect(hit["passage"]?["kind"] == "summary")
        #expect(hit["passage"]?["highlights"]?.array?.isEmpty == false)
        #expect(json["facets"]?["project"]?[0]?["count"] == 1)
    }

    @Test("counts and shows only what the reader may see") func audiences() async throws {
        let site = try await TestSite()
        #expect(try await Self.search("project = PAY OR secret", as: "zed", site)["total"] == 0)
        #expect(try await Self.search("secret", as: "bob", site)["total"] == 0)
        #expect(try await Self.search("secret", as: "ada", site)["hits"]?[0]?["key"] == "PAY-2")
        #expect(try await Self.search("everybody", as: "anonymous", site)["total"] == 1)
        #expect(try await Self.search("everybody", as: "gone", site)["total"] == 0)
    }

    @Test("says how far behind Jira the answer is") func freshness() async throws {
        let site = try await TestSite()
        try await site.store.write { context in
            let run = try SyncRuns.begin(kind: "full", at: TestSite.verified, source: 1, in: context)
            try SyncRuns.update(run, outcome: .done, summary: "{}", ended: TestSite.verified, in: context)
            _ = try SyncRuns.begin(kind: "update", at: Self.now, source: 1, in: context)
        }
        let json = try await Self.search("refund", as: nil, site)
        #expect(json["asOf"]?.string == TestSite.verified.rfc3339)
        #expect(json["freshness"]?["state"] == "polling" && json["freshness"]?["lagSeconds"] == 60)
        #expect(json["freshness"]?["sources"]?[0]?["pendingEvents"] == 0)
    }
}
