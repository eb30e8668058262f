import AccessControl
import Database
import IssueDecoding
import IssueModel
import JiraClient
import Journal
import SearchIndex
import Store

/// Derives the keys of stored issues again from the kept copies of what Jira returned, without asking Jira: where a rule
/// asks for something that was not kept of an issue before, where the access mode became another, and where an issue is
/// no longer withheld.
///
/// Until its keys are written an issue shows to fewer people than it might. Each batch is a transaction of its own; which
/// issues are left to do is seen from their acls, so that a run that is stopped goes on where it was.
struct KeyRewriting: Sendable {
    let store: Store
    let source: Source
    let time: TimeSource
    /// Issues of one transaction.
    var batchSize = 200

    struct Outcome: Hashable, Sendable {
        /// Issues whose acls are now others.
        var rewritten = 0
        /// Issues whose copy is missing or cannot be decoded. They are read from Jira again at the next run.
        var damaged = 0
    }

    /// Writes the keys of all issues that have one of these acls, and of those let go.
    func run(outdated: Set<Int64>) async throws -> Outcome {
        let sourceID = source.id
        let waiting = try await store.read { connection in
            try Self.waiting(outdated, source: sourceID, in: connection)
        }
        var outcome = Outcome()
        for start in stride(from: 0, to: waiting.count, by: batchSize) {
            let ids = Array(waiting[start..<min(start + batchSize, waiting.count)])
            let batch = try await prepare(ids)
            outcome.rewritten += try await write(batch)
            outcome.damaged += batch.damaged.count
        }
        if !outdated.isEmpty {
            try await store.write { try AccessRecords.removeUnused(outdated, source: sourceID, in: $0) }
        }
        return outcome
    }

    /// Issues with an outdated acl, and those at the acl that admits nobody although nothing withholds them.
    private static func waiting(
        _ outdated: Set<Int64>, source: Int64, in connection: Connection
    ) throws -> [IssueID] {
        let withheld = try connection.first(
            "SELECT id FROM acl WHERE source_id = ? AND key = ?", source, AclKey.withheld.bytes
        ) { $0.int64(0) }
        guard let withheld else {
            return try IssueRecords.identities(withAcls: outdated, source: source, in: connection)
        }
        let kept = try Withheld.ids(source: source, in: connection)
        let released = try connection.rows(
            "SELECT jira_id FROM issue WHERE source_id = ? AND acl_id = ? AND state = ?", source, withheld,
            IssueRecords.State.live.rawValue
        ) { IssueID($0.int64(0)) }.filter { !kept.contains($0) }
        let others = try IssueRecords.identities(withAcls: outdated, source: source, in: connection)
        return Set(released + others).sorted()
    }

    // MARK: Preparing

    private struct Batch: Sendable {
        var issues: [Prepared] = []
        var damaged: [(id: IssueID, why: String)] = []
    }

    private struct Prepared: Sendable {
        /// What the stored issue was when its copy was taken.
        var stamp: IssueRecords.Stamp
        var issue: Issue
        var words: IssueWords
    }

    private struct Copy: Sendable {
        var id: IssueID
        var stamp: IssueRecords.Stamp
        var raw: RawIssue?
        /// Texts of attachments, by Jira's id.
        var texts: [String: String]
    }

    private func prepare(_ ids: [IssueID]) async throws -> Batch {
        let (source, raw) = (source, store.raw)
        let (copies, rules, fields) = try await store.read { connection in
            let facts = try AccessRecords.facts(source: source.id, withPeople: false, in: connection)
            let stamps = try IssueRecords.stamps(of: ids, source: source.id, in: connection)
            let copies = try ids.compactMap { id -> Copy? in
                guard let stamp = stamps[id] else { return nil }
                let parts = try? raw.parts(ofIssue: stamp.id, in: connection)
                return Copy(
                    id: id, stamp: stamp, raw: parts.flatMap { parts in RawIssue { parts[$0] } },
                    texts: try AttachmentTexts.texts(ofIssue: stamp.id, in: connection))
            }
            return (copies, AudienceRules(facts), try CatalogueRecords.fields(source: source.id, in: connection))
        }
        let decoder = IssueDecoder(
            fields: FieldCatalogue(fields), flavour: source.product == .cloud ? .cloud : .dataCenter)
        return await withTaskGroup(of: (Copy, Result<Prepared, any Error>).self) { group in
            for copy in copies {
                group.addTask { (copy, Result { try Self.prepare(copy, decoder, rules) }) }
            }
            var batch = Batch()
            for await (copy, result) in group {
                switch result {
                case .success(let prepared): batch.issues.append(prepared)
                case .failure(let error): batch.damaged.append((copy.id, "\(error)"))
                }
            }
            batch.issues.sort { $0.stamp.id < $1.stamp.id }
            return batch
        }
    }

    private static func prepare(
        _ copy: Copy, _ decoder: IssueDecoder, _ rules: AudienceRules
    ) throws -> Prepared {
        guard let raw = copy.raw else { throw StoreError(.damaged, "No copy of the issue is kept") }
        let issue = try decoder.decode(raw)
        return Prepared(
            stamp: copy.stamp, issue: issue,
            words: try IssueWords(issue, rules: rules, attachmentTexts: copy.texts))
    }

    // MARK: Writing

    private func write(_ batch: Batch) async throws -> Int {
        let (sourceID, now) = (source.id, time.now())
        return try await store.write { context in
            var rewritten = 0
            for prepared in batch.issues {
                // A run of the same source may have stored a newer one since: with another level, say, which a change of
                // the security scheme gives it without a time of change.
                let id = prepared.issue.id
                let stamp = try IssueRecords.stamps(of: [id], source: sourceID, in: context.connection)[id]
                guard stamp?.updated == prepared.stamp.updated, stamp?.fingerprint == prepared.stamp.fingerprint else {
                    continue
                }
                if try Self.write(prepared, source: sourceID, in: context) { rewritten += 1 }
            }
            for (id, why) in batch.damaged {
                try Quarantine.put(
                    kind: SyncRun.quarantineKind, ref: "\(id)", reason: "copy_damaged", message: why, raw: [], at: now,
                    source: sourceID, in: context)
            }
            return rewritten
        }
    }

    private static func write(
        _ prepared: Prepared, source: Int64, in context: WriteContext
    ) throws -> Bool {
        let words = prepared.words
        func intern(_ key: AclKey) throws -> Int64 {
            try AccessRecords.intern(key, source: source, in: context)
        }
        let acls = try words.keys.acls(intern)
        guard try IssueRecords.setAcls(acls, of: prepared.issue, source: source, in: context) != nil else {
            return false
        }
        let isWithheld = try Withheld.ids(source: source, in: context.connection).contains(prepared.issue.id)
        let closed = isWithheld ? try Withheld.acl(source: source, in: context) : nil
        try SearchIndexWriter.replace(
            issue: prepared.stamp.id, text: words.text,
            restrictions: try words.restrictions.map { try closed ?? intern($0) },
            in: context.connection)
        return true
    }
}
