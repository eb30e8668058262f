import IssueModel
import SimulatedSite

extension EvidenceSource {
    /// A comparison of the store as it is with the site as it is.
    func comparison(mode: Oracle.Mode = .mirror, isThorough: Bool = true) -> AccessComparison {
        let state = site.current()
        return AccessComparison(
            store: store, searcher: searcher,
            oracle: Oracle(state, source: caller, mode: mode, knowsLevels: state.configuration.flavour.isCloud),
            tokens: PlantedTokens(state), now: .init(milliseconds: clock.now), isThorough: isThorough)
    }
}
