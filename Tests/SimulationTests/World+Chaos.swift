import SimulatedSite
import JiraSimulator
import SimulatedData
import Simulation

/// Accidents.
extension World {
    func chaos() async {
        guard !scenario.accidents.isEmpty else { return }
        var random = SeededRandom(seed: scenario.seed, stream: 0xc4, item: 0)
        while true {
            await sleep(seconds: random.within(scenario.accidentEvery) * 60)
            guard !isOver else { return }
            await happen(random.pick(scenario.accidents), &random)
        }
    }

    private func happen(_ accident: Scenario.Accident, _ random: inout SeededRandom) async {
        guard let disk = machine?.process.disk, let kill = machine?.kill else { return }
        event("accident \(accident.rawValue)")
        switch accident {
        case .kill:
            // At any await of whatever runs next.
            executor.interrupt(after: random.within(1...400), kill)
        case .diskFull: disk.fail(.full, after: random.below(60), count: random.within(1...40))
        case .shortWrite: disk.fail(.short, after: random.below(60), count: 1)
        case .clockStep: wall.skew = Milliseconds(random.within(-600...600)) * 1_000
        case .cut:
            network.isCut = true
            await sleep(seconds: random.within(30...600))
            network.isCut = false
        case .revoked:
            guard let secret = administratorsSecret else { return }
            jira.revoke(secret)
            await sleep(seconds: random.within(30...600))
            jira.restore(secret)
        }
    }

    private var administratorsSecret: String? {
        guard let administrator = jira.credentials.administrator else { return nil }
        return jira.credentials.all(of: site.current().users[administrator.index]).first?.secret
    }

    /// Puts right whatever went wrong.
    func endAccidents() {
        executor.cancelInterruption()
        network.menu = .quiet
        network.isCut = false
        network.onRequest(nil)
        jira.faults.removeAll()
        wall.skew = 0
        if let secret = administratorsSecret { jira.restore(secret) }
        jira.clearLoginFailures()
        machine?.process.disk.heal()
    }
}
