import FastJSON
public import IssueDecoding
public import IssueModel

/// A complete list of an issue's parts, with the JSON array it was decoded from. What could not be decoded is in that only.
public struct DecodedList<Value: Hashable & Sendable>: Hashable, Sendable {
    public var values: [Value]
    public var raw: [UInt8]
    public var damaged: [DamagedPart]

    init(_ elements: [(part: PartList<Value>, raw: [UInt8])]) {
        values = elements.flatMap(\.part.values)
        damaged = elements.flatMap(\.part.damaged)
        var writer = JSONWriter()
        writer.array { list in for element in elements { list.raw(element.raw) } }
        raw = writer.bytes
    }
}

extension JiraClient {
    /// All comments of an issue that this account may see, oldest first. `GET /issue/{id}/comment`.
    public func comments(of issue: IssueID) async throws(JiraError) -> DecodedList<Comment> {
        let call = Call(.get, "/issue/{id}/comment", [issue.description], query: [("orderBy", "created")])
        return DecodedList(
            try await list(call, in: "comments", pageSize: 1_000) {
                (PartList([$0], .comment, IssueDecoder.comment), $0.serialized())
            })
    }

    /// All worklogs of an issue that this account may see. `GET /issue/{id}/worklog`.
    public func worklogs(of issue: IssueID) async throws(JiraError) -> DecodedList<Worklog> {
        let call = Call(.get, "/issue/{id}/worklog", [issue.description])
        let decode: (JSONView) throws -> (part: PartList<Worklog>, raw: [UInt8]) = {
            (PartList([$0], .worklog, IssueDecoder.worklog), $0.serialized())
        }
        switch flavour {
        case .cloud: return DecodedList(try await list(call, in: "worklogs", pageSize: 5_000, decode))
        case .dataCenter: return DecodedList(try await wholeList(call, in: "worklogs", decode))
        }
    }

    /// The complete histories of issues.
    ///
    /// Cloud: `POST /changelog/bulkfetch`, 1,000 issues a request. Data Center gives the history inside the issue and
    /// has no such call: `unsupported`.
    ///
    /// - Returns: An entry for every id asked for, empty where nothing changed.
    public func changelogs(of issues: [IssueID]) async throws(JiraError) -> [IssueID: Changelog] {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        let chunks = stride(from: 0, to: issues.count, by: 1_000).map {
            Array(issues[$0..<min($0 + 1_000, issues.count)])
        }
        let parts = try await concurrently(chunks) { (chunk) async throws(JiraError) in
            try await self.changelogChunk(chunk)
        }
        return parts.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }

    private struct ChangelogPage {
        var entries: [(issue: IssueID, change: Change, raw: [UInt8])] = []
        var token: String?
    }

    private func changelogChunk(_ issues: [IssueID]) async throws(JiraError) -> [IssueID: Changelog] {
        var entries: [IssueID: [(change: Change, raw: [UInt8])]] = [:]
        var position: TokenPosition?
        repeat {
            let call = Call(.post, "/changelog/bulkfetch", body: changelogRequest(issues, position?.token))
            let page = try await fetch(call) { try Self.changelogPage($0) }
            for entry in page.entries { entries[entry.issue, default: []].append((entry.change, entry.raw)) }
            position = try TokenPosition.following(
                position, next: page.token, isLast: nil, count: page.entries.count, call.endpoint(flavour))
        } while position != nil
        var changelogs: [IssueID: Changelog] = [:]
        for issue in issues {
            let sorted = (entries[issue] ?? []).sorted { left, right in
                (left.change.at, left.change.id.rawValue.count, left.change.id.rawValue)
                    < (right.change.at, right.change.id.rawValue.count, right.change.id.rawValue)
            }
            var writer = JSONWriter()
            writer.array { list in for entry in sorted { list.raw(entry.raw) } }
            changelogs[issue] = Changelog(changes: sorted.map(\.change), raw: writer.bytes)
        }
        return changelogs
    }

    private func changelogRequest(_ issues: [IssueID], _ token: String?) -> [UInt8] {
        var body = JSONWriter()
        body.object {
            $0.strings("issueIdsOrKeys", issues.map(\.description))
            $0.member("maxResults", 10_000)
            if let token { $0.member("nextPageToken", token) }
        }
        return body.bytes
    }

    private static func changelogPage(_ root: JSONView) throws -> ChangelogPage {
        var page = ChangelogPage(token: root["nextPageToken"]?.string)
        for log in try root.requiredArray("issueChangeLogs").elements {
            let issue = try log.required("issueId", \.issueID)
            for history in log["changeHistories"]?.elements ?? log.elements {
                page.entries.append((issue, try IssueDecoder.change(history), history.serialized()))
            }
        }
        return page
    }
}
