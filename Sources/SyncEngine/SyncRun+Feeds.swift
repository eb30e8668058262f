import FastJSON
import IssueModel
import JiraClient
import Journal
import SiteConnection
import Store

/// Where the feeds of worklogs were left, by the site's clock.
struct WorklogCursors: Hashable, Sendable {
    var updated: Timestamp
    var deleted: Timestamp

    static let phase = "worklogs"

    init(from moment: Timestamp) {
        (updated, deleted) = (moment, moment)
    }

    init?(json: String) {
        guard let json = try? JSONValue(parsing: json), let updated = json["updated"]?.integer,
            let deleted = json["deleted"]?.integer
        else { return nil }
        self.updated = Timestamp(milliseconds: Int64(updated))
        self.deleted = Timestamp(milliseconds: Int64(deleted))
    }

    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.member("updated", Int(updated.rawValue))
            $0.member("deleted", Int(deleted.rawValue))
        }
        return writer.text
    }
}

extension SyncRun {
    /// Pages of each feed that one run takes; what is left is the next run's.
    private static let feedPages = 20

    /// Lets the issues wait to be read whose worklogs were written, changed or deleted since the last time.
    ///
    /// Each page's issues and the cursor behind it are stored in one transaction. `GET /worklog/updated|deleted`.
    func readWorklogFeeds(since mark: Timestamp) async throws {
        let sourceID = source.id
        let known = try await store.read { try Checkpoints.data(WorklogCursors.phase, source: sourceID, in: $0) }
        var cursors = known.flatMap { WorklogCursors(json: $0) } ?? WorklogCursors(from: mark)
        try await follow(\.updated, &cursors) { [client] since throws(JiraError) in
            let page = try await client.updatedWorklogs(since: since)
            return (page, page.ids.isEmpty ? [] : Array(try await client.issues(ofWorklogs: page.ids)))
        }
        try await follow(\.deleted, &cursors) { [client] since throws(JiraError) in
            (try await client.deletedWorklogs(since: since), [])
        }
    }

    private func follow(
        _ cursor: WritableKeyPath<WorklogCursors, Timestamp>, _ cursors: inout WorklogCursors,
        _ page: (Timestamp) async throws(JiraError) -> (feed: WorklogFeed, issues: [IssueID])
    ) async throws {
        for _ in 0..<Self.feedPages {
            let since = cursors[keyPath: cursor]
            let answer = try await readable(
                .catalogueUnreadable, "Changed worklogs cannot be listed; they are noticed with their issues."
            ) { () async throws(JiraError) in try await page(since) }
            guard let (feed, issues) = answer, feed.until != since || !feed.ids.isEmpty else { return }
            cursors[keyPath: cursor] = feed.until
            // What is deleted is nobody's any more: only we know whose it was.
            let orphans = cursor == \.deleted ? feed.ids : []
            let (sourceID, now, json) = (source.id, time.now(), cursors.json)
            try await store.write { context in
                let owners = try PendingIssues.owners(ofWorklogs: orphans, source: sourceID, in: context.connection)
                try PendingIssues.add(issues + owners, cause: .worklog, at: now, source: sourceID, in: context)
                try Checkpoints.advance(WorklogCursors.phase, to: json, at: now, source: sourceID, in: context)
            }
            if feed.isLast { return }
        }
    }
}
