import FastJSON
import IssueDecoding
public import IssueModel

/// An issue of a listing with the time of its last change.
public struct IssueStamp: Hashable, Sendable {
    public var issue: IssueID
    public var updated: Timestamp

    public init(_ issue: IssueID, updated: Timestamp) {
        self.issue = issue
        self.updated = updated
    }
}

/// The first issues of a listing with their times of change.
public struct IssueStampPage: Hashable, Sendable {
    public var stamps: [IssueStamp]
    /// Whether there are no more.
    public var isWhole: Bool
}

extension JiraClient {
    /// The first hundred issues that `query` finds, with their times of change: what tells whether anything needs reading.
    ///
    /// Cloud: `POST /search/jql`. Data Center: `POST /search`. An empty page is not proof of nothing: ask ``myself()``
    /// before believing it.
    public func issueStamps(_ query: IssueQuery) async throws(JiraError) -> IssueStampPage {
        let since = query.since.map { "\(query.order.field.rawValue) >= \(zone.literal(atOrBefore: $0))" }
        var body = JSONWriter()
        body.object {
            $0.member("jql", query.text(since.map { [$0] } ?? []))
            $0.strings("fields", ["updated"])
            if flavour == .dataCenter { $0.member("startAt", 0) }
            $0.member("maxResults", 100)
        }
        let call = Call(.post, flavour == .cloud ? "/search/jql" : "/search", body: body.bytes)
        return try await fetch(call) { root in
            let stamps = try root.requiredArray("issues").elements.map { view in
                IssueStamp(
                    try view.required("id", \.issueID),
                    updated: try view.required("fields", { $0.member(named: "updated")?.timestampIfAny }))
            }
            let isWhole =
                switch self.flavour {
                case .cloud: (root["nextPageToken"]?.string ?? "").isEmpty || root["isLast"]?.bool == true
                case .dataCenter: try stamps.count >= root.required("total", \.integer).clamped
                }
            return IssueStampPage(stamps: stamps, isWhole: isWhole)
        }
    }
}
