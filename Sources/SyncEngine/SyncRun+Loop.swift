import IssueModel
import SiteConnection

extension SyncRun {
    /// What an action came to.
    enum Outcome: Sendable {
        case completed(SyncPhase)
        case failed(SyncPhase, SyncFailure)
        case lanesChosen([SyncPlan.Lane], SyncCheckpoint)
        case listed(lane: Int, Listing)
        case projectsGone(lane: Int, [EntityID])
        case prepared(SyncPlan.Unit, PreparedUnit)
        case committed
    }

    /// Performs the plan's actions, as many at once as the plan allows, until it ends.
    ///
    /// What an action produced travels through this loop and belongs to it alone: fetched pages until they are prepared,
    /// prepared units until they are stored. The plan's limits bound how many there are.
    func drive() async throws(SyncFailure) {
        let result = await withTaskGroup(of: Outcome.self, returning: Result<Void, SyncFailure>.self) { group in
            var plan = SyncPlan(limits: options.limits, phases: extent.phases)
            var held = Held()
            var actions = plan.handle(.begin)
            while true {
                for action in actions {
                    if action == .finish { return .success(()) }
                    enter(plan.phase)
                    start(action, in: &group, &held)
                }
                guard let outcome = await group.next() else { return .success(()) }
                if case .failed(let phase, let failure) = outcome {
                    if isFatal(failure, in: phase) {
                        group.cancelAll()
                        return .failure(failure)
                    }
                    warn(failure, in: phase)
                }
                actions = plan.handle(event(of: outcome, &held))
            }
        }
        return try result.get()
    }

    /// Content between two actions.
    struct Held {
        var fetched: [SyncPlan.Unit: FetchedUnit] = [:]
        var prepared: [SyncPlan.Unit: PreparedUnit] = [:]
        var pageNumbers: [Int: Int] = [:]
    }

    private func event(of outcome: Outcome, _ held: inout Held) -> SyncPlan.Event {
        switch outcome {
        case .completed(let phase): return .completed(phase)
        case .failed(let phase, _): return .failed(phase, isFatal: false)
        case .lanesChosen(let lanes, let checkpoint): return .lanesChosen(lanes, checkpoint: checkpoint)
        case .projectsGone(let lane, let projects): return .projectsGone(lane: lane, projects: projects)
        case .listed(let lane, let listing):
            let page = held.pageNumbers[lane, default: 0]
            held.pageNumbers[lane] = page + 1
            for (part, unit) in listing.units.enumerated() where unit.batch != nil {
                held.fetched[SyncPlan.Unit(lane: lane, page: page, part: part, issues: unit.ids)] = unit
            }
            return .listed(lane: lane, parts: listing.units.map(\.ids), next: listing.next, asOf: listing.asOf)
        case .prepared(let unit, let content):
            held.prepared[unit] = content
            return .prepared(unit, newest: content.newest)
        case .committed: return .committed
        }
    }

    private func start(_ action: SyncPlan.Action, in group: inout TaskGroup<Outcome>, _ held: inout Held) {
        switch action {
        case .perform(let phase):
            group.addTask { await self.attempt(phase) { try await self.perform(phase) } }
        case .chooseLanes:
            group.addTask { await self.attempt(.issues) { try await self.chooseLanes() } }
        case .list(let lane, let after):
            group.addTask { await self.attempt(.issues) { try await self.list(lane: lane, after: after) } }
        case .prepare(let unit):
            let fetched = held.fetched.removeValue(forKey: unit) ?? FetchedUnit(ids: unit.issues, batch: nil)
            group.addTask {
                await self.attempt(.issues) { .prepared(unit, try await self.prepare(fetched, lane: unit.lane)) }
            }
        case .commit(let units, let checkpoint):
            let content = units.compactMap { held.prepared.removeValue(forKey: $0) }
            group.addTask {
                await self.attempt(.issues) {
                    try await self.commit(content, checkpoint)
                    return .committed
                }
            }
        case .finish, .stop: break
        }
    }

    private func attempt(_ phase: SyncPhase, _ body: () async throws -> Outcome) async -> Outcome {
        do {
            return try await body()
        } catch {
            return .failed(phase, SyncFailure(error, in: phase))
        }
    }
}
