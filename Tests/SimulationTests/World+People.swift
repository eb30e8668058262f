import SimulatedAccess
import SimulatedChanges
import SimulatedData
import SimulatedSite

/// People at work in Jira.
extension World {
    func people() async {
        var random = SeededRandom(seed: scenario.seed, stream: 0x9e, item: 0)
        while true {
            await sleep(seconds: random.within(scenario.changeEvery))
            guard !isOver else { return }
            if scenario.edits.isEmpty || !scenario.rules.isEmpty && random.chance(0.5) {
                event("change \(site.mutate(using: &random, scenario.rules))")
            } else {
                let mutation = site.live(using: &random, scenario.edits)
                event("change \(mutation.map { "\($0)" } ?? "nothing")")
            }
        }
    }
}
