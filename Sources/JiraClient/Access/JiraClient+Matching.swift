import FastJSON
import IssueDecoding
public import IssueModel

extension JiraClient {
    /// Which of `issues` a query finds.
    ///
    /// Cloud: `POST /jql/match`. Data Center: `POST /search` for the ids within the query.
    ///
    /// - Throws: `badQuery` where Jira does not understand the query; what any call throws.
    public func matches(_ jql: String, among issues: [IssueID]) async throws(JiraError) -> Set<IssueID> {
        let size = flavour == .cloud ? 1_000 : 200
        let sorted = Set(issues).sorted()
        let chunks = stride(from: 0, to: sorted.count, by: size).map {
            Array(sorted[$0..<min($0 + size, sorted.count)])
        }
        let answers = try await concurrently(chunks) { (chunk) async throws(JiraError) in
            switch self.flavour {
            case .cloud: try await self.matchedIssues(jql, chunk)
            case .dataCenter: try await self.searchedIssues(jql, chunk)
            }
        }
        return Set(answers.joined())
    }

    private func matchedIssues(_ jql: String, _ issues: [IssueID]) async throws(JiraError) -> Set<IssueID> {
        var body = JSONWriter()
        body.object {
            $0.key("issueIds")
            $0.array { ids in for id in issues { ids.integer(id.rawValue) } }
            $0.strings("jqls", [jql])
        }
        let call = Call(.post, "/jql/match", body: body.bytes)
        let (matched, errors) = try await fetch(call) { root in
            var matched: Set<IssueID> = []
            var errors: [String] = []
            for match in try root.requiredArray("matches").elements {
                matched.formUnion(match["matchedIssues"]?.elements.compactMap(\.issueID) ?? [])
                errors += match["errors"]?.elements.compactMap(\.string) ?? []
            }
            return (matched, errors)
        }
        guard errors.isEmpty else {
            throw JiraError(.badQuery, endpoint: call.endpoint(flavour).description, messages: errors)
        }
        return matched.intersection(issues)
    }

    private func searchedIssues(_ jql: String, _ issues: [IssueID]) async throws(JiraError) -> Set<IssueID> {
        var body = JSONWriter()
        body.object {
            $0.member("jql", "id in (\(issues.map(\.description).joined(separator: ","))) AND (\(jql))")
            $0.strings("fields", ["id"])
            $0.member("maxResults", issues.count)
        }
        let call = Call(.post, "/search", body: body.bytes)
        let found = try await fetch(call) { root in
            try root.requiredArray("issues").elements.map { try $0.required("id", \.issueID) }
        }
        return Set(found).intersection(issues)
    }
}
