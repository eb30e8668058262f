import FastJSON
import IssueModel
import JiraClient
import Journal
import Observability
import SiteConnection
import Store
import Synchronization

extension SourceKeeper {
    /// How a job ended.
    private typealias Ending = Result<SourceWork.Outcome, SyncFailure>

    /// Does a job under the source's lease and keeps what came of it.
    ///
    /// - Returns: `false` where another keeper works on the source; some time has passed then.
    /// - Throws: The failure of the job, after it was noted.
    @discardableResult
    func perform(_ job: SourceWork.Job, _ known: KeeperFacts) async throws -> Bool {
        guard let ending = try await endingOfLeased(job, known) else { return false }
        _ = try ending.get()
        return true
    }

    /// Does what somebody asked for, and tells them what came of it.
    func answer(_ request: Requests.Request, _ known: KeeperFacts) async throws {
        let (id, now) = (request.id, time.now())
        guard now.rawValue - request.requested.rawValue < 3_600_000 else {
            return try await finish(id, outcome: "expired", answer: "{}")
        }
        guard let job = SourceWork.Job(request) else {
            return try await finish(id, outcome: "unknown", answer: "{}")
        }
        if let refusal = known.refusal {
            return try await finish(id, outcome: "failed", answer: SourceAnswer(.failure(refusal)).json)
        }
        try await store.write { try Requests.begin(id, at: now, in: $0) }
        guard let ending = try await endingOfLeased(job, known) else { return }
        // Broken off at the end of this program: whoever asked is told so by that.
        if case .failure(let failure) = ending, failure.code == .cancelled, Task.isCancelled { return }
        let outcome = if case .success = ending { "done" } else { "failed" }
        try await finish(id, outcome: outcome, answer: SourceAnswer(ending).json)
    }

    private func finish(_ request: Int64, outcome: String, answer: String) async throws {
        let now = time.now()
        try await store.write {
            try Requests.finish(request, outcome: outcome, answer: answer, at: now, in: $0)
        }
    }

    /// Does one job for the source of this name, as for a command that ends with it.
    ///
    /// - Throws: The failure of the job; `sourceBusy` where another process works on the source.
    public func once(_ job: SourceWork.Job, for name: String) async throws -> SourceWork.Outcome {
        let id = try await store.read { try SourceRecords.find(name, in: $0)?.id }
        guard let id, let known = try await known(id), known.facts.state != .removed else {
            throw SyncFailure(
                .sourceUnknown, what: "There is no source named \(name).",
                fix: "List the sources with drawbridge source list.")
        }
        if let refusal = known.refusal { throw refusal }
        guard let ending = try await endingOfLeased(job, known, isLast: true) else {
            throw SyncFailure(
                .sourceBusy, what: "Another process synchronises \(name).", fix: "Wait for it to end, or stop it.")
        }
        return try ending.get()
    }

    private func endingOfLeased(_ job: SourceWork.Job, _ known: KeeperFacts, isLast: Bool = false) async throws
        -> Ending?
    {
        let (source, began, options) = (known.source, time.now(), options)
        let isOurs = try await store.write {
            try SourceLeases.acquire(
                source: source.id, holder: options.holder, job: job.name, now: began, for: options.lease, in: $0)
        }
        guard isOurs || !isLast else { return nil }
        guard isOurs else {
            log.debug("keeper.lease.taken", "Another process works on the source.", ["source": .string(source.name)])
            try await time.sleep(min(options.lease, .seconds(5)))
            return nil
        }
        onEvent(.began(source: source.name, job: job))
        let start = time.elapsed()
        let ending = await run(job, source)
        measure(job, source, ending, time.elapsed() - start)
        try await keep(ending, of: job, began: began, known, isLast: isLast)
        onEvent(.ended(source: source.name, job: job, ending))
        return ending
    }

    // MARK: Running

    private enum Message: Sendable {
        case ended(Ending)
        /// The job must end: the source was paused or removed, or the lease lost.
        case halt
        case attended
    }

    private func run(_ job: SourceWork.Job, _ source: Source) async -> Ending {
        let progress = LatestProgress()
        let (work, onEvent) = (work, onEvent)
        return await withTaskGroup(of: Message.self) { group in
            group.addTask {
                do throws(SyncFailure) {
                    return .ended(
                        .success(
                            try await work.perform(job, source) { step in
                                progress.note(step)
                                onEvent(.progress(source: source.name, step))
                            }))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask { await self.attend(source, progress) }
            var ending: Ending = .failure(SyncFailure(.cancelled, what: "The job was stopped."))
            for await message in group {
                if case .ended(let result) = message { ending = result }
                if case .attended = message { continue }
                group.cancelAll()
            }
            return ending
        }
    }

    /// While a job runs: renews the lease, notes how far the job is, and sees whether it may go on.
    private func attend(_ source: Source, _ progress: LatestProgress) async -> Message {
        while (try? await time.sleep(options.heartbeat)) != nil {
            let (options, now) = (options, time.now())
            let note = progress.json(pacing: work.pacing(source.id))
            do {
                let mayGoOn = try await store.write { context in
                    let isOurs = try SourceLeases.renew(
                        source: source.id, holder: options.holder, now: now, for: options.lease, progress: note,
                        in: context)
                    let state = try SourceRecords.source(source.id, in: context.connection)?.state
                    return isOurs && state == .active
                }
                guard mayGoOn else { return .halt }
            } catch {
                // A disk that is full now may not be so at the next beat; the job itself fails where it must.
                continue
            }
        }
        return .attended
    }

    // MARK: Keeping what happened

    private func keep(
        _ ending: Ending, of job: SourceWork.Job, began: Timestamp, _ known: KeeperFacts, isLast: Bool
    ) async throws {
        let (source, now, holder) = (known.source.id, time.now(), options.holder)
        let pacing = LatestProgress().json(pacing: work.pacing(source))
        let (options, schedule) = (options, schedule)
        let stopped = try await store.write { context -> Bool in
            let connection = context.connection
            guard let credential = try KeeperFacts(source, in: connection)?.facts.credential else { return false }
            var record = try ScheduleRecord.of(source: source, in: connection)
            record.note(ending, of: job, began: began, ended: now, credential: known.facts.credential)
            // Replaced while the old one was being refused.
            if record.stopped?.credential != credential { record.stopped = nil }
            // Nobody goes on.
            if isLast { record.next = nil }
            try record.store(at: now, source: source, in: context)
            if case .success = ending {
                for reading in job.settles {
                    try DueReadings.settle(reading, readAt: began, source: source, in: context)
                }
            }
            _ = try SourceLeases.renew(
                source: source, holder: holder, now: now, for: options.lease, progress: pacing, in: context)
            try SourceLeases.release(source: source, holder: holder, in: context)
            guard !isLast, var facts = try KeeperFacts(source, in: connection)?.facts else {
                return record.stopped != nil
            }
            options.adjust(&facts)
            if case .wait(let until, let then, let isQuiet) = schedule.next(facts, at: now) {
                record.next = .init(job: then.rawValue, at: until)
                record.isQuiet = isQuiet
                try record.store(at: now, source: source, in: context)
            }
            return record.stopped != nil
        }
        report(ending, of: job, known.source, stopped: stopped)
    }

    private func report(_ ending: Ending, of job: SourceWork.Job, _ source: Source, stopped: Bool) {
        let (name, what) = (LogValue.string(source.name), LogValue.string(job.name))
        switch ending {
        case .success:
            log.info("keeper.job.done", "A job ended.", ["source": name, "job": what])
        case .failure(let failure) where failure.code == .cancelled:
            log.info("keeper.job.stopped", "A job was stopped.", ["source": name, "job": what])
        case .failure(let failure) where stopped:
            log.error(
                "keeper.source.stopped", "The source is not kept in step until somebody acts.",
                ["source": name, "job": what, "cause": .string(failure.description)])
        case .failure(let failure):
            log.warning(
                "keeper.job.failed", "A job failed and is tried again later.",
                ["source": name, "job": what, "cause": .string(failure.description)])
        }
    }

    private func measure(_ job: SourceWork.Job, _ source: Source, _ ending: Ending, _ duration: Duration) {
        let outcome =
            switch ending {
            case .success: "done"
            case .failure(let failure): failure.code.rawValue
            }
        metrics?.add(1, to: .jobs, ["source": source.name, "job": job.name, "outcome": outcome])
        metrics?.observe(duration / .seconds(1), in: .jobSeconds, ["source": source.name, "job": job.name])
        guard let summary = SourceAnswer(ending).summary else { return }
        metrics?.add(Double(summary.requests), to: .requests, ["source": source.name])
        metrics?.add(Double(summary.issues.stored), to: .issuesStored, ["source": source.name])
    }
}

extension Metric {
    fileprivate static let jobs = counter(
        "drawbridge_jobs_total", "Jobs that ended, by source, job and outcome.")
    fileprivate static let jobSeconds = histogram(
        "drawbridge_job_seconds", "How long jobs took.", bounds: [0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200])
    fileprivate static let requests = counter(
        "drawbridge_sync_requests_total", "Requests that synchronisations sent to Jira.")
    fileprivate static let issuesStored = counter(
        "drawbridge_issues_stored_total", "Issues that were new or had changed.")
}

extension KeeperFacts {
    /// Why nothing can be asked for now.
    var refusal: SyncFailure? {
        source.state == .paused
            ? SyncFailure(
                .sourcePaused, what: "The source \(source.name) is paused.",
                fix: "Resume it with drawbridge source resume.")
            : nil
    }
}

extension ScheduleRecord {
    /// Takes note of how a job ended.
    mutating func note(
        _ ending: Result<SourceWork.Outcome, SyncFailure>, of job: SourceWork.Job, began: Timestamp, ended: Timestamp,
        credential: String
    ) {
        switch ending {
        case .success(let outcome):
            (failures, failed, stopped) = (0, nil, nil)
            guard let kind = job.kind else { return }
            // The whole includes these parts.
            for kind in kind == .everything ? [kind, .changes, .catalogue, .pending] : [kind] {
                var entry = Job(started: began, ended: ended)
                entry.good = began
                entry.hasMore = outcome.hasMore
                jobs[kind.rawValue] = entry
            }
        case .failure(let failure) where [.cancelled, .sourcePaused, .sourceUnknown].contains(failure.code):
            break
        case .failure(let failure) where [.credentialRefused, .secretsUnreadable].contains(failure.code):
            stopped = Stop(
                code: failure.code.rawValue,
                message: [failure.what, failure.fix].filter { !$0.isEmpty }.joined(separator: " "),
                at: ended, credential: credential)
            next = nil
        case .failure(let failure) where failure.kind == .unreachable:
            failures += 1
            failed = ended
        case .failure(let failure):
            guard let kind = job.kind else { return }
            var entry = jobs[kind.rawValue] ?? Job(started: began, ended: ended)
            (entry.started, entry.ended) = (began, ended)
            entry.failures += 1
            entry.problem = failure.code.rawValue
            jobs[kind.rawValue] = entry
        }
    }
}

/// How far a job is, as others see it.
private final class LatestProgress: Sendable {
    private let latest = Mutex<SyncProgress?>(nil)

    func note(_ progress: SyncProgress) { latest.withLock { $0 = progress } }

    func json(pacing: String?) -> String {
        var writer = JSONWriter()
        writer.object { json in
            if let progress = latest.withLock({ $0 }) {
                json.member("phase", progress.phase.rawValue)
                json.member("done", progress.done)
                if let total = progress.total { json.member("total", total) }
                json.member("rate", Int(progress.rate))
            }
            guard let pacing else { return }
            json.key("pacing")
            json.raw(pacing)
        }
        return writer.text
    }
}
