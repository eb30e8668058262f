import AccessControl
import Database
import IssueDecoding
import IssueModel
import JiraClient
import Journal
import SearchIndex
import Store

/// Derives everything of stored issues again from the kept copies of what Jira returned, without asking Jira: rows, acls and
/// search documents, by this version's rules and under the present names.
///
/// Each batch is a transaction of its own that also says how far it is, so that a run that is killed goes on where it was;
/// readers see each issue as it was or as it becomes.
struct Reindexing: Sendable {
    let store: Store
    let source: Source
    let time: TimeSource
    /// Issues of one transaction.
    var batchSize = 200

    static let phase = "reindex"

    struct Outcome: Hashable, Sendable {
        var issues = 0
        /// Issues whose copy is missing or cannot be decoded; they are read from Jira again at the next run.
        var damaged = 0
    }

    /// - Parameter report: How many issues were derived again, of how many that are left.
    func run(report: (Int, Int) -> Void) async throws -> Outcome {
        let sourceID = source.id
        let (start, left) = try await store.read { connection in
            let stored = try Checkpoints.data(Self.phase, source: sourceID, in: connection).flatMap { Int64($0) } ?? 0
            let left = try connection.first(
                "SELECT count(*) FROM issue WHERE source_id = ? AND id > ?", sourceID, stored
            ) { $0.int(0) }
            return (stored, left ?? 0)
        }
        var after = start
        var outcome = Outcome()
        report(0, left)
        while true {
            try Task.checkCancellation()
            let batch = try await prepare(after: after)
            guard let last = batch.last else { break }
            try await write(batch)
            after = last
            outcome.issues += batch.issues.count
            outcome.damaged += batch.damaged.count
            report(outcome.issues + outcome.damaged, left)
        }
        let derived = outcome.issues
        try await store.write { context in
            try Checkpoints.reset(Self.phase, source: sourceID, in: context)
            if derived >= 1_000 { try SearchIndexWriter.settle(in: context.connection) }
        }
        return outcome
    }

    // MARK: Preparing

    private struct Batch: Sendable {
        var issues: [Prepared] = []
        var damaged: [(id: IssueID, why: String)] = []
        /// Our id of the last issue looked at.
        var last: Int64?
    }

    private struct Copy: Sendable {
        var row: IssueRow
        var stamp: IssueRecords.Stamp
        var raw: RawIssue?
        var texts: [String: String]
    }

    private struct Prepared: Sendable {
        var row: IssueRow
        var stamp: IssueRecords.Stamp
        var issue: PreparedIssue
    }

    private func prepare(after: Int64) async throws -> Batch {
        let (source, raw, size) = (source, store.raw, batchSize)
        let (rules, fields, packer) = try await store.read { connection in
            (
                AudienceRules(try AccessRecords.facts(source: source.id, withPeople: false, in: connection)),
                try CatalogueRecords.fields(source: source.id, in: connection),
                try raw.packer(source: source.id, in: connection)
            )
        }
        let copies = try await store.read { connection in
            let ids = try connection.rows(
                "SELECT jira_id FROM issue WHERE source_id = ? AND id > ? ORDER BY id LIMIT ?", source.id, after, size
            ) { IssueID($0.int64(0)) }
            let stamps = try IssueRecords.stamps(of: ids, source: source.id, in: connection)
            return try ids.compactMap { id -> Copy? in
                guard let stamp = stamps[id], let row = try IssueRecords.row(stamp.id, in: connection) else {
                    return nil
                }
                let parts = try? raw.parts(ofIssue: stamp.id, in: connection)
                return Copy(
                    row: row, stamp: stamp, raw: parts.flatMap { parts in RawIssue { parts[$0] } },
                    texts: try AttachmentTexts.texts(ofIssue: stamp.id, in: connection))
            }
        }
        let decoder = IssueDecoder(
            fields: FieldCatalogue(fields), flavour: source.product == .cloud ? .cloud : .dataCenter)
        var batch = Batch()
        batch.last = copies.map(\.row.id).max()
        var decoded: [(Copy, FetchedIssue)] = []
        for (copy, result) in await Self.decode(copies, decoder) {
            switch result {
            case .success(let fetched): decoded.append((copy, fetched))
            case .failure(let error): batch.damaged.append((copy.row.jiraID, "\(error)"))
            }
        }
        let fetched = decoded
        let named = try await store.read { connection in
            let names = CurrentNames(source: source.id, in: connection)
            return try fetched.map { copy, fetched in
                var issue = fetched.issue
                try names.apply(to: &issue, key: copy.row.key)
                return issue
            }
        }
        for ((copy, fetched), issue) in zip(fetched, named) {
            let words = try IssueWords(issue, rules: rules, attachmentTexts: copy.texts)
            let prepared = PreparedIssue(issue: issue, raw: try packer.pack(RawParts(fetched.raw)), words: words)
            batch.issues.append(Prepared(row: copy.row, stamp: copy.stamp, issue: prepared))
        }
        batch.issues.sort { $0.row.id < $1.row.id }
        return batch
    }

    private static func decode(
        _ copies: [Copy], _ decoder: IssueDecoder
    ) async -> [(Copy, Result<FetchedIssue, any Error>)] {
        await withTaskGroup(of: (Copy, Result<FetchedIssue, any Error>).self) { group in
            for copy in copies {
                group.addTask {
                    (
                        copy,
                        Result {
                            guard let raw = copy.raw else { throw StoreError(.damaged, "No copy of the issue is kept") }
                            return FetchedIssue(issue: try decoder.decode(raw), raw: raw)
                        }
                    )
                }
            }
            var results: [(Copy, Result<FetchedIssue, any Error>)] = []
            for await result in group { results.append(result) }
            return results
        }
    }

    // MARK: Writing

    private func write(_ batch: Batch) async throws {
        let (sourceID, now) = (source.id, time.now())
        try await store.write { context in
            for prepared in batch.issues {
                // A run of the same source may have stored a newer one since.
                let id = prepared.row.jiraID
                let stamp = try IssueRecords.stamps(of: [id], source: sourceID, in: context.connection)[id]
                guard stamp == prepared.stamp else { continue }
                try Self.write(prepared, source: sourceID, in: context)
            }
            for (id, why) in batch.damaged {
                try Quarantine.put(
                    kind: SyncRun.quarantineKind, ref: "\(id)", reason: "copy_damaged", message: why, raw: [], at: now,
                    source: sourceID, in: context)
            }
            guard let last = batch.last else { return }
            try Checkpoints.advance(Self.phase, to: "\(last)", at: now, source: sourceID, in: context)
        }
    }

    private static func write(_ prepared: Prepared, source: Int64, in context: WriteContext) throws {
        let (issue, words) = (prepared.issue.issue, prepared.issue.words)
        let isWithheld = try Withheld.ids(source: source, in: context.connection).contains(issue.id)
        let closed = isWithheld ? try Withheld.acl(source: source, in: context) : nil
        func intern(_ key: AclKey) throws -> Int64 {
            try closed ?? AccessRecords.intern(key, source: source, in: context)
        }
        let (id, _) = try IssueRecords.replace(
            issue, raw: prepared.issue.raw, acls: try words.keys.acls(intern), fetched: prepared.stamp.fetched,
            force: true, source: source, in: context)
        try SearchIndexWriter.replace(
            issue: id, text: words.text, restrictions: try words.restrictions.map(intern), in: context.connection)
        // What Jira no longer shows stays as closed as it was.
        switch prepared.row.state {
        case .live: break
        case .archived:
            try IssueRecords.setState(.archived, of: issue.id, source: source, in: context)
            try SearchIndexWriter.remove(issue: id, in: context.connection)
        case .unseen:
            try IssueRecords.setState(.unseen, of: issue.id, source: source, in: context)
            try SearchIndexWriter.close(
                issue: id, acl: try Withheld.acl(source: source, in: context), in: context.connection)
        }
    }
}
