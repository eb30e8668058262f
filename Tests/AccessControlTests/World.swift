/// A small Jira in plain words.
struct World {
    var isDataCenter = false
    var mode = Mode.mirror
    var people: [String: Person] = [:]
    var groups: [String: Crowd] = [:]
    /// Groups of each licensed application.
    var licences: [String: [String]] = [:]
    var projects: [String: Place] = [:]
    var tickets: [Ticket] = []
    /// People whose own Jira account lists for them.
    var linked: Set<String> = []

    /// How the copy of this Jira is shared.
    enum Mode: CaseIterable { case mirror, linked, everybody, members }

    struct Person {
        var isActive = true
        var isCustomer = false
        var isApp = false
        /// Of a kind that came after this was written.
        var isStrange = false
        /// Named by the site but not among its people.
        var isUnknown = false
    }

    struct Crowd {
        var members: Set<String> = []
        var inner: Set<String> = []
    }

    struct Place {
        var lead: String?
        /// Whether the copy could read the scheme.
        var hasScheme = true
        var browse: [Who] = []
        var agents: [Who] = []
        var roles: [String: Crowd] = [:]
        /// `nil` members: the site does not tell.
        var levels: [String: [Who]?] = [:]
        /// The members of levels of which the site does not tell.
        var untold: [String: [Who]] = [:]
    }

    enum Who: Hashable {
        case anyone, anyLicensed
        case licensed(String)
        case group(String)
        case person(String)
        case role(String)
        case lead, reporter, assignee, personField, groupField, portal, strange
    }

    enum Limit: Hashable {
        case role(String)
        case group(String)
        case agents
    }

    struct Ticket {
        var id: Int64
        var project: String
        var level: String?
        var reporter: String?
        var assignee: String?
        var personField: [String] = []
        var groupField: [String] = []
        /// The field is a select list whose options are names of groups, in whatever case.
        var groupFieldIsSelect = false
        var onlyRoles: Set<String> = []
        var comments: [Note] = []
        var worklogs: [Note] = []
        var files: [String] = []
        /// Kept from everybody, because Jira itself once said that too much was shown.
        var isWithheld = false
    }

    struct Note {
        var limits: [Limit] = []
        var embeds: [String] = []
    }

    /// Who reads the copy.
    enum Visitor: Hashable, CustomStringConvertible {
        /// Somebody who is not signed in.
        case anonymous
        /// A member without an account in this Jira.
        case unlinked
        case person(String)

        var description: String {
            switch self {
            case .anonymous: "anonymous"
            case .unlinked: "unlinked"
            case .person(let name): name
            }
        }
    }

    var visitors: [Visitor] { [.anonymous, .unlinked] + people.keys.sorted().map { .person($0) } }
}
