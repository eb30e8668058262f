import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Synchronization
import Testing

/// Data Center's issues, listed by the time they were created, while they change.
@Suite("Listing on Data Center") struct KeysetTests {
    /// A table of issues that answers `POST /search` as Data Center does.
    final class Table: Sendable {
        struct Row: Sendable {
            var id: Int64
            var created: Int64
        }

        let rows: Mutex<[Row]>
        let cap: Int
        /// Called before each answer with the number of answers so far.
        let change: @Sendable (inout [Row], Int) -> Void

        init(_ rows: [Row], cap: Int, change: @escaping @Sendable (inout [Row], Int) -> Void = { _, _ in }) {
            self.rows = Mutex(rows)
            self.cap = cap
            self.change = change
        }

        func answer(_ request: HTTPRequest, _ number: Int) throws(HTTPTransportError) -> HTTPResponse {
            let query = request.json
            let jql = query["jql"]?.string ?? ""
            let start = query["startAt"]?.integer ?? 0
            let isAscending = jql.contains("created ASC")
            let bounds = Self.bounds(jql)
            var all = rows.withLock { rows in
                change(&rows, number)
                return rows
            }.filter { bounds.contains($0.created) }
            all.sort {
                isAscending ? ($0.created, $0.id) < ($1.created, $1.id) : ($0.created, $0.id) > ($1.created, $1.id)
            }
            let page = all.dropFirst(start).prefix(min(cap, query["maxResults"]?.integer ?? 50))
            let issues = page.map { row in
                let created = Timestamp(milliseconds: row.created).rfc3339(minutesEastOfUTC: -240)
                return #"{"id":"\#(row.id)","key":"A-\#(row.id)","fields":{"created":"\#(created)"}}"#
            }
            return .json(#"{"startAt":\#(start),"total":\#(all.count),"issues":[\#(issues.joined(separator: ","))]}"#)
        }

        /// `created >= "…"` and `created < "…"` in New York, whose summer is four hours behind.
        private static func bounds(_ jql: String) -> Range<Int64> {
            func moment(_ sign: String) -> Int64? {
                guard let found = jql.firstRange(of: "created \(sign) \"") else { return nil }
                let text = jql[found.upperBound...].prefix(16).replacing(" ", with: "T")
                return Timestamp("\(text):00-0400")?.rawValue
            }
            return (moment(">=") ?? .min)..<(moment("<") ?? .max)
        }
    }

    static let start: Int64 = 1_750_000_000_000

    func walk(_ table: Table, _ order: IssueQuery.Order, limit: Int = 500) async throws -> (ids: [Int64], requests: Int)
    {
        let transport = CannedTransport { (request, number) throws(HTTPTransportError) in
            try table.answer(request, number)
        }
        let client = JiraClient.test(.dataCenter, transport)
        var ids: [Int64] = []
        var cursor: IssueCursor?
        repeat {
            // A cursor has to survive being stored.
            if let walked = cursor {
                cursor = IssueCursor(walked.description)
                #expect(cursor == walked)
            }
            let page = try await client.issueIDs(IssueQuery(jql: "project = A", order: order), after: cursor)
            ids += page.ids.map(\.rawValue)
            cursor = page.next
        } while cursor != nil && transport.requests.count < limit
        #expect(transport.requests.count < limit, "the walk has to end")
        return (ids, transport.requests.count)
    }

    struct Spread: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spacing: Int64
        let cap: Int
    }

    static let spreads = [
        Spread(testDescription: "an hour apart", spacing: 3_600_000, cap: 10),
        Spread(testDescription: "seconds apart, many in a minute", spacing: 1_000, cap: 10),
        Spread(testDescription: "all at one moment, as after an import", spacing: 0, cap: 10),
        Spread(testDescription: "pages of two", spacing: 7_000, cap: 2),
        Spread(testDescription: "pages of one", spacing: 20_000, cap: 1),
        Spread(testDescription: "one page", spacing: 1_000, cap: 1_000),
    ]

    @Test("gives every issue once, oldest first", arguments: spreads) func oldestFirst(_ spread: Spread) async throws {
        let rows = (1...95).map { Table.Row(id: $0, created: Self.start + $0 * spread.spacing) }
        let result = try await walk(Table(rows, cap: spread.cap), .oldestFirst)
        #expect(result.ids == Array(1...95))
        #expect(result.requests <= 95 / spread.cap + 95 / max(1, spread.cap - 1) + 2)
    }

    @Test("gives every issue once, newest first", arguments: spreads) func newestFirst(_ spread: Spread) async throws {
        let rows = (1...95).map { Table.Row(id: $0, created: Self.start + $0 * spread.spacing) }
        #expect(try await walk(Table(rows, cap: spread.cap), .newestFirst).ids == (1...95).reversed())
    }

    @Test(
        "misses nothing when issues given before are deleted", arguments: [0, 1_000, 30_000] as [Int64], [false, true])
    func deletion(_ spacing: Int64, _ isAscending: Bool) async throws {
        let rows = (1...60).map { Table.Row(id: $0, created: Self.start + $0 * spacing) }
        // Each answer is preceded by the loss of an issue that the first page gave.
        let table = Table(rows, cap: 10) { rows, number in
            let gone = isAscending ? Int64(number) : 61 - Int64(number)
            if number > 0, number < 4 { rows.removeAll { $0.id == gone } }
        }
        let order: IssueQuery.Order = isAscending ? .oldestFirst : .newestFirst
        #expect(Set(try await walk(table, order).ids) == Set(1...60))
    }

    @Test("gives what is created during the walk, oldest first") func creation() async throws {
        let rows = (1...40).map { Table.Row(id: $0, created: Self.start + $0 * 1_000) }
        let table = Table(rows, cap: 10) { rows, number in
            if number < 3 {
                rows.append(Table.Row(id: 100 + Int64(number), created: Self.start + 100_000 + Int64(number)))
            }
        }
        #expect(try await walk(table, .oldestFirst).ids == Array(1...40) + [100, 101, 102])
    }

    @Test("ends at once where there is nothing, after asking who we are") func empty() async throws {
        let transport = CannedTransport { request, _ in
            Target(request.url).path.hasSuffix("/myself")
                ? .json(CannedJira.account) : .json(#"{"total":0,"issues":[]}"#)
        }
        let page = try await JiraClient.test(.dataCenter, transport).issueIDs(IssueQuery(), after: nil)
        #expect(page.ids.isEmpty && page.next == nil)
        #expect(transport.paths.last == "/jira/rest/api/2/myself")
    }

    @Test("a silent anonymous answer is not an empty site") func ignoredCredential() async throws {
        let transport = CannedTransport { request, _ in
            Target(request.url).path.hasSuffix("/myself")
                ? .json("{}", status: 401) : .json(#"{"total":0,"issues":[]}"#)
        }
        await expectError(.credentialRefused) {
            try await JiraClient.test(.dataCenter, transport).issueIDs(IssueQuery(), after: nil)
        }
    }
}
