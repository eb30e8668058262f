import FastJSON
public import IssueModel

/// One issue as one reader may see it: everything the reader may not see is already left out.
public struct IssueView: Hashable, Sendable {
    /// Comments, worklogs, attachments, links, parent and sub-tasks hold only what the reader may see.
    public var issue: Issue
    /// Keys the issue had before, oldest first.
    public var formerKeys: [String]
    /// The source's name.
    public var source: String
    /// Where people open the issue in Jira.
    public var url: String
    /// How far behind Jira its source is; `nil` where many issues are handed out at once, which say it once for all.
    public var freshness: Freshness?
    /// Whether Jira still shows it; `nil` where it does, like any other.
    public var standing: IssueStanding?

    public init(issue: Issue, formerKeys: [String], source: String, url: String) {
        self.issue = issue
        self.formerKeys = formerKeys
        self.source = source
        self.url = url
    }

    /// The `issue` document of the command line and the HTTP API.
    public var json: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 4_096)
        write(to: &writer)
        return writer.bytes
    }
}
