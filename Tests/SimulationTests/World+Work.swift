import Simulation
import Synchronization
import SimulatedData
import SiteConnection
import Store
import SyncEngine

/// Drawbridge at work: one synchronisation after the other, through failures and restarts.
extension World {
    /// Keeps the program running until everything is over.
    func operate() async {
        var random = SeededRandom(seed: scenario.seed, stream: 0x0b, item: 0)
        while !isOver {
            if await lifeEnded(seed: random.next()) {
                event("restart")
                await sleep(seconds: random.within(1...120))
            }
            if !isOver, machine == nil, await start() == nil { await sleep(seconds: 30) }
        }
    }

    /// Lives one life of the program that runs, if one does.
    ///
    /// - Returns: Whether it was killed.
    private func lifeEnded(seed: UInt64) async -> Bool {
        guard let machine else { return false }
        await live(machine, seed)
        guard machine.process.isKilled else { return false }
        state.withLock { $0.machine = nil }
        await machine.stop()
        return true
    }

    /// A new life on what the last one left; nil where it cannot start now.
    func start() async -> Machine? {
        do {
            let machine = try await Machine(self)
            state.withLock { $0.machine = machine }
            return machine
        } catch {
            event("start failed: \(error)")
            return nil
        }
    }

    /// One life, until all is over or it is killed.
    private func live(_ machine: Machine, _ seed: UInt64) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.work(machine, seed) }
            group.addTask { for await _ in machine.life {} }
            await group.next()
            group.cancelAll()
        }
    }

    private func work(_ machine: Machine, _ seed: UInt64) async {
        var random = SeededRandom(seed: seed)
        var turn = 0
        while !isOver, !machine.process.isKilled {
            await synchronise(machine, turn == 0 ? .all : extent(turn, &random))
            turn += 1
            await wait(random.within(scenario.interval), machine)
        }
    }

    /// Waits for the next turn, and reads what webhooks name meanwhile.
    private func wait(_ seconds: Int, _ machine: Machine) async {
        let until = clock.now + Milliseconds(seconds) * 1_000
        while clock.now < until, !isOver, !machine.process.isKilled {
            await sleep(seconds: min(30, Int((until - clock.now) / 1_000) + 1))
            if scenario.webhooks.isOn, await collect(machine) { await synchronise(machine, .pending) }
        }
    }

    private func extent(_ turn: Int, _ random: inout SeededRandom) -> SyncExtent {
        switch random.below(10) {
        case 0...5: .changes
        case 6: .catalogue
        case 7: .pending
        default: .all
        }
    }

    /// One synchronisation, with what decides access where that is due.
    func synchronise(_ machine: Machine, _ extent: SyncExtent) async {
        if let plant { await plant.before(extent, machine, self) }
        do {
            if extent != .all, try await machine.service.untilAccessRefresh(of: Self.name) == .zero {
                _ = try await machine.service.refreshAccess(Self.name)
            }
            if plant?.allows(extent) ?? true || !state.withLock({ $0.wasRead }) {
                _ = try await machine.service.synchronise(Self.name, extent)
            }
            state.withLock { state in
                state.runs += 1
                if extent == .all { state.wasRead = true }
            }
            trace.note("\(clock.now) \(extent.name) done")
        } catch {
            trace.note("\(clock.now) \(extent.name) failed: \(error)")
            state.withLock { $0.failures[error.code.rawValue, default: 0] += 1 }
        }
        if let plant { await plant.after(extent, machine, self) }
        guard !machine.process.isKilled else { return }
        await check(machine, after: extent.name, readers: 2)
    }
}
