import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

@Suite("Reading issues by id") struct IssueBatchTests {
    private static func issue(_ id: Int64, _ more: String = "") -> String {
        #"{"id":"\#(id)","key":"A-\#(id)","fields":{"summary":"s","created":"2026-01-02T03:04:05.006+0000","updated":"2026-01-02T03:04:05.006+0000","status":{"id":"1","name":"Open"}\#(more)}}"#
    }

    private static func ids(_ request: HTTPRequest) -> [Int64] {
        if let ids = request.json["issueIdsOrKeys"]?.array { return ids.compactMap { $0.string.flatMap { Int64($0) } } }
        let jql = request.json["jql"]?.string ?? ""
        return jql.dropFirst("id in (".count).dropLast().split(separator: ",").compactMap { Int64($0) }
    }

    private static func page(_ issues: [String], errors: [Int64] = []) -> HTTPResponse {
        let failed = errors.map { #"{"id":"\#($0)","errorMessage":"try again"}"# }.joined(separator: ",")
        return .json(
            #"{"total":\#(issues.count),"issues":[\#(issues.joined(separator: ","))],"issueErrors":[\#(failed)]}"#)
    }

    private func read(_ count: Int64, _ flavour: Flavour, _ transport: CannedTransport) async throws -> IssueBatch {
        try await JiraClient.test(flavour, transport).issues(
            ids: (1...count).map { IssueID($0) }, decoder: .test(flavour))
    }

    @Test("asks for a hundred at a time and says which are missing", arguments: Flavour.allCases)
    func chunks(_ flavour: Flavour) async throws {
        let transport = CannedTransport { request, _ in
            Self.page(Self.ids(request).filter { $0 % 50 != 0 }.map { Self.issue($0) })
        }
        let batch = try await read(250, flavour, transport)
        #expect(batch.issues.count == 245 && batch.missing.map(\.rawValue) == [50, 100, 150, 200, 250])
        #expect(transport.requests.allSatisfy { Self.ids($0).count <= 100 })
        #expect(
            transport.requests.count == (flavour == .cloud ? 3 : 6), "Data Center is asked for the missing once more")
    }

    @Test("goes on after an instance's silent cap") func cap() async throws {
        let transport = CannedTransport { request, _ in Self.page(Self.ids(request).prefix(30).map { Self.issue($0) }) }
        let batch = try await read(100, .dataCenter, transport)
        #expect(batch.issues.count == 100 && batch.missing.isEmpty)
        #expect(transport.requests.count == 4)
    }

    @Test("sets one undecodable issue aside with its reason", arguments: Flavour.allCases)
    func quarantine(_ flavour: Flavour) async throws {
        let transport = CannedTransport { request, _ in
            Self.page(Self.ids(request).map { Self.issue($0, $0 == 3 ? #","duedate":"secret words""# : "") })
        }
        let batch = try await read(5, flavour, transport)
        #expect(batch.issues.count == 4 && batch.missing.isEmpty)
        let aside = try #require(batch.quarantined.first)
        #expect(aside.id == IssueID(3) && aside.reason == "bad_value" && aside.detail == "duedate")
        #expect(
            !aside.description.contains("secret") && String(decoding: aside.raw, as: UTF8.self).contains("secret words")
        )
    }

    @Test("finds the one issue that makes a page unreadable", arguments: [true, false])
    func bisects(_ isTooLarge: Bool) async throws {
        let transport = CannedTransport { (request, _) throws(HTTPTransportError) in
            let ids = Self.ids(request)
            guard ids.contains(77) else { return Self.page(ids.map { Self.issue($0) }) }
            if isTooLarge { throw HTTPTransportError(.bodyTooLarge) }
            return .json(#"{"issues":[{"id":"77","#)
        }
        let batch = try await read(100, .cloud, transport)
        #expect(batch.issues.count == 99)
        #expect(batch.quarantined.map(\.id) == [IssueID(77)])
        #expect(batch.quarantined.first?.reason == (isTooLarge ? "too_large" : "undecodable"))
    }

    @Test("asks again for issues that Jira could not put into the page, then sets them aside") func issueErrors()
        async throws
    {
        let transport = CannedTransport { request, number in
            let ids = Self.ids(request)
            let failing: Set<Int64> = number == 0 ? [4, 5] : [5]
            return Self.page(
                ids.filter { !failing.contains($0) }.map { Self.issue($0) }, errors: ids.filter { failing.contains($0) }
            )
        }
        let batch = try await read(6, .cloud, transport)
        #expect(batch.issues.count == 5 && batch.missing.isEmpty)
        #expect(batch.quarantined.map(\.id) == [IssueID(5)])
    }

    @Test("completes comments and worklogs beyond the page in the issue", arguments: Flavour.allCases)
    func completes(_ flavour: Flavour) async throws {
        let parts =
            #","comment":{"comments":[\#(CannedJira.comment)],"total":3},"worklog":{"worklogs":[],"total":25,"maxResults":20}"#
        let transport = CannedTransport { request, _ in
            let target = Target(request.url)
            let start = Int(target["startAt"] ?? "0") ?? 0
            if target.path.hasSuffix("/comment") {
                // The site caps the page at two, whatever was asked for.
                let count = max(0, min(2, 3 - start))
                let list = [String](repeating: CannedJira.comment, count: count).joined(separator: ",")
                return .json(#"{"comments":[\#(list)],"startAt":\#(start),"maxResults":2,"total":3}"#)
            }
            if target.path.hasSuffix("/worklog") {
                let list = [String](repeating: CannedJira.worklog, count: start == 0 ? 25 : 0).joined(separator: ",")
                return .json(#"{"worklogs":[\#(list)],"total":25}"#)
            }
            return Self.page(Self.ids(request).map { Self.issue($0, $0 == 2 ? parts : "") })
        }
        let batch = try await read(3, flavour, transport)
        let issue = try #require(batch.issues.first { $0.issue.id == IssueID(2) })
        #expect(issue.issue.comments.count == 3 && issue.issue.worklogs.count == 25)
        #expect(issue.raw.comments != nil && issue.raw.worklogs != nil)
        #expect(try IssueDecoder.test(flavour).decode(issue.raw) == issue.issue, "decoding the record gives the same")
        #expect(batch.issues.count == 3 && transport.requests.count == 4)
    }

    @Test("passes a refusal on instead of taking it for an empty answer", arguments: [401, 403, 410])
    func refused(_ status: Int) async throws {
        await #expect(throws: JiraError.self) {
            try await read(300, .cloud, CannedTransport { _, _ in .json("{}", status: status) })
        }
    }
}
