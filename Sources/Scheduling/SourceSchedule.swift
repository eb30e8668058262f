public import IssueModel
public import Journal
public import Store

/// Says what is to be done next for a source, and when. Pure: what is known and the time come in.
public struct SourceSchedule: Sendable {
    /// What is known of a source.
    public struct Facts: Hashable, Sendable {
        public var source: Int64 = 0
        public var state = Source.State.active
        public var schedule = SyncSchedule()
        public var access = AccessOptions()
        public var record = ScheduleRecord()
        /// Tells the stored credential from another one.
        public var credential = ""
        /// Whether it was read wholly once; deltas make no sense before.
        public var wasReadWholly = false
        /// When the first issue that waits may be read.
        public var pendingDue: Timestamp?
        /// When who may see what was read last.
        public var accessRead: Timestamp?
        /// When its webhooks are to be looked after; `nil` where it has none.
        public var webhooksDue: Timestamp?
        /// Whether a webhook told of something that the catalogue holds.
        public var isCatalogueStale = false
        /// Whether a webhook told of a change without saying of what, or one was lost.
        public var areChangesAsked = false
        /// Jobs that cannot be done here, such as the audit where it is switched off.
        public var without: Set<JobKind> = []

        public init() {}
    }

    public enum Step: Hashable, Sendable {
        case run(JobKind)
        /// Nothing is due before.
        case wait(until: Timestamp, then: JobKind, isQuiet: Bool)
        /// Nothing will be due until somebody acts.
        case rest(Reason)
    }

    public enum Reason: String, Hashable, Sendable {
        case paused, removed
        /// The credential is refused.
        case stopped
        /// Everything there is waits for somebody to ask.
        case manual
    }

    /// How long what nobody sets takes from one turn to the next, in seconds, and how failures are waited out.
    public struct Intervals: Hashable, Sendable {
        public var webhooksPause = 60
        public var upkeep = 86_400
        /// A catalogue that webhooks called stale is read no sooner after the last one.
        public var staleCatalogue = 10
        /// Changes that are asked for are read no sooner after the last reading.
        public var askedChanges = 2
        /// From one part of a census to the next.
        public var censusPart = 5
        /// From one reading of waiting issues to the next, in milliseconds: what comes meanwhile is read together.
        public var pendingPause = 300
        /// The same where something waits still that the last reading should have read, in milliseconds.
        public var pendingAgain = 1_000
        /// What waits to be read goes before anything else that is late by no more than this, in seconds: a site where
        /// something changes all the time has its other turns too.
        public var pendingPrecedence = 30
        /// The longest wait after failures.
        public var longestBackoff = 900

        public init() {}
    }

    public var intervals: Intervals

    public init(intervals: Intervals = Intervals()) {
        self.intervals = intervals
    }

    /// What to do at `now`.
    public func next(_ facts: Facts, at now: Timestamp) -> Step {
        switch facts.state {
        case .paused: return .rest(.paused)
        case .removed: return .rest(.removed)
        case .active: break
        }
        if let stopped = facts.record.stopped, stopped.credential == facts.credential { return .rest(.stopped) }
        let quietEnd = facts.schedule.quiet?.end(at: now)
        var first: (kind: JobKind, at: Timestamp)?
        var ready: [(kind: JobKind, at: Timestamp)] = []
        for kind in JobKind.allCases where !facts.without.contains(kind) {
            if facts.schedule.isManual, !kind.isDoneUnasked { continue }
            guard var at = due(kind, facts, now) else { continue }
            if let quietEnd, !kind.isDoneInQuietHours { at = max(at, quietEnd) }
            if at <= now { ready.append((kind, at)) }
            if first.map({ at < $0.at }) ?? true { first = (kind, at) }
        }
        if let kind = chosen(of: ready, facts, at: now) { return .run(kind) }
        guard let first else { return .rest(.manual) }
        return .wait(until: first.at, then: first.kind, isQuiet: quietEnd != nil)
    }

    /// The most important of what is due; in its place what is late.
    ///
    /// What waits goes before all that is not very late. Nothing is passed over twice for any other job: where reading
    /// changes, say, takes longer than from one turn to the next, it would else be all that is ever done.
    private func chosen(of due: [(kind: JobKind, at: Timestamp)], _ facts: Facts, at now: Timestamp) -> JobKind? {
        guard let first = due.first else { return nil }
        let last = earlier(facts.record.jobs[first.kind.rawValue]?.started, now) ?? .distantPast
        let limit = first.kind == .pending ? now.advanced(seconds: -intervals.pendingPrecedence) : last
        return (due.dropFirst().filter { $0.at < limit }.min { $0.at < $1.at } ?? first).kind
    }

    /// When a job's turn comes; `nil` where it does not.
    func due(_ kind: JobKind, _ facts: Facts, _ now: Timestamp) -> Timestamp? {
        guard let usual = usualTurn(kind, facts, now) else { return nil }
        return [usual, backoff(kind, facts), siteBackoff(facts)].compactMap(\.self).max()
    }

    private func usualTurn(_ kind: JobKind, _ facts: Facts, _ now: Timestamp) -> Timestamp? {
        let job = facts.record.jobs[kind.rawValue]
        switch kind {
        case .everything:
            guard facts.wasReadWholly else { return .distantPast }
            return turn(after: earlier(job?.good, now), every: seconds(kind, facts), kind, facts)
        case .access:
            // The first read begins with it.
            guard facts.wasReadWholly || facts.accessRead != nil else { return nil }
            return turn(after: earlier(facts.accessRead, now), every: facts.access.refresh, kind, facts)
        case .pending:
            guard facts.wasReadWholly, let due = facts.pendingDue else { return nil }
            guard let job, job.started <= now else { return due }
            // What was due before the last reading and waits still was not to be had; the next try is not so urgent.
            let pause = due <= job.started ? intervals.pendingAgain : intervals.pendingPause
            return max(due, job.started.advanced(milliseconds: Int64(pause)))
        case .changes, .catalogue, .census, .audit:
            guard facts.wasReadWholly else { return nil }
            if kind == .census, let job, job.hasMore {
                return job.ended.advanced(seconds: intervals.censusPart)
            }
            let last = earlier(job?.started ?? facts.record.jobs[JobKind.everything.rawValue]?.good, now)
            if kind == .census, job == nil {
                // Reading everything comes round as often as a census: counted from that, the first one might never come.
                return turn(after: last, every: seconds(kind, facts) / 2, kind, facts)
            }
            if kind == .catalogue, facts.isCatalogueStale {
                return last.map { $0.advanced(seconds: intervals.staleCatalogue) } ?? .distantPast
            }
            if kind == .changes, facts.areChangesAsked {
                return last.map { $0.advanced(seconds: intervals.askedChanges) } ?? .distantPast
            }
            return turn(after: last, every: seconds(kind, facts), kind, facts)
        case .webhooks:
            guard let due = facts.webhooksDue else { return nil }
            return max(due, job.map { $0.started.advanced(seconds: intervals.webhooksPause) } ?? due)
        case .upkeep:
            return turn(after: earlier(job?.started, now), every: seconds(kind, facts), kind, facts)
        }
    }

    private func seconds(_ kind: JobKind, _ facts: Facts) -> Int {
        switch kind {
        case .access, .audit: facts.access.refresh
        case .changes, .pending: facts.schedule.changes
        case .catalogue: facts.schedule.catalogue
        case .census, .everything: facts.schedule.census
        case .webhooks, .upkeep: intervals.upkeep
        }
    }

    /// A moment of the past as it is; one that our clock, set back since, says is to come counts as none.
    private func earlier(_ moment: Timestamp?, _ now: Timestamp) -> Timestamp? {
        moment.flatMap { $0 <= now ? $0 : nil }
    }

    /// A tenth earlier or later, by chance but the same whenever asked, so that sources do not march in step. Who may see
    /// what is only ever early.
    private func turn(after last: Timestamp?, every seconds: Int, _ kind: JobKind, _ facts: Facts) -> Timestamp {
        guard let last else { return .distantPast }
        var hash = UInt64(bitPattern: last.rawValue) ^ (UInt64(bitPattern: facts.source) &* 0x9E37_79B9_7F4A_7C15)
        for byte in kind.rawValue.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 29
        let chance = Double((hash &* 0xBF58_476D_1CE4_E5B9) >> 40) / Double(1 << 24)
        let factor = kind == .access ? 1 - 0.1 * chance : 0.9 + 0.2 * chance
        return last.advanced(milliseconds: Int64(Double(seconds) * 1_000 * factor))
    }

    /// After failures of one job, twice as long each time.
    private func backoff(_ kind: JobKind, _ facts: Facts) -> Timestamp? {
        guard let job = facts.record.jobs[kind.rawValue], job.failures > 0 else { return nil }
        return job.ended.advanced(seconds: wait(failures: job.failures, facts))
    }

    /// After failures that concern the whole site.
    private func siteBackoff(_ facts: Facts) -> Timestamp? {
        guard facts.record.failures > 0, let failed = facts.record.failed else { return nil }
        return failed.advanced(seconds: wait(failures: facts.record.failures, facts))
    }

    func wait(failures: Int, _ facts: Facts) -> Int {
        let first = min(facts.schedule.changes, 60)
        return min(first << min(failures - 1, 20), intervals.longestBackoff)
    }
}

extension Timestamp {
    static var distantPast: Timestamp { Timestamp(milliseconds: 0) }

    func advanced(seconds: Int) -> Timestamp { Timestamp(milliseconds: rawValue + Int64(seconds) * 1_000) }

    func advanced(milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: rawValue + milliseconds) }
}
