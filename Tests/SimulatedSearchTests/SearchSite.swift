import SimulatedData
import SimulatedRules
import SimulatedSearch
import SimulatedSite

/// A small site to search, standing at half past four in the afternoon (UTC) of 28 September 2026.
enum SearchSite {
    static let admin = Caller.user(0)
    static let developer = Caller.user(1)
    static let cloud = SimulatedSite(SiteConfiguration(seed: 21, issueCount: 500))
    static let dataCenter = SimulatedSite(SiteConfiguration(flavour: .dataCenter, seed: 21, issueCount: 500))

    static func keys(_ jql: String, as caller: Caller = admin) throws -> [String] {
        let state = cloud.current()
        return try cloud.search(jql, as: caller).ordinals.map { state.key(of: Int($0)) }
    }

    static func count(_ jql: String, as caller: Caller = admin) throws -> Int {
        try cloud.search(jql, as: caller).total
    }

    /// How many issues the administrator sees for which `isMatch` holds.
    static func count(where isMatch: (IssueRow, IssueTraits) -> Bool) -> Int {
        let state = cloud.current()
        return cloud.visibleIssues(to: admin, in: state).ordinals.filter {
            isMatch(state.row($0), state.traits(of: $0))
        }
        .count
    }
}
