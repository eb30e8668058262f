import SimulatedData
import SimulatedSite

typealias Comment = SimulatedSite::Comment
typealias Attachment = SimulatedSite::Attachment

/// Positions and ids every generated site has.
enum Known {
    static let admin = 0
    static let developer = 1
    static let customer = 5
    static let app = 6
    static let inactive = 7
    static let former = 8
    static let administrators = 0
}

/// Small sites that tests share; they are values of their configuration, so sharing is safe.
enum Sites {
    static let cloud = SimulatedSite(SiteConfiguration(seed: 7, issueCount: 600))
    static let dataCenter = SimulatedSite(SiteConfiguration(flavour: .dataCenter, seed: 7, issueCount: 600))
}

extension SiteState {
    /// Everybody who can ask: each account and nobody.
    var callers: [Caller] { users.map { .user($0.index) } + [.anonymous] }

    func project(_ key: String) -> Project {
        guard let project = projects.first(where: { $0.key == key }) else { preconditionFailure("no project \(key)") }
        return project
    }

    /// The first live issue of a project, without a security level or restriction, that is not part of the tour.
    func plainIssue(in key: String) -> Int {
        let project = project(key).index
        guard
            let ordinal = (12..<issueCount).first(where: {
                let row = row($0)
                return Int(row.project) == project && row.state == .live && row.level == 0 && row.parent < 0
                    && traits(of: $0).restrictedToRoles.isEmpty
            })
        else { preconditionFailure("no issue in \(key)") }
        return ordinal
    }
}
