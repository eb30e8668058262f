public import IssueModel

/// Explains decisions from the same inputs and the same rules that make them.
public struct AccessExplainer: Sendable {
    let rules: AudienceRules
    let membership: Membership
    let fieldNames: [EntityID: String]

    /// The most grants or members one clause lists.
    static let longestList = 50

    /// - Parameter fieldNames: Names of fields that holders refer to; their ids are shown where a name is missing.
    public init(rules: AudienceRules, membership: Membership, fieldNames: [EntityID: String] = [:]) {
        self.rules = rules
        self.membership = membership
        self.fieldNames = fieldNames
    }

    /// Explains what a reader sees of a record – an issue or a part of one – with this key.
    ///
    /// - Parameter listed: What Jira itself lists or shows to the reader's account, as far as the record asks for it:
    ///   ``Principal/listed(_:)`` of the issue and ``Principal/restricted(project:_:)``. `nil` where there is no
    ///   listing of the account that still counts.
    public func explain(
        _ key: AclKey, for identity: Reader.Identity, listed: Set<Principal>? = nil
    ) -> AccessExplanation {
        guard identity != .operator else { return Self.operatorSeesAll }
        if key == .withheld { return Self.denied("It is withheld from everybody until an admin looks into it.") }
        guard let inputs = AclInputs(key) else {
            return Self.denied(
                "What was stored about this record's access cannot be read; it stays hidden until the next full "
                    + "synchronisation writes it again.")
        }
        var person = Person(identity, in: self)
        person.listed = listed
        return explain(inputs, for: person)
    }

    private func explain(_ inputs: AclInputs, for person: Person) -> AccessExplanation {
        var clauses: [AccessExplanation.Clause]
        switch rules.facts.mode {
        case .mirror:
            clauses = [browse(inputs, person), level(inputs, person)]
            if !inputs.restrictions.isEmpty { clauses.append(visibility(inputs, person)) }
        case .linked: clauses = linked(inputs, person)
        case .public, .shared: clauses = [open(person)]
        }
        let held = person.principals.union(person.listed ?? [])
        return AccessExplanation(visible: rules.derivation(for: inputs).clauses.admits(held), clauses: clauses)
    }

    private static func denied(_ because: String) -> AccessExplanation {
        AccessExplanation(visible: false, clauses: [.init(kind: .browse, holds: false, because: [because])])
    }

    private static let operatorSeesAll = AccessExplanation(
        visible: true,
        clauses: [
            .init(
                kind: .browse, holds: true,
                because: ["The local operator sees everything the source's credential could read."])
        ])

    private func browse(_ inputs: AclInputs, _ person: Person) -> AccessExplanation.Clause {
        guard let project = rules.facts.projects[inputs.project] else {
            return refusal(.browse, "Project \(inputs.project) is not known, so nobody may browse it.")
        }
        guard let id = project.permissionScheme, let scheme = rules.facts.permissionSchemes[id] else {
            return refusal(
                .browse, "The permission scheme of project \(project.key) could not be read, so nobody may browse it.")
        }
        return grants(
            holders: rules.browse(of: inputs.project) ?? [], kind: .browse,
            subject: "Permission scheme “\(scheme.name)” grants Browse Projects to", inputs, person)
    }

    private func level(_ inputs: AclInputs, _ person: Person) -> AccessExplanation.Clause {
        var result = AccessExplanation.Clause(kind: .level, holds: true, because: [])
        if let id = inputs.level {
            let clause = securityLevel(id, inputs, person)
            result.holds = clause.holds
            result.because = clause.because
        }
        if !inputs.restrictedToRoles.isEmpty {
            let clause = roleRestriction(inputs, person)
            result.holds = result.holds && clause.holds
            result.because += clause.because
        }
        if result.because.isEmpty { result.because = ["The issue has no security level."] }
        return result
    }

    private func securityLevel(_ id: EntityID, _ inputs: AclInputs, _ person: Person) -> AccessExplanation.Clause {
        let level = rules.facts.securityLevels[id]
        let name = level.map { "“\($0.name)”" } ?? id.rawValue
        guard let members = rules.members(of: id) else {
            return listing(
                .level, inputs, person,
                subject: level == nil
                    ? "Security level \(name) is not known"
                    : "The members of security level \(name) cannot be read from this site")
        }
        return grants(
            holders: members, kind: .level, subject: "Security level \(name) admits", inputs, person)
    }

    private func roleRestriction(_ inputs: AclInputs, _ person: Person) -> AccessExplanation.Clause {
        let holders = inputs.restrictedToRoles.sorted { $0.rawValue < $1.rawValue }.map { Holder.projectRole($0) }
        return grants(
            holders: holders, kind: .level, subject: "The issue is restricted to", inputs, person)
    }

    private func visibility(_ inputs: AclInputs, _ person: Person) -> AccessExplanation.Clause {
        var result = AccessExplanation.Clause(kind: .visibility, holds: true, because: [])
        let restrictions = inputs.restrictions.map { restriction in
            switch restriction {
            case .internal:
                grants(
                    holders: rules.agents(of: inputs.project) ?? [], kind: .visibility,
                    subject: "It is an internal note, for agents; the permission scheme grants Service Desk Agent to",
                    inputs, person)
            case .visibility(let kind, let identifier, let name):
                visibility(kind, identifier: identifier, name: name, inputs, person)
            }
        }
        for clause in restrictions.sorted(by: { $0.because.lexicographicallyPrecedes($1.because) }) {
            result.holds = result.holds && clause.holds
            result.because += clause.because
        }
        return result
    }

    private func visibility(
        _ kind: Visibility.Kind, identifier: String?, name: String, _ inputs: AclInputs, _ person: Person
    ) -> AccessExplanation.Clause {
        let holder: Holder? =
            switch kind {
            case .role:
                rules.role(identifier: identifier, name: name, in: inputs.project).map { .projectRole($0.id) }
            case .group: rules.group(identifier: identifier, name: name).map { .group($0) }
            }
        guard let holder else {
            return refusal(
                .visibility, "It is visible to \(kind.rawValue) “\(name)”, which is not known, so to nobody.")
        }
        return grants(
            holders: [holder], kind: .visibility, subject: "It is visible to", inputs, person)
    }

    func refusal(_ kind: AccessExplanation.Kind, _ because: String) -> AccessExplanation.Clause {
        .init(kind: kind, holds: false, because: [because])
    }
}

extension AccessExplainer {
    /// Decides one OR of holders and puts the reason in words.
    private func grants(
        holders: [Holder], kind: AccessExplanation.Kind, subject: String, _ inputs: AclInputs,
        _ person: Person
    ) -> AccessExplanation.Clause {
        var reasons: [String] = []
        var refusals: [String] = []
        var remedies: [String] = []
        var seen: Set<Holder> = []
        for holder in holders where seen.insert(holder).inserted {
            let words = words(for: holder, inputs)
            guard case .principals(let principals) = rules.resolve(holder, for: inputs) else {
                refusals.append(
                    "\(subject) \(words); this came into use after the issue was last written and holds once it is.")
                continue
            }
            if let held = principals.sorted().first(where: { person.principals.contains($0) }) {
                reasons.append("\(subject) \(words); \(person.name) \(how(held, person)).")
            } else {
                refusals.append("\(subject) \(words); \(person.name) \(principals.isEmpty ? "cannot be" : "is not").")
                if let remedy = remedy(for: holder, inputs, person) { remedies.append(remedy) }
            }
        }
        if !reasons.isEmpty {
            return .init(kind: kind, holds: true, because: Array(reasons.prefix(Self.longestList)))
        }
        var because = person.hindrances + refusals.prefix(Self.longestList)
        if refusals.isEmpty { because.append("\(subject) nobody.") }
        if person.hindrances.isEmpty, person.account != nil {
            if remedies.isEmpty { remedies.append("a grant or member named \(person.name) as well") }
            because.append("It would hold if \(remedies.prefix(Self.longestList).joined(separator: ", or if ")).")
        }
        return .init(kind: kind, holds: false, because: because)
    }
}
