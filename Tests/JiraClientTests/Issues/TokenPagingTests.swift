import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

@Suite("Listing on Cloud") struct TokenPagingTests {
    private func ids(_ client: JiraClient, _ query: IssueQuery = IssueQuery()) async throws -> [Int64] {
        var ids: [Int64] = []
        var cursor: IssueCursor?
        repeat {
            if let walked = cursor {
                cursor = IssueCursor(walked.description)
                #expect(cursor == walked)
            }
            let page = try await client.issueIDs(query, after: cursor)
            ids += page.ids.map(\.rawValue)
            cursor = page.next
        } while cursor != nil
        return ids
    }

    private func page(_ ids: [Int], token: String?, isLast: Bool? = nil) -> HTTPResponse {
        var page: [JSONValue.Member] = [.init("issues", .array(ids.map { ["id": .string(String($0))] }))]
        if let token { page.append(.init("nextPageToken", .string(token))) }
        if let isLast { page.append(.init("isLast", .bool(isLast))) }
        return .json(.object(page))
    }

    @Test("follows tokens to the end, whatever the pages' length") func tokens() async throws {
        let transport = CannedTransport { request, number in
            #expect(request.json["nextPageToken"]?.string == [nil, "a", "b", "c"][number])
            return [
                page([1, 2, 3], token: "a", isLast: false), page([4], token: "b"), page([], token: "c"),
                page([5, 6], token: nil, isLast: true),
            ][number]
        }
        #expect(try await ids(.test(.cloud, transport)) == [1, 2, 3, 4, 5, 6])
        #expect(transport.requests[0].json["maxResults"] == 5_000)
        #expect(transport.requests[0].json["fields"] == ["id"], "only bare ids come in the largest pages")
    }

    @Test("believes isLast over a token") func last() async throws {
        let transport = CannedTransport { _, _ in page([1], token: "more", isLast: true) }
        #expect(try await ids(.test(.cloud, transport)) == [1])
    }

    @Test(
        "stops with an error when a token comes back",
        arguments: [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
    func repeated(_ tokens: [String]) async throws {
        let transport = CannedTransport { _, number in page([number], token: tokens[min(number, tokens.count - 1)]) }
        await expectError(.pagingLoop) { try await ids(.test(.cloud, transport)) }
        #expect(transport.requests.count == tokens.count)
    }

    @Test("stops with an error when empty pages go on and on") func emptyPages() async throws {
        let transport = CannedTransport { _, number in page(number == 0 ? [1] : [], token: "t\(number)") }
        await expectError(.pagingLoop) { try await ids(.test(.cloud, transport)) }
    }

    @Test("bounds an empty query, keeps the restriction and drops its order") func queries() async throws {
        let transport = CannedTransport { _, _ in page([1], token: nil) }
        let client = JiraClient.test(.cloud, transport)
        let noon = try #require(Timestamp("2026-07-01T12:00:59Z"))
        _ = try await ids(client)
        _ = try await ids(client, IssueQuery(jql: #"a = "order by x" OR b = 2 ORDER BY rank"#, order: .newestFirst))
        _ = try await ids(client, .updated(since: noon, jql: "a = 1 or b = 2"))
        _ = try await ids(client, .updated(since: noon))
        #expect(
            transport.requests.map { $0.json["jql"]?.string } == [
                #"created >= "1970-01-01" ORDER BY created ASC, key ASC"#,
                #"a = "order by x" OR b = 2 ORDER BY created DESC, key DESC"#,
                #"(a = 1 or b = 2) AND updated >= "2026-07-01 14:00" ORDER BY updated ASC, key ASC"#,
                #"updated >= "2026-07-01 14:00" ORDER BY updated ASC, key ASC"#,
            ])
    }

    @Test("a cursor of the other kind of site is refused") func foreignCursor() async throws {
        let cursor = try #require(IssueCursor(#"{"ascending":true,"minute":0}"#))
        await expectError(.unsupported) {
            try await JiraClient.test(.cloud, CannedTransport { _, _ in page([], token: nil) })
                .issueIDs(IssueQuery(), after: cursor)
        }
        #expect(IssueCursor("nonsense") == nil && IssueCursor("{}") == nil)
    }

    @Test("histories follow tokens too, and are put in order of time") func changelogs() async throws {
        let entry = { @Sendable (id: String, at: Int64) in
            #"{"id":"\#(id)","created":\#(at),"items":[{"field":"status"}]}"#
        }
        let transport = CannedTransport { _, number in
            number == 0
                ? .json(
                    #"{"issueChangeLogs":[{"issueId":"1","changeHistories":[\#(entry("9", 1_750_000_000_002))]}],"nextPageToken":"n"}"#
                )
                : .json(
                    #"{"issueChangeLogs":[{"issueId":"1","changeHistories":[\#(entry("10", 1_750_000_000_002)),\#(entry("8", 1_750_000_000_001))]}]}"#
                )
        }
        let changelogs = try await JiraClient.test(.cloud, transport).changelogs(of: [IssueID(1), IssueID(2)])
        #expect(changelogs[IssueID(1)]?.changes.map(\.id) == ["8", "9", "10"])
        #expect(changelogs[IssueID(2)]?.changes == [])
        #expect(changelogs[IssueID(2)]?.raw == Array("[]".utf8))
        let raw = RawIssue(issue: Array(CannedJira.issue.utf8), changelog: changelogs[IssueID(1)]?.raw)
        #expect(try IssueDecoder.test().decode(raw).changes == changelogs[IssueID(1)]?.changes)
    }
}
