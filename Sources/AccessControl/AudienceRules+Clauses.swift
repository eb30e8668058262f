import IssueModel

extension AudienceRules {
    /// Clauses computed from a key, and what was missing to compute them.
    public struct Derivation: Hashable, Sendable {
        public var clauses: AclClauses
        /// Holders that the rules use now but the key does not know, because they came into use after the issue was
        /// written. They grant nobody until the issues with this key are written again.
        public var missing: Set<DynamicHolder>
        /// True where Jira's listing of the issue decides now but the key does not name the issue; the clauses then
        /// admit nobody.
        public var lacksIssue = false
        /// True where the key is damaged or of another version; the clauses then admit nobody.
        public var isUnreadable: Bool
        /// Role and group names or ids that the site does not have; they admit nobody.
        public var unresolved: Set<String>

        /// True where the issues with this key have to be written again for Jira's answer.
        public var needsRewriting: Bool { isUnreadable || lacksIssue || !missing.isEmpty }
    }

    /// Who a record with this key is visible to.
    public func clauses(for key: AclKey) -> AclClauses { derivation(for: key).clauses }

    /// Who a record with this key is visible to, with what could not be resolved.
    public func derivation(for key: AclKey) -> Derivation {
        if key == .withheld {
            return Derivation(clauses: .nobody, missing: [], isUnreadable: false, unresolved: [])
        }
        guard let inputs = AclInputs(key) else {
            return Derivation(clauses: .nobody, missing: [], isUnreadable: true, unresolved: [])
        }
        return derivation(for: inputs)
    }

    /// Who a record with these inputs is visible to, with what could not be resolved.
    public func derivation(for inputs: AclInputs) -> Derivation {
        var result = Derivation(clauses: .nobody, missing: [], isUnreadable: false, unresolved: [])
        switch facts.mode {
        case .mirror: mirror(inputs, into: &result)
        case .linked: linked(inputs, into: &result)
        case .public: result.clauses = AclClauses(browse: [.anyone])
        case .shared: result.clauses = AclClauses(browse: [.member])
        }
        return result
    }

    private func mirror(_ inputs: AclInputs, into result: inout Derivation) {
        let browse = principals(of: browse(of: inputs.project) ?? [], for: inputs, into: &result)
        var levels: [Set<Principal>] = []
        if let level = inputs.level {
            if isForeign(level, in: inputs.project) {
                levels.append([])
            } else if let members = members(of: level) {
                levels.append(principals(of: members, for: inputs, into: &result))
            } else {
                levels.append(listed(inputs, into: &result))
            }
        }
        if !inputs.restrictedToRoles.isEmpty {
            levels.append(Set(inputs.restrictedToRoles.map { .role(project: inputs.project, role: $0) }))
        }
        let visibilities = inputs.restrictions.ordered.map { restriction in
            switch restriction {
            case .internal: principals(of: agents(of: inputs.project) ?? [], for: inputs, into: &result)
            case .visibility(let kind, let identifier, let name):
                audience(kind: kind, identifier: identifier, name: name, project: inputs.project, into: &result)
            }
        }
        result.clauses = AclClauses(browse: browse, levels: levels, visibilities: visibilities)
    }

    /// Whether the level is of another scheme than the project's: with another scheme Jira gives a project's issues other
    /// levels without marking them as updated, so that this is a level of before.
    private func isForeign(_ level: EntityID, in project: EntityID) -> Bool {
        guard let scheme = facts.securityLevels[level]?.schemeID, let own = facts.projects[project]?.securityScheme
        else { return false }
        return scheme != own
    }

    /// Jira's listing stands for Browse Projects, the level and a restriction to roles at once.
    private func linked(_ inputs: AclInputs, into result: inout Derivation) {
        let visibilities = inputs.restrictions.ordered.map { restriction -> Set<Principal> in
            [.shown(restriction, of: inputs.project)]
        }
        result.clauses = AclClauses(
            browse: listed(inputs, into: &result), levels: [], visibilities: visibilities)
    }

    /// Whoever Jira itself lists the issue to; nobody while the key does not say which issue that is.
    private func listed(_ inputs: AclInputs, into result: inout Derivation) -> Set<Principal> {
        if let issue = inputs.issue { return [.listed(issue)] }
        result.lacksIssue = true
        return []
    }

    private func principals(
        of holders: [Holder], for inputs: AclInputs, into result: inout Derivation
    ) -> Set<Principal> {
        var principals: Set<Principal> = []
        for holder in holders {
            switch resolve(holder, for: inputs) {
            case .principals(let some): principals.formUnion(some)
            case .missing(let holder): result.missing.insert(holder)
            }
        }
        return principals
    }

    enum Resolution {
        case principals(Set<Principal>)
        case missing(DynamicHolder)
    }

    /// Whom one holder means on one record. A holder without meaning here means nobody.
    func resolve(_ holder: Holder, for inputs: AclInputs) -> Resolution {
        switch holder {
        case .anyone: return .principals([.anyone])
        case .applicationRole(.none): return .principals([.licensed])
        case .applicationRole(.some(let key)): return .principals([.applicationRole(key)])
        case .group(let id): return .principals([.group(facts.normalized(id))])
        case .account(let id): return .principals([.account(id)])
        case .projectRole(let role): return .principals([.role(project: inputs.project, role: role)])
        case .projectLead:
            return .principals(facts.projects[inputs.project]?.lead.map { [.account($0)] } ?? [])
        case .reporter, .assignee, .accountField, .groupField:
            guard let dynamic = DynamicHolder(holder) else { return .principals([]) }
            guard let named = inputs.values[dynamic] else { return .missing(dynamic) }
            return .principals(Set(named.compactMap { resolved($0) }))
        case .portalCustomer, .unknown: return .principals([])
        }
    }

    private func resolved(_ principal: Principal) -> Principal? {
        guard case .groupNamed(let name) = principal else { return principal }
        return group(named: name).map { .group($0) }
    }

    private func audience(
        kind: Visibility.Kind, identifier: String?, name: String, project: EntityID, into result: inout Derivation
    ) -> Set<Principal> {
        switch kind {
        case .role:
            if let role = role(identifier: identifier, name: name, in: project) {
                return [.role(project: project, role: role.id)]
            }
        case .group:
            if let group = group(identifier: identifier, name: name) { return [.group(group)] }
        }
        result.unresolved.insert("\(kind.rawValue) \(identifier ?? name)")
        return []
    }

    /// The project's role that a visibility names: by id, else by name without regard to case.
    ///
    /// Cloud documents `identifier` as "the ID of the group or the name of the role", so it is tried as both.
    func role(identifier: String?, name: String, in project: EntityID) -> Entity? {
        let roles = facts.projects[project]?.roles.map(\.role) ?? []
        if let identifier, let role = roles.first(where: { $0.id.rawValue == identifier }) { return role }
        let wanted = identifier ?? name
        let candidates = roles.filter { $0.name.lowercased() == wanted.lowercased() }
        if candidates.count == 1 { return candidates[0] }
        let exact = candidates.filter { $0.name == wanted }
        return exact.count == 1 ? exact[0] : nil
    }

    /// The group that a visibility names: by id, else by name without regard to case.
    func group(identifier: String?, name: String) -> GroupID? {
        if facts.groupsAreNames { return GroupID(name.lowercased()) }
        if let identifier { return GroupID(identifier) }
        return group(named: name)
    }
}

extension Set<Restriction> {
    /// The restrictions in an order of their own, so that the same ones always take the same slots.
    fileprivate var ordered: [Restriction] { sorted { $0.sortKey < $1.sortKey } }
}

extension Restriction {
    fileprivate var sortKey: (Int, String, String) {
        switch self {
        case .internal: (0, "", "")
        case .visibility(let kind, let identifier, let name): (kind == .role ? 1 : 2, identifier ?? "", name)
        }
    }
}
