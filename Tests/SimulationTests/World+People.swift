import SimulatedAccess
import SimulatedChanges
import SimulatedData
import SimulatedSite
import Simulation
import Synchronization

/// People at work in Jira.
extension World {
    func people() async {
        var random = SeededRandom(seed: scenario.seed, stream: 0x9e, item: 0)
        while true {
            await sleep(seconds: random.within(scenario.changeEvery))
            guard !isOver else { return }
            act(&random)
        }
    }

    private func act(_ random: inout SeededRandom) {
        if scenario.edits.isEmpty || !scenario.rules.isEmpty && random.chance(0.5) {
            event("change \(site.mutate(using: &random, scenario.rules))")
        } else {
            let mutation = site.live(using: &random, scenario.edits)
            event("change \(mutation.map { "\($0)" } ?? "nothing")")
        }
    }

    /// Lets some things happen in the middle of what Drawbridge reads.
    func interfere() {
        guard scenario.changeMidway > 0 else { return }
        let dice = Mutex(SeededRandom(seed: scenario.seed, stream: 0x9f, item: 0))
        network.onRequest { [weak self] in
            guard let self, !isOver else { return }
            dice.withLock { random in
                if random.chance(scenario.changeMidway) { act(&random) }
            }
        }
    }
}
