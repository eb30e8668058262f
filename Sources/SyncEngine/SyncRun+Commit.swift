import AccessControl
import FastJSON
import IssueDecoding
import IssueModel
import JiraClient
import Journal
import Reconciliation
import SearchIndex
import SiteConnection
import Store

extension SyncRun {
    /// What a transaction stored, for the summary: counted only when it has committed.
    struct Stored: Sendable {
        var read = 0
        var stored = 0
        var unchanged = 0
        var quarantined = 0
        var missing = 0
        var deleted = 0
        var damagedParts = 0
        var comments = 0
        var changes = 0
        var attachments = 0

        mutating func count(_ issue: Issue, _ outcome: IssueRecords.Outcome) {
            guard outcome != .unchanged else {
                unchanged += 1
                return
            }
            stored += 1
            comments += issue.comments.count
            changes += issue.changes.count
            attachments += issue.attachments.count
        }
    }

    /// Stores units and checkpoint in one transaction. An issue the store refuses is set aside; the others go on.
    func commit(_ units: [PreparedUnit], _ checkpoint: SyncCheckpoint) async throws {
        try await refreshAccessIfDue()
        let stored: Stored
        do {
            stored = try await commit(units, checkpoint, isCareful: false)
        } catch let error where Self.isOfOneIssue(error) {
            // Rare, so only now each issue gets a savepoint of its own.
            stored = try await commit(units, checkpoint, isCareful: true)
        }
        note(stored)
        try await train(on: units)
    }

    private func commit(
        _ units: [PreparedUnit], _ checkpoint: SyncCheckpoint, isCareful: Bool
    ) async throws -> Stored {
        let (now, began, source) = (time.now(), began, source.id)
        let json = String(decoding: checkpoint.json.serialized(), as: UTF8.self)
        let lag = withState { $0.lag.listed == nil ? nil : String(decoding: $0.lag.json.serialized(), as: UTF8.self) }
        let isDelta = extent == .all || extent == .changes
        return try await store.write { context in
            let writing = Writing(
                now: now, began: began, source: source, isCareful: isCareful,
                withheld: try Withheld.ids(source: source, in: context.connection),
                setAside: try Quarantine.issues(due: nil, source: source, in: context.connection),
                isAwaited: try PendingIssues.areThere(source: source, in: context.connection))
            var stored = Stored()
            for unit in units { try Self.store(unit, &stored, writing, in: context) }
            try Checkpoints.advance(
                Self.checkpointPhase, to: json, at: writing.now, source: writing.source, in: context)
            if isDelta, let lag {
                try Checkpoints.advance(Self.lagPhase, to: lag, at: now, source: source, in: context)
            }
            return stored
        }
    }

    /// What holds for a whole transaction.
    private struct Writing: Sendable {
        var now: Timestamp
        /// When the run began.
        var began: Timestamp
        var source: Int64
        var isCareful: Bool
        /// Issues that nobody may be shown, whatever their rules say.
        var withheld: Set<IssueID>
        /// Issues of which something was set aside.
        var setAside: Set<IssueID>
        /// Whether any issue waits to be read.
        var isAwaited: Bool
    }

    /// Whether another issue may be stored all the same.
    private static func isOfOneIssue(_ error: any Error) -> Bool {
        error is SearchError || (error as? StoreError).map { [.tooLarge, .damaged].contains($0.code) } ?? false
    }

    private static func store(
        _ unit: PreparedUnit, _ stored: inout Stored, _ writing: Writing, in context: WriteContext
    ) throws {
        stored.read += unit.read
        stored.unchanged += unit.unchanged.count
        if !unit.isNamed { stored.missing += unit.missing.count }
        var quarantined = unit.quarantined
        for prepared in unit.issues {
            let force = unit.forced.contains(prepared.issue.id)
            guard writing.isCareful else {
                stored.count(prepared.issue, try store(prepared, unit.readAt, force: force, writing, in: context))
                continue
            }
            do {
                let outcome = try context.savepoint {
                    try store(prepared, unit.readAt, force: force, writing, in: context)
                }
                stored.count(prepared.issue, outcome)
            } catch let error where isOfOneIssue(error) {
                quarantined.append(
                    QuarantinedIssue(
                        id: prepared.issue.id, key: prepared.issue.key, reason: "unstorable", detail: "\(error)",
                        raw: []))
            }
        }
        stored.quarantined += quarantined.count
        let failed = Set(quarantined.compactMap(\.id))
        let read = unit.unchanged + unit.issues.map(\.issue.id).filter { !failed.contains($0) }
        try setAsideParts(unit, failed: failed, &stored, writing, in: context)
        let damaged = Set(unit.issues.filter { !$0.damaged.isEmpty }.map(\.issue.id))
        for id in writing.setAside.subtracting(damaged).intersection(read + unit.missing + unit.outside) {
            try Quarantine.releaseAll(of: id, source: writing.source, in: context)
        }
        try settle(unit, read: read, failed: failed, &stored, writing, in: context)
        for issue in quarantined {
            try Quarantine.put(
                kind: quarantineKind, ref: issue.id.map { "\($0)" } ?? issue.key.map { "\($0)" } ?? "?",
                reason: issue.reason, message: issue.detail, raw: issue.raw, at: writing.now, source: writing.source,
                in: context)
            if let id = issue.id { try close(id, writing, in: context) }
        }
    }

    /// Notes the parts that issues are stored without; they are not shown, and tried again with their issue.
    private static func setAsideParts(
        _ unit: PreparedUnit, failed: Set<IssueID>, _ stored: inout Stored, _ writing: Writing,
        in context: WriteContext
    ) throws {
        for prepared in unit.issues where !prepared.damaged.isEmpty && !failed.contains(prepared.issue.id) {
            let id = prepared.issue.id
            stored.damagedParts += prepared.damaged.count
            let parts = prepared.damaged.prefix(damagedPartsKept)
            let refs = parts.map { "\(id)/\($0.id)" }
            try Quarantine.releaseAll(of: id, but: Set(refs), source: writing.source, in: context)
            for (part, ref) in zip(parts, refs) {
                try Quarantine.put(
                    kind: part.kind.rawValue, ref: ref, reason: part.reason.reason, message: part.reason.field,
                    at: writing.now, source: writing.source, in: context)
            }
        }
    }

    /// Parts of one issue that are noted one by one.
    private static let damagedPartsKept = 100

    /// Lets go of what waited for this reading, and does what follows from what Jira did not return.
    private static func settle(
        _ unit: PreparedUnit, read: [IssueID], failed: Set<IssueID>, _ stored: inout Stored, _ writing: Writing,
        in context: WriteContext
    ) throws {
        let (source, now) = (writing.source, writing.now)
        var causes: [IssueID: Set<PendingIssues.Cause>] = [:]
        if writing.isAwaited {
            causes = try PendingIssues.entries(of: unit.missing, source: source, in: context.connection)
                .mapValues(\.causes)
            // What was set aside is tried again by the quarantine's own time.
            try PendingIssues.settle(
                read + failed + unit.missing + unit.outside + unit.archived, readAt: unit.readAt, source: source,
                in: context)
        }
        try Absences.seen(read, areListed: !unit.isNamed, at: now, source: source, in: context)
        let outcome = try Absences.note(
            unit.missing + unit.archived, causes: causes, at: now, source: source, in: context)
        stored.deleted += outcome.deleted
        stored.deleted += try Absences.outOfScope(unit.outside, at: now, source: source, in: context)
        try wait(for: unit.late, readAt: unit.readAt, writing, in: context)
    }

    /// Has issues asked for again that Jira returns by their ids but its search does not. One that complete listings left
    /// out as well is archived, and no search will ever show it: nothing waits for that.
    private static func wait(
        for late: [IssueID], readAt: Timestamp, _ writing: Writing, in context: WriteContext
    ) throws {
        if late.isEmpty { return }
        let (source, connection) = (writing.source, context.connection)
        try Absences.seen(late, areListed: false, at: writing.now, source: source, in: context)
        let known = try PendingIssues.entries(of: late, source: source, in: connection)
        for id in late {
            if try IssueRecords.row(id, source: source, in: connection)?.state == .archived {
                try PendingIssues.settle([id], readAt: readAt, source: source, in: context)
                continue
            }
            let pause = min(lateWait << Int64(min(known[id]?.attempts ?? 0, 9)), longestLateWait)
            let again = Timestamp(milliseconds: writing.now.rawValue + pause)
            try PendingIssues.postpone([id], until: again, readAt: readAt, source: source, in: context)
            try PendingIssues.add([id], cause: .census, at: readAt, notBefore: again, source: source, in: context)
        }
    }

    /// From one question for an issue that the site's index does not show yet to the next, in milliseconds: twice as long
    /// each time, up to six hours.
    private static let lateWait: Int64 = 60_000
    private static let longestLateWait: Int64 = 6 * 3_600_000

    /// Hides what is stored of an issue that was set aside: who may see it now is in what could not be read. It shows
    /// again once it is read.
    private static func close(_ issue: IssueID, _ writing: Writing, in context: WriteContext) throws {
        let stored = try IssueRecords.row(issue, source: writing.source, in: context.connection)
        guard let stored, stored.state != .unseen else { return }
        try IssueRecords.setState(.unseen, of: issue, source: writing.source, in: context)
        let acl = try Withheld.acl(source: writing.source, in: context)
        try SearchIndexWriter.close(issue: stored.id, acl: acl, in: context.connection)
    }

    private static func store(
        _ prepared: PreparedIssue, _ readAt: Timestamp, force: Bool, _ writing: Writing, in context: WriteContext
    ) throws -> IssueRecords.Outcome {
        let closed =
            writing.withheld.contains(prepared.issue.id) ? try Withheld.acl(source: writing.source, in: context) : nil
        func intern(_ key: AclKey) throws -> Int64 {
            try closed ?? AccessRecords.intern(key, source: writing.source, in: context)
        }
        let (issue, words) = (prepared.issue, prepared.words)
        let (id, outcome) = try IssueRecords.replace(
            issue, raw: prepared.raw, acls: try words.keys.acls(intern), fetched: readAt, force: force,
            began: writing.began, source: writing.source, in: context)
        guard outcome != .unchanged else { return outcome }
        try OneSidedLinks.note(
            issue, began: writing.began, at: writing.now, source: writing.source, in: context)
        try SearchIndexWriter.replace(
            issue: id, text: words.text, restrictions: try words.restrictions.map(intern), in: context.connection)
        guard outcome == .updated, !issue.attachments.isEmpty else { return outcome }
        // What was extracted from attachments before stays part of the issue's words.
        for (attachment, text) in try AttachmentTexts.texts(ofIssue: id, in: context.connection) {
            guard let file = issue.attachments.first(where: { $0.id.rawValue == attachment }) else { continue }
            try SearchIndexWriter.replaceAttachment(
                attachment, text: file.filename + "\n" + text, issue: id, in: context.connection)
        }
        return outcome
    }

    private func note(_ stored: Stored) {
        withState { state in
            state.summary.issues.read += stored.read
            state.summary.issues.stored += stored.stored
            state.summary.issues.unchanged += stored.unchanged
            state.summary.issues.quarantined += stored.quarantined
            state.summary.comments += stored.comments
            state.summary.changes += stored.changes
            state.summary.attachments += stored.attachments
            state.missing += stored.missing
            state.damagedParts += stored.damagedParts
            state.summary.issues.deleted += stored.deleted
        }
        advance(by: stored.read)
    }

    /// Trains a dictionary for the copies once the first thousand issues are there, which makes all later ones smaller.
    private func train(on units: [PreparedUnit]) async throws {
        let ready: [RawParts]? = withState { state in
            guard !state.isTrained else { return nil }
            state.samples += units.flatMap(\.samples)
            guard state.samples.count >= options.dictionarySamples else { return nil }
            defer { state.samples = [] }
            state.isTrained = true
            return state.samples
        }
        guard let ready, let dictionary = RawRecords.train(on: ready) else { return }
        let (sourceID, raw) = (source.id, store.raw)
        try await store.write { try raw.adopt(dictionary: dictionary, source: sourceID, in: $0) }
        let packer = try await store.read { try raw.packer(source: sourceID, in: $0) }
        withState { $0.packer = packer }
    }

    /// The packer for copies: with the source's dictionary, once there is one.
    func packer() async throws -> RawPacker {
        if let known = withState({ $0.packer }) { return known }
        let (sourceID, raw) = (source.id, store.raw)
        let packer = try await store.read { try raw.packer(source: sourceID, in: $0) }
        withState { state in
            state.packer = state.packer ?? packer
            if packer.hasDictionary { state.isTrained = true }
        }
        return packer
    }

    /// Packs the issues again that were stored before the dictionary was there, and says what could not be read.
    func finishIssues() async throws {
        let (sourceID, raw) = (source.id, store.raw)
        if let packer = withState({ $0.packer }), packer.hasDictionary {
            while try await store.write({ try raw.repack(source: sourceID, with: packer, limit: 500, in: $0) }) > 0 {}
        }
        try await settleIndex()
        try await completeAccess()
        let (missing, quarantined, parts) = withState {
            ($0.missing, $0.summary.issues.quarantined, $0.damagedParts)
        }
        if parts > 0 {
            warn(
                .partsQuarantined,
                "\(parts) comments, worklogs or attachments could not be read and are not shown; they are tried again with their issues."
            )
        }
        if missing > 0 {
            warn(
                .issuesUnavailable,
                "\(missing) issues were listed but not returned: deleted meanwhile, or the index was behind.")
        }
        if quarantined > 0 {
            warn(
                .issuesQuarantined,
                "\(quarantined) issues could not be read and were set aside; they are tried again at the next run.")
        }
    }

    /// Merges the search index where this run wrote most of it: a full read leaves it in many pieces, and every query
    /// would pay for them.
    private func settleIndex() async throws {
        let (sourceID, written) = (source.id, withState { $0.summary.issues.stored })
        guard written >= 1_000 else { return }
        try await store.write { context in
            let all = try IssueRecords.counts(source: sourceID, in: context.connection).issues
            if written * 2 >= all { try SearchIndexWriter.settle(in: context.connection) }
        }
    }
}
