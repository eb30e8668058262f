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
            max(position.seq, position.base) >= present.purged
        else { return try restart(.expired, present) }
        guard position.sight.holds(for: present.allowed) else { return try restart(.permissions, present) }
        return try read(after: position, present, in: connection) ?? (try restart(.permissions, present))
    }

    /// The feed as it is at this moment, and what the reader may see.
    private struct Present {
        let epoch, purged, head, version: Int64
        let allowed: AllowedSet
        let sight: FeedSight

        init(_ reader: Reader, _ access: AccessRecords, in connection: Connection) throws {
            let row = try connection.first("SELECT epoch, purged FROM change_feed") { ($0.int64(0), $0.int64(1)) }
            guard let row else { throw FeedError(.damaged, "The change feed has no state.") }
            (epoch, purged) = row
            head = try ChangeFeed.head(in: connection)
            version = try Settings.accessVersion(in: connection)
            allowed = try access.allowed(to: reader, in: connection)
            let lastAcl = try connection.first("SELECT max(id) FROM acl") { $0.int64(0) } ?? 0
            sight = FeedSight(allowed, lastAcl: lastAcl)
        }

        var end: FeedPosition { FeedPosition(epoch: epoch, seq: head, base: 0, sight: sight) }
        /// Where everything that the reader may see is listed from.
        var beginning: FeedPosition { FeedPosition(epoch: epoch, seq: 0, base: head, sight: sight) }
    }

    private func restart(_ reason: FeedChange.Reason, _ present: Present) throws -> FeedPage {
        let list = try followingKey.map { try present.beginning.sealed(key: $0) }
        return FeedPage(
            changes: [FeedChange(.access(reason, list: list))], position: list == nil ? present.beginning : present.end,
            hasMore: list == nil && present.head > 0, validUntil: present.allowed.validUntil)
    }

    /// - Returns: `nil` where nobody can say whether the reader could see what left.
    private func read(
        after position: FeedPosition, _ present: Present, in connection: Connection
    ) throws -> FeedPage? {
        let sources = try FeedSources(in: connection)
        var (changes, seq, scanned) = ([FeedChange](), position.seq, 0)
        var isUncertain = false
        let statement = try connection.statement(Self.rows)
        statement.bind(1, position.seq)
        statement.bind(2, Int64(scanLimit))
        defer { statement.reset() }
        while changes.count < limit, try statement.step() {
            let row = statement.row
            (seq, scanned) = (row.int64(0), scanned + 1)
            if !row.isNull(1) {
                guard isVisible(acl: row.int64(4), state: row.text(5), present) else { continue }
                changes += sources.change(
                    row.int64(2), row.int64(3), key: row.text(6), updated: row.int64(7), at: row.int64(8))
            } else if seq > position.base, present.allowed.contains(row.int64(11)) {
                // The issue may be stored, with an audience that the reader is in as well.
                if !row.isNull(4), isVisible(acl: row.int64(4), state: row.text(5), present) { continue }
                if row.int64(11) > position.knownAcl, row.int64(14) != present.version { isUncertain = true }
                changes += sources.removal(row.int64(9), row.int64(10), key: row.text(12), at: row.int64(13))
            }
        }
        // An audience that came and was left since the position was given, while permissions moved: whether the reader was
        // in it then is not known. To say "gone" could tell of what was never seen, to say nothing could leave it standing.
        if isUncertain { return nil }
        let isEnd = scanned < scanLimit && changes.count < limit
        let next = FeedPosition(
            epoch: present.epoch, seq: isEnd ? max(seq, present.head) : seq, base: position.base, sight: present.sight,
            knownAcl: isEnd ? nil : position.knownAcl)
        return FeedPage(
            changes: changes, position: next, hasMore: next.seq < present.head, validUntil: present.allowed.validUntil)
    }

    private func isVisible(acl: Int64, state: String, _ present: Present) -> Bool {
        present.allowed.contains(acl) && (reader == .operator || state != IssueRecords.State.unseen.rawValue)
    }

    /// Places with the issue that is stored now, and traces with the issue of the same number where there is one again.
    private static let rows = """
        SELECT c.seq, c.issue_id, i.source_id, i.jira_id, i.acl_id, i.state, i.key, i.updated, i.fetched,
            c.source_id, c.jira_id, c.acl_id, c.key, c.at, c.access_version
        FROM change c LEFT JOIN issue i ON i.id = coalesce(c.issue_id,
            (SELECT id FROM issue s WHERE s.source_id = c.source_id AND s.jira_id = c.jira_id))
        WHERE c.seq > ? ORDER BY c.seq LIMIT ?
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

    func change(_ source: Int64, _ id: Int64, key: String, updated: Int64, at: Int64) -> [FeedChange] {
        issue(source, id, key, Timestamp(milliseconds: updated), at).map { [FeedChange(.changed($0))] } ?? []
    }

    func removal(_ source: Int64, _ id: Int64, key: String, at: Int64) -> [FeedChange] {
        issue(source, id, key, nil, at).map { [FeedChange(.removed($0))] } ?? []
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
