public import Database
public import FastJSON
public import IssueModel
public import Journal
public import Store

/// How far behind its site one source is, and why.
public struct SourceFreshness: Hashable, Sendable {
    /// The source's name.
    public var source: String
    public var state: Freshness.State
    /// Everything that Jira knew at this moment is stored; `nil` before the source was read wholly once.
    public var asOf: Timestamp?
    /// Seconds since ``asOf``; 0 without one.
    public var lagSeconds: Int64
    /// Issues that are known to have changed and wait to be read.
    public var pending: Int
    /// When the one that waits longest was due.
    public var oldestPending: Timestamp?
    /// When a complete listing last ended that finds what was deleted.
    public var lastCensus: Timestamp?
    /// What is done next by itself, and when; `nil` where nothing is.
    public var next: ScheduleRecord.Next?
    /// Whether it is left alone until its quiet hours end.
    public var isQuiet: Bool
    /// What keeps the source from being in step.
    public var cause: Cause?

    public struct Cause: Hashable, Sendable {
        /// Stable, for scripts.
        public var code: String
        public var message: String
    }

    /// Seconds that a change that was told of may wait until the source no longer counts as live.
    public static let pendingPatience: Int64 = 60

    public init(of source: Source, now: Timestamp, in connection: Connection) throws {
        self.source = source.name
        let (id, schedule) = (source.id, try SyncSchedule.of(source: source.id, in: connection))
        let record = try ScheduleRecord.of(source: id, in: connection)
        let reading = try IssueReadingState(source: id, in: connection)
        asOf = try Self.lastRead(id, record, in: connection)
        lagSeconds = asOf.map { max(0, (now.rawValue - $0.rawValue) / 1_000) } ?? 0
        (pending, oldestPending) = try PendingIssues.count(source: id, in: connection)
        lastCensus = try CensusRuns.latestEnded(source: id, in: connection)?.ended
        // A process that is no more cannot keep what it planned.
        let isAtWork = try SourceLeases.holding(of: id, now: now, in: connection) != nil
        let isKept = record.next.map { isAtWork || now.rawValue - $0.at.rawValue < Self.keeperPatience } ?? false
        next = isKept ? record.next : nil
        isQuiet = isKept && record.isQuiet
        cause = Self.cause(source, record, isKept: isKept)
        let patience = max(Freshness.patience, 3 * Int64(schedule.changes))
        let waits = oldestPending.map { max(0, now.rawValue - $0.rawValue) / 1_000 } ?? 0
        let isStopped = source.state != .active || record.stopped != nil || (cause != nil && !isKept)
        state =
            if isStopped {
                .stopped
            } else if asOf == nil || reading.isPartial {
                .partial
            } else if lagSeconds > patience || waits > Freshness.patience {
                .behind
            } else if isKept, waits <= Self.pendingPatience, try Self.hasWebhooks(id, now, in: connection) {
                .live
            } else {
                .polling
            }
    }

    /// Milliseconds that what was planned may be overdue, while nothing is done, until its keeper counts as gone.
    private static let keeperPatience: Int64 = 120_000

    /// When the last run began that ended well and reads everything that changed.
    private static func lastRead(
        _ source: Int64, _ record: ScheduleRecord, in connection: Connection
    ) throws -> Timestamp? {
        let runs = try SyncRuns.latest(source: source, limit: SyncRuns.keptRuns, in: connection)
        let last = runs.first {
            ($0.outcome == .done || $0.outcome == .partly) && ["update", "full", "changes"].contains($0.kind)
        }
        return [last?.started, record.jobs["changes"]?.good, record.jobs["everything"]?.good].compactMap(\.self).max()
    }

    private static func hasWebhooks(_ source: Int64, _ now: Timestamp, in connection: Connection) throws -> Bool {
        try WebhookRecords.all(source: source, in: connection).contains { record in
            record.state == .active && record.lastDelivery != nil && record.expires.map { $0 > now } ?? true
        }
    }

    private static func cause(_ source: Source, _ record: ScheduleRecord, isKept: Bool) -> Cause? {
        if source.state == .removed {
            return Cause(code: "source_removed", message: "The source was removed. Add it again to use it.")
        }
        if let stopped = record.stopped { return Cause(code: stopped.code, message: stopped.message) }
        if source.state == .paused {
            return Cause(
                code: "source_paused",
                message: "The source is paused. Resume it with drawbridge source resume \(source.name).")
        }
        // Deletions that wait for an answer keep nothing else from being read.
        guard let problem = source.problem, problem.code != "deletions_await_confirmation" else { return nil }
        return Cause(code: problem.code, message: problem.message)
    }

    /// Writes it as one object.
    func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("source", source)
            json.member("state", state.rawValue)
            json.member("lagSeconds", Int(lagSeconds))
            writeDetails(to: &json)
        }
    }

    /// Writes what there is beside the state and the lag, as members of the object under way.
    public func writeDetails(to json: inout JSONWriter) {
        json.member("pendingEvents", pending)
        json.member("oldestPending", oldestPending?.rfc3339)
        json.member("lastDelta", asOf?.rfc3339)
        json.member("lastCensus", lastCensus?.rfc3339)
        json.member("nextRun", next?.at.rfc3339)
        json.member("nextJob", next?.job)
        json.member("quietHours", isQuiet)
        json.key("cause")
        guard let cause else { return json.null() }
        json.object {
            $0.member("code", cause.code)
            $0.member("message", cause.message)
        }
    }
}

/// How far the first reading of a source's issues is, as far as freshness needs it.
struct IssueReadingState {
    /// Identities of projects that were read wholly.
    var covered: Set<String> = []
    /// Identities of projects that are being read for the first time.
    var underWay: Set<String> = []

    var isPartial: Bool { !underWay.subtracting(covered).isEmpty }

    init(source: Int64, in connection: Connection) throws {
        guard let stored = try Checkpoints.data("issues", source: source, in: connection),
            let checkpoint = try? JSONValue(parsing: stored)
        else { return }
        covered = Set((checkpoint["covered"]?.array ?? []).compactMap(\.string))
        for lane in checkpoint["backfill"]?["lanes"]?.array ?? [] {
            underWay.formUnion((lane["projects"]?.array ?? []).compactMap(\.string))
        }
    }
}

/// How far behind one project is.
public struct ProjectFreshness: Hashable, Sendable {
    public var key: String
    public var state: Freshness.State
    public var lagSeconds: Int64

    /// Every project of a source that Jira still lists, by key.
    public static func all(
        of source: Source, _ freshness: SourceFreshness, in connection: Connection
    ) throws -> [ProjectFreshness] {
        let reading = try IssueReadingState(source: source.id, in: connection)
        return try ProjectRecords.all(source: source.id, in: connection).compactMap { record in
            guard record.accessState != .gone, !record.project.isArchived else { return nil }
            let isRead = reading.covered.contains(record.project.id.rawValue)
            let state: Freshness.State =
                if freshness.state == .stopped {
                    .stopped
                } else if isRead {
                    freshness.state == .partial ? .polling : freshness.state
                } else {
                    .partial
                }
            return ProjectFreshness(
                key: record.project.key, state: state, lagSeconds: isRead ? freshness.lagSeconds : 0)
        }
    }
}
