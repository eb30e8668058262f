/// Jira's access rules written down once more from its documentation, slowly and without any of the library's types: the
/// oracle that the library's answers are compared with.
extension World {
    func sees(_ visitor: Visitor, _ ticket: Ticket) -> Bool {
        if ticket.isWithheld { return false }
        switch mode {
        case .mirror: return mirrors(visitor, ticket)
        case .linked: return lists(ticket, to: visitor)
        case .everybody: return true
        case .members: return visitor != .anonymous
        }
    }

    func sees(_ visitor: Visitor, _ note: Note, on ticket: Ticket) -> Bool {
        sees(visitor, ticket) && note.limits.allSatisfy { passes($0, visitor, ticket) }
    }

    func seesFile(_ visitor: Visitor, _ name: String, on ticket: Ticket) -> Bool {
        guard sees(visitor, ticket) else { return false }
        if isDataCenter { return true }
        return ticket.comments.allSatisfy { note in
            !note.embeds.contains(name) || note.limits.allSatisfy { passes($0, visitor, ticket) }
        }
    }

    private func passes(_ limit: Limit, _ visitor: Visitor, _ ticket: Ticket) -> Bool {
        switch mode {
        case .mirror: meets(limit, visitor.reader, ticket)
        case .linked: hasBeenShown(limit, visitor, in: ticket.project)
        case .everybody, .members: true
        }
    }

    /// By the schemes that the copy could read; where those leave a level open, by what Jira lists.
    private func mirrors(_ visitor: Visitor, _ ticket: Ticket) -> Bool {
        guard visitor != .unlinked, let place = projects[ticket.project], place.hasScheme,
            mayBrowse(visitor.reader, ticket), inRoles(visitor.reader, ticket)
        else { return false }
        guard let level = ticket.level else { return true }
        if let members = place.levels[level] ?? nil { return members.contains { holds($0, visitor.reader, ticket) } }
        return lists(ticket, to: visitor)
    }

    /// Whether Jira, asked with the visitor's own account, lists the ticket.
    func lists(_ ticket: Ticket, to visitor: Visitor) -> Bool {
        guard case .person(let name) = visitor, linked.contains(name) else { return false }
        return shows(ticket, to: name)
    }

    /// Whether Jira, asked with the visitor's own account, shows the note.
    func shows(_ note: Note, on ticket: Ticket, to visitor: Visitor) -> Bool {
        lists(ticket, to: visitor) && note.limits.allSatisfy { meets($0, visitor.reader, ticket) }
    }

    private func hasBeenShown(_ limit: Limit, _ visitor: Visitor, in project: String) -> Bool {
        tickets.contains { ticket in
            ticket.project == project
                && (ticket.comments + ticket.worklogs).contains {
                    $0.limits.contains(limit) && shows($0, on: ticket, to: visitor)
                }
        }
    }

    /// Jira's own answer, whatever the copy can read of its rules.
    private func shows(_ ticket: Ticket, to reader: String) -> Bool {
        guard let place = projects[ticket.project], mayBrowse(reader, ticket), inRoles(reader, ticket) else {
            return false
        }
        guard let level = ticket.level else { return true }
        let members = (place.levels[level] ?? nil) ?? place.untold[level] ?? []
        return members.contains { holds($0, reader, ticket) }
    }

    private func mayBrowse(_ reader: String?, _ ticket: Ticket) -> Bool {
        canTakePart(reader)
            && projects[ticket.project]?.browse.contains { holds($0, reader, ticket) } == true
    }

    private func inRoles(_ reader: String?, _ ticket: Ticket) -> Bool {
        ticket.onlyRoles.isEmpty || ticket.onlyRoles.contains { plays($0, reader, in: ticket.project) }
    }
}

/// Jira's rules of single holders. `reader` is `nil` for somebody who is not signed in.
extension World {
    private func canTakePart(_ reader: String?) -> Bool {
        guard let reader else { return true }
        return people[reader].map { $0.isActive && !$0.isUnknown } ?? false
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
        guard let person = people[reader], !person.isCustomer, !person.isStrange else { return false }
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

extension World.Visitor {
    /// The account by which Jira's rules judge the visitor.
    fileprivate var reader: String? { if case .person(let name) = self { name } else { nil } }
}
