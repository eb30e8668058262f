import Synchronization
import Simulation
import Journal
import Scheduling
import SimulatedData
import SiteConnection
import Store
import SyncEngine

/// Drawbridge at work, through failures and restarts.
extension World {
    /// Keeps the program running until everything has come to rest.
    func operate() async {
        var random = SeededRandom(seed: scenario.seed, stream: 0x0b, item: 0)
        while !isFinished {
            if await lifeEnded() {
                event("restart")
                await sleep(seconds: random.within(1...120))
            }
            if !isFinished, machine == nil, await start() == nil { await sleep(seconds: 30) }
        }
    }

    /// Lives one life of the program that runs, if one does.
    ///
    /// - Returns: Whether it was killed.
    private func lifeEnded() async -> Bool {
        guard let machine else { return false }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await machine.run() }
            group.addTask { await self.sleepUntilFinished() }
            await group.next()
            group.cancelAll()
        }
        guard machine.process.isKilled else { return false }
        state.withLock { $0.machine = nil }
        await machine.stop()
        return true
    }

    private func sleepUntilFinished() async {
        while !isFinished, (try? await clock.sleep(for: .seconds(60))) != nil {}
    }

    /// A new life on what the last one left; nil where it cannot start now.
    private func start() async -> Machine? {
        do {
            let machine = try await Machine(self)
            state.withLock { $0.machine = machine }
            return machine
        } catch {
            event("start failed: \(error)")
            return nil
        }
    }

    /// Whether this kind of work is done at all.
    func allows(_ job: SourceWork.Job) -> Bool {
        if job == .census, !scenario.hasCensus { return false }
        return plant?.allows(job) ?? true || !state.withLock { $0.wasRead }
    }

    /// Notes what came of a job, and looks over readers' shoulders.
    func ended(_ job: SourceWork.Job, _ ending: Result<SourceWork.Outcome, SyncFailure>) async {
        switch ending {
        case .success:
            trace.note("\(clock.now) \(job.name) done")
            state.withLock { state in
                state.jobs[job.name, default: 0] += 1
                if job == .synchronise(.all) { state.wasRead = true }
            }
        case .failure(let failure):
            trace.note("\(clock.now) \(job.name) failed: \(failure)")
            state.withLock { $0.failures[failure.code.rawValue, default: 0] += 1 }
        }
        // What is under way when the run ends is broken off, and so would be a look at it: all is compared then anyway.
        guard let machine, !isFinished, !machine.process.isKilled, job != .upkeep, job != .webhooks else { return }
        await check(machine, after: job.name, readers: 1)
        await checkProgress(machine, after: job.name)
    }

    // MARK: The administrator of Drawbridge

    /// Looks now and then whether Drawbridge gave up, as where its credential is refused, and has it try again.
    func administer() async {
        while !isFinished {
            await sleep(seconds: 600)
            await askAgain()
        }
    }

    private func askAgain() async {
        guard let machine, !machine.process.isKilled else { return }
        let now = wall.now
        do {
            let didAsk = try await machine.store.write { context -> Bool in
                guard let source = try SourceRecords.find(Self.name, in: context.connection)?.id,
                    try ScheduleRecord.of(source: source, in: context.connection).stopped != nil
                else { return false }
                let request = SourceWork.Job.synchronise(.all).request
                _ = try Requests.post(
                    kind: request.kind, argument: request.argument, source: source, at: now, in: context)
                return true
            }
            if didAsk { event("administrator asks again") }
        } catch {
            trace.note("\(clock.now) the administrator cannot ask: \(error)")
        }
    }

    /// Makes the schedule of the source what the scenario says, or what is quick enough at rest.
    func setSchedule(_ schedule: SyncSchedule, accessEvery seconds: Int) async {
        guard let machine else { return }
        do {
            try await machine.store.write { context in
                guard var source = try SourceRecords.find(Self.name, in: context.connection) else { return }
                source.accessOptions = AccessOptions(refresh: seconds, auditShare: 0)
                try SourceRecords.update(source, in: context)
                try schedule.store(source: source.id, in: context)
            }
        } catch {
            trace.note("\(clock.now) the schedule cannot be set: \(error)")
        }
    }
}
