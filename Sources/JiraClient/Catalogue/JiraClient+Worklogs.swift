import FastJSON
import IssueDecoding
public import IssueModel

/// A page of a worklog feed.
public struct WorklogFeed: Hashable, Sendable {
    public var ids: [EntityID]
    /// Where to ask from next time. Jira leaves the last minute out, so nothing is lost between.
    public var until: Timestamp
    /// Whether nothing more is known now.
    public var isLast: Bool
}

extension JiraClient {
    /// Worklogs written or changed since a moment, at most a thousand. `GET /worklog/updated`.
    public func updatedWorklogs(since moment: Timestamp) async throws(JiraError) -> WorklogFeed {
        try await worklogPage("/worklog/updated", moment)
    }

    /// Worklogs deleted since a moment, at most a thousand. `GET /worklog/deleted`.
    public func deletedWorklogs(since moment: Timestamp) async throws(JiraError) -> WorklogFeed {
        try await worklogPage("/worklog/deleted", moment)
    }

    /// The issues that worklogs belong to; those this account may not see are left out. `POST /worklog/list`.
    public func issues(ofWorklogs worklogs: [EntityID]) async throws(JiraError) -> Set<IssueID> {
        let ids = worklogs.compactMap { Int64($0.rawValue) }
        let chunks = stride(from: 0, to: ids.count, by: 1_000).map { Array(ids[$0..<min($0 + 1_000, ids.count)]) }
        let parts = try await concurrently(chunks) { (chunk) async throws(JiraError) in
            var body = JSONWriter()
            body.object {
                $0.key("ids")
                $0.array { list in for id in chunk { list.integer(id) } }
            }
            return try await self.wholeList(Call(.post, "/worklog/list", body: body.bytes)) {
                try $0.required("issueId", \.issueID)
            }
        }
        return Set(parts.joined())
    }

    private func worklogPage(_ path: String, _ moment: Timestamp) async throws(JiraError) -> WorklogFeed {
        let call = Call(.get, path, query: [("since", String(moment.rawValue))])
        let page = try await fetch(call) { root in
            let ids = try root.requiredArray("values").elements.map {
                EntityID(try $0.required("worklogId", \.identifier))
            }
            let until = Timestamp(milliseconds: root["until"]?.integer ?? moment.rawValue)
            return WorklogFeed(ids: ids, until: max(moment, until), isLast: root["lastPage"]?.bool ?? true)
        }
        guard page.isLast || page.until > moment else {
            throw JiraError(.pagingLoop, endpoint: call.endpoint(flavour).description)
        }
        return page
    }
}
