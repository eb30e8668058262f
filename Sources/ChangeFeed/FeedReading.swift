internal import AccessControl
internal import Cryptography
internal import Database
internal import IssueModel
internal import Store

/// Entries for one reader, with the position behind them.
struct FeedPage: Sendable {
    var changes: [FeedChange]
    var position: FeedPosition
    var hasMore: Bool
    /// When what the reader may see must be looked at again, whatever happens.
    var validUntil: Timestamp?
}

/// Reads the feed as one reader is told it, on one snapshot.
struct FeedReading: Sendable {
    let reader: Reader
    let access: AccessRecords
    /// Entries at most.
    var limit: Int
    /// What was told before is not repeated where permissions changed: the reader is told where a listing begins, and
    /// goes on with what is new. For those who are told of changes rather than ask for them.
    /// Seals the cursor of that listing.
    var followingKey: SecretKey?
    /// Rows looked at for one page: most of them may be hidden from the reader.
    var scanLimit = 50_000

    /// The page after `position`, or the first one.
    func page(
        after position: FeedPosition?, orFrom start: ChangeFeed.Start = .beginning, in connection: Connection
    ) throws -> FeedPage {
        let present = try Present(reader, access, in: connection)
        guard let position else {
            if start == .now {
                return FeedPage(
                    changes: [], position: present.end, hasMore: false, validUntil: present.allowed.validUntil)
            }
            return try restart(.started, present)
        }
        guard position.epoch == present.epoch, position.seq <= present.head,
            position.seq >= present.purged
        else { return try restart(.expired, present) }
        guard position.sight.holds(for: present.allowed) else { return try restart(.permissions, present) }
        return try read(after: position, present, in: connection) ?? (try restart(.permissions, present))
    }

    /// The feed as it is at this moment, and what the reader may see.
    private struct Present {
        let epoch, purged, head, lastIssue, version: Int64
        let allowed: AllowedSet
        let sight: FeedSight

        init(_ reader: Reader, _ access: AccessRecords, in connection: Connection) throws {
            let row = try connection.first("SELECT epoch, purged FROM change_feed") { ($0.int64(0), $0.int64(1)) }
            guard let row else { throw FeedError(.damaged, "The change feed has no state.") }
            (epoch, purged) = row
            head = try ChangeFeed.head(in: connection)
            lastIssue = try ChangeFeed.lastIssue(in: connection)
            version = try Settings.accessVersion(in: connection)
            allowed = try access.allowed(to: reader, in: connection)
            let lastAcl = try connection.first("SELECT max(id) FROM acl") { $0.int64(0) } ?? 0
            sight = FeedSight(allowed, lastAcl: lastAcl)
        }

        var end: FeedPosition { FeedPosition(epoch: epoch, seq: head, issue: lastIssue, sight: sight) }
        /// Where everything that the reader may see is listed from.
        var beginning: FeedPosition {
            FeedPosition(epoch: epoch, seq: head, issue: 0, listed: lastIssue, sight: sight)
        }

        func isVisible(acl: Int64, state: String) -> Bool {
            allowed.contains(acl) && (allowed.isEverything || state != IssueRecords.State.unseen.rawValue)
        }
    }

    private func restart(_ reason: FeedChange.Reason, _ present: Present) throws -> FeedPage {
        let list = try followingKey.map { try present.beginning.sealed(key: $0) }
        return FeedPage(
            changes: [FeedChange(.access(reason, list: list))], position: list == nil ? present.beginning : present.end,
            hasMore: list == nil && present.lastIssue > 0, validUntil: present.allowed.validUntil)
    }

    /// Entries as they are collected, and how far that went.
    private struct Collection {
        let sources: FeedSources
        let limit, scanLimit: Int
        var changes: [FeedChange] = []
        var scanned = 0
        var isFull: Bool { changes.count >= limit || scanned >= scanLimit }
    }

    /// - Returns: `nil` where nobody can say whether the reader could see what left.
    private func read(
        after position: FeedPosition, _ present: Present, in connection: Connection
    ) throws -> FeedPage? {
        var found = Collection(sources: try FeedSources(in: connection), limit: limit, scanLimit: scanLimit)
        guard let seq = try readPlaces(after: position, present, &found, in: connection) else { return nil }
        let issue = try readIssues(after: position.issue, present, &found, in: connection)
        let isEnd = seq >= present.head && issue >= present.lastIssue
        let next = FeedPosition(
            epoch: present.epoch, seq: seq, issue: issue, listed: position.listed, sight: present.sight,
            knownAcl: isEnd ? nil : position.knownAcl)
        return FeedPage(
            changes: found.changes, position: next, hasMore: !isEnd, validUntil: present.allowed.validUntil)
    }

    /// What changed of issues that were there, and what is gone.
    ///
    /// - Returns: The place up to which everything was looked at; `nil` where nobody can say what to tell.
    private func readPlaces(
        after position: FeedPosition, _ present: Present, _ found: inout Collection, in connection: Connection
    ) throws -> Int64? {
        var seq = position.seq
        let statement = try connection.statement(Self.places)
        statement.bind(1, position.seq)
        defer { statement.reset() }
        while !found.isFull {
            guard try statement.step() else { return present.head }
            let row = statement.row
            (seq, found.scanned) = (row.int64(0), found.scanned + 1)
            if !row.isNull(1) {
                guard present.isVisible(acl: row.int64(4), state: row.text(5)) else { continue }
                found.changes += found.sources.change(row, from: 2)
            } else if present.allowed.contains(row.int64(11)) {
                // The issue may be stored, with an audience that the reader is in as well.
                if !row.isNull(4), present.isVisible(acl: row.int64(4), state: row.text(5)) { continue }
                // An audience that came and was left since the position was given, while permissions moved: whether the
                // reader was in it then is not known. To say "gone" could tell of what was never seen, to say nothing could
                // leave it standing.
                if row.int64(11) > position.knownAcl, row.int64(14) != present.version { return nil }
                found.changes += found.sources.removal(row, from: 9)
            }
        }
        return seq
    }

    /// Issues that are new, or listed for the first time.
    ///
    /// - Returns: The number up to which all were looked at.
    private func readIssues(
        after last: Int64, _ present: Present, _ found: inout Collection, in connection: Connection
    ) throws -> Int64 {
        var issue = last
        let statement = try connection.statement(Self.issues)
        statement.bind(1, last)
        defer { statement.reset() }
        while !found.isFull {
            guard try statement.step() else { return max(last, present.lastIssue) }
            let row = statement.row
            (issue, found.scanned) = (row.int64(0), found.scanned + 1)
            guard present.isVisible(acl: row.int64(3), state: row.text(4)) else { continue }
            found.changes += found.sources.change(row, from: 1)
        }
        return issue
    }

    /// Places with the issue that is stored now, and traces with the issue of the same number where there is one again.
    private static let places = """
        SELECT c.seq, c.issue_id, i.source_id, i.jira_id, i.acl_id, i.state, i.key, i.updated, i.fetched,
            c.source_id, c.jira_id, c.acl_id, c.key, c.at, c.access_version
        FROM change c LEFT JOIN issue i ON i.id = coalesce(c.issue_id,
            (SELECT id FROM issue s WHERE s.source_id = c.source_id AND s.jira_id = c.jira_id))
        WHERE c.seq > ? ORDER BY c.seq
        """

    private static let issues = """
        SELECT id, source_id, jira_id, acl_id, state, key, updated, fetched FROM issue WHERE id > ? ORDER BY id
        """
}

/// Names and addresses of the sources, for entries.
private struct FeedSources {
    private let known: [Int64: (name: String, base: String)]

    init(in connection: Connection) throws {
        known = try SourceRecords.all(in: connection).reduce(into: [:]) { known, source in
            let url = source.url
            known[source.id] = (source.name, (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/browse/")
        }
    }

    /// Of columns source, issue, acl, state, key, updated and fetched.
    func change(_ row: Row, from column: Int) -> [FeedChange] {
        let updated = Timestamp(milliseconds: row.int64(column + 5))
        return issue(
            row.int64(column), row.int64(column + 1), row.text(column + 4), updated, row.int64(column + 6)
        ).map { [FeedChange(.changed($0))] } ?? []
    }

    /// Of columns source, issue, acl, key and time.
    func removal(_ row: Row, from column: Int) -> [FeedChange] {
        issue(row.int64(column), row.int64(column + 1), row.text(column + 3), nil, row.int64(column + 4))
            .map { [FeedChange(.removed($0))] } ?? []
    }

    private func issue(
        _ source: Int64, _ id: Int64, _ key: String, _ updated: Timestamp?, _ at: Int64
    ) -> FeedChange.Issue? {
        known[source].map {
            FeedChange.Issue(
                source: $0.name, id: IssueID(id), key: key, url: $0.base + key, updated: updated,
                at: Timestamp(milliseconds: at))
        }
    }
}
