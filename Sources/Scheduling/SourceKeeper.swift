public import JiraClient
public import Observability
public import SiteConnection
public import Store
import IssueModel
import Journal
import Synchronization

/// Keeps every source in step, each by its own schedule, until its task is cancelled.
///
/// One job at a time for each source, several sources at once. Follows what others do to sources meanwhile – added,
/// removed, paused, resumed, another schedule or credential – and what they ask for in ``Requests``. A source is worked on
/// under its lease, so that a second keeper does not do the same.
///
/// ```swift
/// let keeper = SourceKeeper(store: store, work: .service(service, store: store), options: .init(holder: "4711"))
/// try await keeper.run()
/// ```
public final class SourceKeeper: Sendable {
    public struct Options: Sendable {
        /// Names this keeper among all processes that share the store.
        public var holder: String
        /// How long a lease holds that nobody renews.
        public var lease: Duration = .seconds(60)
        /// While a job runs, from one look at what others changed, with a note of how far the job is, to the next.
        public var heartbeat: Duration = .seconds(2)
        /// From one look at what others ask for to the next. ``SourceKeeper/wake()`` makes it earlier.
        public var poll: Duration = .seconds(1)
        /// Only the source of this name.
        public var only: String?
        /// What comes before the schedule begins, once for each source.
        public var first: SourceWork.Job?
        /// Changes the stored schedule for as long as this keeper runs.
        public var adjust: @Sendable (inout SourceSchedule.Facts) -> Void = { _ in }
        /// Failures that end the keeper.
        public var ends: @Sendable (SyncFailure) -> Bool = { _ in false }
        public var intervals = SourceSchedule.Intervals()

        public init(holder: String) {
            self.holder = holder
        }
    }

    /// What happens, for those who watch.
    public enum Event: Sendable {
        case began(source: String, job: SourceWork.Job)
        case progress(source: String, SyncProgress)
        case ended(source: String, job: SourceWork.Job, Result<SourceWork.Outcome, SyncFailure>)
        /// Nothing is due for a while.
        case waits(source: String, seconds: Int)
    }

    let store: Store
    let work: SourceWork
    let options: Options
    let schedule: SourceSchedule
    let time: TimeSource
    let log: Log
    let metrics: Metrics?
    let onEvent: @Sendable (Event) -> Void
    private let doorbell = Bell()
    private let state = Mutex(State())

    private struct State {
        /// By source: what wakes its task.
        var bells: [Int64: Bell] = [:]
        var digests: [Int64: String] = [:]
        var tasks: Set<Int64> = []
        /// When it was last told that nothing could be collected.
        var collectingFailed: Duration?

        mutating func bell(of source: Int64) -> Bell {
            if let bell = bells[source] { return bell }
            let bell = Bell()
            bells[source] = bell
            return bell
        }

        mutating func forget(_ source: Int64) {
            tasks.remove(source)
            bells[source] = nil
            digests[source] = nil
        }
    }

    /// - Parameter onEvent: Called from any task; must not block.
    public init(
        store: Store, work: SourceWork, options: Options, time: TimeSource = .system, log: Log = .silent,
        metrics: Metrics? = nil, onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.store = store
        self.work = work
        self.options = options
        schedule = SourceSchedule(intervals: options.intervals)
        self.time = time
        self.log = log
        self.metrics = metrics
        self.onEvent = onEvent
    }

    /// Looks at once what there is to do: a webhook came, say. May be called from anywhere, as often as one likes.
    public func wake() { doorbell.ring() }

    /// Works until the surrounding task is cancelled; what is under way then is broken off where it may be.
    ///
    /// - Throws: A failure that the options say ends the keeper.
    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled, !group.isCancelled {
                for id in await newcomers() {
                    group.addTask { try await self.keep(id) }
                }
                await doorbell.wait(atMost: options.poll, time)
            }
            group.cancelAll()
        }
    }

    /// Says that nothing comes next by itself, for those who look at the sources' state after the keeper has ended.
    public func retire() async throws {
        let (now, only) = (time.now(), options.only?.lowercased())
        try await store.write { context in
            for source in try SourceRecords.all(in: context.connection, includingRemoved: false)
            where only == nil || source.name.lowercased() == only {
                var record = try ScheduleRecord.of(source: source.id, in: context.connection)
                guard record.next != nil || record.isQuiet else { continue }
                (record.next, record.isQuiet) = (nil, false)
                try record.store(at: now, source: source.id, in: context)
            }
        }
    }

    /// Collects what waits outside of the store, wakes the tasks of sources that have something new, and returns the sources
    /// that have no task as yet.
    private func newcomers() async -> [Int64] {
        do {
            try await collect()
            let found = try await store.read { try KeeperFacts.digests(in: $0) }
            let wanted = found.filter { options.only == nil || $0.name.lowercased() == options.only?.lowercased() }
            let (bells, newcomers) = state.withLock { state in
                var bells: [Bell] = []
                var newcomers: [Int64] = []
                for source in wanted {
                    if state.tasks.insert(source.id).inserted { newcomers.append(source.id) }
                    if state.digests.updateValue(source.digest, forKey: source.id) != source.digest {
                        bells.append(state.bell(of: source.id))
                    }
                }
                // A removed source's task looks once more, and ends.
                for id in state.tasks.subtracting(wanted.map(\.id)) { bells.append(state.bell(of: id)) }
                return (bells, newcomers)
            }
            for bell in bells { bell.ring() }
            return newcomers
        } catch is CancellationError {
            return []
        } catch {
            log.error("keeper.store.failed", "The data folder could not be used.", ["cause": .string("\(error)")])
            try? await time.sleep(.seconds(5))
            return []
        }
    }

    /// Brings what waits outside of the store into it. Where that fails, sources are kept in step without.
    private func collect() async throws {
        do {
            try await work.collect()
        } catch let error as CancellationError {
            throw error
        } catch {
            let now = time.elapsed()
            let isTold = state.withLock { state in
                if let last = state.collectingFailed, now - last < .seconds(60) { return true }
                state.collectingFailed = now
                return false
            }
            if isTold { return }
            log.error(
                "keeper.collect.failed", "What webhooks told of cannot be taken up; what changed is found without.",
                ["cause": .string("\(error)")])
        }
    }

    /// One source's task.
    private func keep(_ id: Int64) async throws {
        let bell = state.withLock { $0.bell(of: id) }
        defer {
            state.withLock { $0.forget(id) }
            doorbell.ring()
        }
        var first = options.first
        while !Task.isCancelled {
            do {
                guard let known = try await known(id), known.facts.state != .removed else { return }
                if let request = known.requests.first {
                    try await answer(request, known)
                } else if let job = first, known.facts.state == .active {
                    if try await perform(job, known) { first = nil }
                } else {
                    try await takeTurn(known, bell)
                }
            } catch is CancellationError {
                return
            } catch let failure as SyncFailure {
                if options.ends(failure) { throw failure }
                if first != nil { await bell.wait(atMost: .seconds(30), time) }
            } catch {
                log.error("keeper.store.failed", "The data folder could not be used.", ["cause": .string("\(error)")])
                // A wait that is broken off is the program's end.
                guard (try? await time.sleep(.seconds(10))) != nil else { return }
            }
        }
    }

    private func takeTurn(_ known: KeeperFacts, _ bell: Bell) async throws {
        let now = time.now()
        switch schedule.next(known.facts, at: now) {
        case .run(let kind):
            try await perform(SourceWork.Job(kind), known)
        case .wait(let until, let then, let isQuiet):
            try await note(next: .init(job: then.rawValue, at: until), isQuiet: isQuiet, known)
            let wait = Duration.milliseconds(max(1, until.rawValue - now.rawValue))
            onEvent(.waits(source: known.source.name, seconds: Int(wait.components.seconds)))
            // A clock that is set forward is noticed within the hour.
            await bell.wait(atMost: min(wait, .seconds(3_600)), time)
        case .rest:
            try await note(next: nil, isQuiet: false, known)
            await bell.wait(atMost: .seconds(3_600), time)
        }
    }

    func known(_ id: Int64) async throws -> KeeperFacts? {
        guard var known = try await store.read({ try KeeperFacts(id, in: $0) }) else { return nil }
        known.facts.without = work.without(known.source)
        if work.registersWebhooks, known.facts.wasReadWholly, !known.source.isAnonymous,
            known.facts.record.jobs[JobKind.webhooks.rawValue] == nil
        {
            known.facts.webhooksDue = known.facts.webhooksDue ?? .distantPast
        }
        options.adjust(&known.facts)
        return known
    }

    /// Keeps what comes next for those who look at the source's state.
    private func note(next: ScheduleRecord.Next?, isQuiet: Bool, _ known: KeeperFacts) async throws {
        var record = known.facts.record
        guard record.next != next || record.isQuiet != isQuiet else { return }
        (record.next, record.isQuiet) = (next, isQuiet)
        let (changed, now, id) = (record, time.now(), known.source.id)
        try await store.write { try changed.store(at: now, source: id, in: $0) }
    }
}
