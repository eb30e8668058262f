public import IssueModel

/// Answers which principals an account holds: the reader's half of every access decision.
///
/// - An account that is inactive, deleted or not known holds nothing at all, not even ``Principal/anyone``: Jira does
///   not let it sign in, and Drawbridge serves it as nobody.
/// - A service-desk customer, an account of a kind that is not known and an anonymous visitor hold only
///   ``Principal/anyone``; on Data Center, which does not mark customers, so does every account that no application
///   licenses.
/// - People and apps hold themselves, their groups (transitively, on sites with nested groups), the application roles
///   of those groups, ``Principal/licensed`` if there is such a role, and their roles per project.
public struct Membership: Sendable {
    private let facts: AccessFacts
    private let parents: [GroupID: [GroupID]]
    private let directGroups: [AccountID: [GroupID]]
    private let applicationRoles: [GroupID: [String]]
    private let rolesOfGroups: [GroupID: [Principal]]
    private let rolesOfAccounts: [AccountID: [Principal]]

    public init(_ facts: AccessFacts) {
        self.facts = facts
        var parents: [GroupID: [GroupID]] = [:]
        for (parent, children) in facts.subgroups {
            for child in children { parents[facts.normalized(child), default: []].append(facts.normalized(parent)) }
        }
        self.parents = parents
        var directGroups: [AccountID: [GroupID]] = [:]
        for (group, accounts) in facts.memberships {
            let group = facts.normalized(group)
            for account in accounts { directGroups[account, default: []].append(group) }
        }
        self.directGroups = directGroups
        var applicationRoles: [GroupID: [String]] = [:]
        for role in facts.applicationRoles {
            for group in role.groups { applicationRoles[facts.normalized(group), default: []].append(role.key) }
        }
        self.applicationRoles = applicationRoles
        var rolesOfGroups: [GroupID: [Principal]] = [:]
        var rolesOfAccounts: [AccountID: [Principal]] = [:]
        for project in facts.projects.values {
            for actors in project.roles {
                let role = Principal.role(project: project.id, role: actors.role.id)
                for group in actors.groups { rolesOfGroups[facts.normalized(group), default: []].append(role) }
                for account in actors.accounts { rolesOfAccounts[account, default: []].append(role) }
            }
        }
        self.rolesOfGroups = rolesOfGroups
        self.rolesOfAccounts = rolesOfAccounts
    }

    /// Data Center does not say which accounts are portal customers; what tells them is that no application licenses them,
    /// and without a licence Jira shows an account what it shows to everybody. Sites that tell of no application role
    /// at all (old Servers) license everybody.
    var tellsCustomersByLicence: Bool { facts.groupsAreNames && !applicationRoles.isEmpty }

    /// What someone who is not signed in holds.
    public static let anonymous: Set<Principal> = [.anyone]

    /// What a reader holds in a source of this mode, apart from what Jira lists to them.
    ///
    /// - Parameter account: What the reader's account holds by the site's own rules; asked only where they have one and
    ///   those rules count.
    public static func principals(
        of identity: Reader.Identity, in mode: AccessMode, account: (AccountID) throws -> Set<Principal>
    ) rethrows -> Set<Principal> {
        switch (mode, identity) {
        // The operator is asked of nothing; whoever does gets the least there is.
        case (_, .operator), (_, .anonymous), (.public, _): anonymous
        case (.shared, .unlinked), (.shared, .account): [.anyone, .member]
        case (.mirror, .unlinked), (.linked, .unlinked), (.linked, .account): []
        case (.mirror, .account(let id)): try account(id)
        }
    }

    /// What a reader holds in the source, apart from what Jira lists to them.
    public func principals(of identity: Reader.Identity) -> Set<Principal> {
        Self.principals(of: identity, in: facts.mode) { principals(of: $0) }
    }

    /// The principals of an account of `facts.accounts`, by `facts.memberships`.
    public func principals(of account: AccountID) -> Set<Principal> {
        guard let person = facts.accounts[account] else { return [] }
        return principals(of: person, directGroups: directGroups[account] ?? [])
    }

    /// The principals of an account whose direct groups the caller knows, for stores that keep memberships in tables.
    public func principals(of person: AccessFacts.Person, directGroups: some Sequence<GroupID>) -> Set<Principal> {
        guard person.isActive else { return [] }
        if person.kind == .customer || person.kind == .unknown { return Self.anonymous }
        let groups = groups(reachedFrom: directGroups)
        if tellsCustomersByLicence, !groups.contains(where: { applicationRoles[$0] != nil }) { return Self.anonymous }
        var result: Set<Principal> = [.anyone, .account(person.id)]
        result.formUnion(rolesOfAccounts[person.id] ?? [])
        for group in groups {
            result.insert(.group(group))
            result.formUnion(rolesOfGroups[group] ?? [])
            for role in applicationRoles[group] ?? [] {
                result.insert(.licensed)
                result.insert(.applicationRole(role))
            }
        }
        return result
    }

    /// The given groups and all groups that contain them. A ring of groups is walked once.
    func groups(reachedFrom direct: some Sequence<GroupID>) -> Set<GroupID> {
        var reached: Set<GroupID> = []
        var open = direct.map { facts.normalized($0) }
        while let group = open.popLast() {
            guard reached.insert(group).inserted else { continue }
            open.append(contentsOf: parents[group] ?? [])
        }
        return reached
    }

    /// Direct groups of an account by `facts.memberships`.
    func directGroups(of account: AccountID) -> [GroupID] { directGroups[account] ?? [] }
}
