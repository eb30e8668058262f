import Database
import IssueModel
import JiraClient
import SearchIndex
import Store

extension SyncRun {
    /// What a transaction stored, for the summary: counted only when it has committed.
    private struct Stored: Sendable {
        var read = 0
        var stored = 0
        var unchanged = 0
        var quarantined = 0
        var comments = 0
        var changes = 0
        var attachments = 0
    }

    /// Stores units and checkpoint in one transaction. An issue the store refuses is set aside; the others go on.
    func commit(_ units: [PreparedUnit], _ checkpoint: SyncCheckpoint) async throws {
        let (sourceID, rules, now) = (source.id, withState { $0.rules }, time.now())
        let stored = try await store.write { context in
            var stored = Stored()
            for unit in units {
                stored.read += unit.read
                stored.unchanged += unit.unchanged.count
                for prepared in unit.issues {
                    do {
                        try context.savepointIfNeeded {
                            try Self.store(prepared, rules: rules, at: now, source: sourceID, in: context)
                        }
                        stored.count(prepared.issue)
                    } catch let error where Self.isOfOneIssue(error) {
                        stored.quarantined += 1
                        try QuarantineRecords.add(
                            .issue(prepared.issue.id), reason: "unstorable", message: "\(error)", at: now,
                            source: sourceID, in: context)
                    }
                }
                stored.quarantined += unit.quarantined.count
                for quarantined in unit.quarantined {
                    try Self.setAside(quarantined, at: now, source: sourceID, in: context)
                }
                try QuarantineRecords.remove(issues: unit.issues.map(\.issue.id), source: sourceID, in: context)
            }
            try CheckpointRecords.write(
                String(decoding: checkpoint.json.serialized(), as: UTF8.self), phase: Self.checkpointPhase,
                source: sourceID, at: now, in: context)
            return stored
        }
        note(stored, missing: units.reduce(0) { $0 + $1.missing.count })
        try await trainDictionary(on: units)
    }

    private static func store(
        _ prepared: PreparedIssue, rules: AudienceRules, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        let id = try IssueRecords.store(
            prepared.issue, keys: prepared.keys, raw: prepared.raw, rules: rules, fetched: now, source: source,
            in: context)
        let restrictions = try prepared.restrictions.map {
            try AccessRecords.intern($0, rules: rules, source: source, in: context)
        }
        try SearchIndexWriter.replace(
            issue: id, text: prepared.text, restrictions: restrictions, in: context.connection)
    }
}
