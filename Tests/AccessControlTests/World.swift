/// A small Jira in plain words, and Jira's access rules written down once more from its documentation, slowly and without
/// any of the library's types: the oracle that the library's answers are compared with.
struct World {
    var isDataCenter = false
    var people: [String: Person] = [:]
    var groups: [String: Crowd] = [:]
    /// Groups of each licensed application.
    var licences: [String: [String]] = [:]
    var projects: [String: Place] = [:]
    var tickets: [Ticket] = []

    struct Person {
        var isActive = true
        var isCustomer = false
        var isApp = false
    }

    struct Crowd {
        var members: Set<String> = []
        var inner: Set<String> = []
    }

    struct Place {
        var lead: String?
        var hasScheme = true
        var browse: [Who] = []
        var agents: [Who] = []
        var roles: [String: Crowd] = [:]
        /// `nil` members: the site does not tell.
        var levels: [String: [Who]?] = [:]
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
        var onlyRoles: Set<String> = []
        var comments: [Note] = []
        var worklogs: [Note] = []
        var files: [String] = []
    }

    struct Note {
        var limits: [Limit] = []
        var embeds: [String] = []
    }
}

/// Jira's rules. `reader` is `nil` for somebody who is not signed in.
extension World {
    func sees(_ reader: String?, _ ticket: Ticket) -> Bool {
        guard canTakePart(reader), let place = projects[ticket.project], place.hasScheme else { return false }
        guard place.browse.contains(where: { holds($0, reader, ticket) }) else { return false }
        if let level = ticket.level {
            guard let members = place.levels[level] ?? nil, members.contains(where: { holds($0, reader, ticket) })
            else { return false }
        }
        if !ticket.onlyRoles.isEmpty, !ticket.onlyRoles.contains(where: { plays($0, reader, in: ticket.project) }) {
            return false
        }
        return true
    }

    func sees(_ reader: String?, _ note: Note, on ticket: Ticket) -> Bool {
        sees(reader, ticket) && note.limits.allSatisfy { meets($0, reader, ticket) }
    }

    func seesFile(_ reader: String?, _ name: String, on ticket: Ticket) -> Bool {
        guard sees(reader, ticket) else { return false }
        if isDataCenter { return true }
        return ticket.comments.allSatisfy { note in
            !note.embeds.contains(name) || note.limits.allSatisfy { meets($0, reader, ticket) }
        }
    }

    private func canTakePart(_ reader: String?) -> Bool {
        guard let reader else { return true }
        return people[reader]?.isActive == true
    }

    private func meets(_ limit: Limit, _ reader: String?, _ ticket: Ticket) -> Bool {
        switch limit {
        case .role(let role): plays(role, reader, in: ticket.project)
        case .group(let group): reader.map(isMember) == true && belongs(reader, to: group)
        case .agents: projects[ticket.project]?.agents.contains { holds($0, reader, ticket) } ?? false
        }
    }

    private func holds(_ who: Who, _ reader: String?, _ ticket: Ticket) -> Bool {
        if who == .anyone { return true }
        guard let reader, isMember(reader) else { return false }
        switch who {
        case .anyone: return true
        case .anyLicensed: return licences.keys.contains { has(reader, $0) }
        case .licensed(let application): return has(reader, application)
        case .group(let group): return belongs(reader, to: group)
        case .person(let person): return person == reader
        case .role(let role): return plays(role, reader, in: ticket.project)
        case .lead: return projects[ticket.project]?.lead == reader
        case .reporter: return ticket.reporter == reader
        case .assignee: return ticket.assignee == reader
        case .personField: return ticket.personField.contains(reader)
        case .groupField: return ticket.groupField.contains { belongs(reader, to: $0) }
        case .portal, .strange: return false
        }
    }

    private func has(_ reader: String, _ application: String) -> Bool {
        licences[application]?.contains { belongs(reader, to: $0) } ?? false
    }

    /// Whether an account is more than a customer of the portal: Cloud says so, Data Center by licensing it.
    private func isMember(_ reader: String) -> Bool {
        guard people[reader]?.isCustomer == false else { return false }
        return !isDataCenter || licences.values.allSatisfy(\.isEmpty) || licences.keys.contains { has(reader, $0) }
    }

    private func plays(_ role: String, _ reader: String?, in project: String) -> Bool {
        guard let reader, isMember(reader), let crowd = projects[project]?.roles[role] else {
            return false
        }
        return crowd.members.contains(reader) || crowd.inner.contains { belongs(reader, to: $0) }
    }

    private func belongs(_ reader: String?, to group: String) -> Bool {
        guard let reader, people[reader]?.isCustomer == false else { return false }
        var visited: Set<String> = []
        func search(_ name: String) -> Bool {
            guard visited.insert(name).inserted, let crowd = groups[name] else { return false }
            return crowd.members.contains(reader) || (isDataCenter && crowd.inner.contains(where: search))
        }
        return search(group)
    }
}
