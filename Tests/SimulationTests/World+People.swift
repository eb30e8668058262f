import Simulation
import SimulatedAccess
import SimulatedData
import SimulatedSite

/// People at work in Jira.
extension World {
    func people() async {
        var random = SeededRandom(seed: scenario.seed, stream: 0x9e, item: 0)
        while true {
            await sleep(seconds: random.within(scenario.changeEvery))
            guard !isOver else { return mail.continuation.finish() }
            let what: String
            let before = site.current()
            if scenario.edits, random.chance(scenario.kinds.isEmpty ? 1 : 0.4) {
                what = edit(&random)
            } else {
                what = "\(site.mutate(using: &random, scenario.kinds))"
            }
            tell(before, site.current(), &random)
            past.note(site.current(), at: clock.now)
            event("change \(what)")
        }
    }

    /// What changes every day: texts, statuses, labels.
    private func edit(_ random: inout SeededRandom) -> String {
        let state = site.current()
        let live = (0..<state.issueCount).filter { state.row($0).state == .live }
        guard !live.isEmpty else { return "nothing" }
        let ordinal = random.pick(live)
        let row = state.row(ordinal)
        let id = row.id
        let number = random.below(1_000)
        let choice = random.below(3)
        let status = random.below(state.catalogue.statuses.count)
        let hand = SiteState.Hand(user: TinySite.administrator, now: clock.now)
        site.change { state in
            switch choice {
            case 0:
                state.setSummary(
                    ordinal, to: "\(Planted.summary(issue: id)) harbour number \(number)", by: hand)
            case 1: state.setStatus(ordinal, to: status, by: hand)
            default: state.setLabels(ordinal, to: [Planted.label(issue: id), "label-\(number % 7)"], by: hand)
            }
        }
        return "edit \(choice) of \(id)"
    }
}
