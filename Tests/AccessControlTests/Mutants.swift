import AccessControl
import IssueModel

/// Evaluators with one rule missing or wrong. Each must be told from the right one by the oracle.
enum Mutants {
    static let all = clauses + keys + accounts + groups + listings + holders

    private static let clauses: [Tampering] = [
        .init("Browse Projects is not asked", clauses: { if $0.browse?.isEmpty == false { $0.browse = nil } }),
        .init("the level clause is not asked", clauses: { $0.level = nil }),
        .init("the visibility clause is not asked", clauses: { $0.visibility = nil }),
        .init("only the first of several restrictions is asked", clauses: { $0.further = [] }),
        .init(
            "a level replaces Browse Projects",
            clauses: { if $0.level != nil { $0.browse = nil } }),
        .init(
            "a level adds to Browse Projects",
            clauses: { clauses in
                guard let level = clauses.level else { return }
                clauses.browse?.formUnion(level)
                clauses.level = nil
            }),
        .init(
            "a visibility adds to Browse Projects",
            clauses: { clauses in
                guard let visibility = clauses.visibility else { return }
                clauses.browse?.formUnion(visibility)
                clauses.visibility = nil
            }),
        .init("a Browse Projects without holders is public", clauses: { if $0.browse == [] { $0.browse = nil } }),
        .init("a level without members is none", clauses: { if $0.level == [] { $0.level = nil } }),
        .init("a visibility that nobody has is none", clauses: { if $0.visibility == [] { $0.visibility = nil } }),
    ]

    private static let keys: [Tampering] = [
        .inputs("the issue's security level is forgotten") { $0.level = nil },
        .inputs("the restriction to roles is forgotten") { $0.restrictedToRoles = [] },
        .inputs("an internal note is as open as its issue") { $0.restrictions.remove(.internal) },
        .inputs("a visibility to a role is forgotten") { $0.forget(.role) },
        .inputs("a visibility to a group is forgotten") { $0.forget(.group) },
        .inputs("the reporter is forgotten") { $0.values[.reporter] = [] },
        .inputs("the assignee is forgotten") { $0.values[.assignee] = [] },
        .inputs("the people in a field are forgotten") { $0.values[.accountField(World.personField)] = [] },
        .inputs("the groups in a field are forgotten") { $0.values[.groupField(World.groupField)] = [] },
        .inputs("every issue is of one project") { $0.project = "ONE" },
        .init("a comment is as open as its issue", key: { $0 == .comment ? $2 : $1 }),
        .init("a worklog is as open as its issue", key: { $0 == .worklog ? $2 : $1 }),
        .init("an attachment is as open as its issue on Cloud", key: { $0 == .attachment ? $2 : $1 }),
        .init("what is withheld is shown", key: { $1 == .withheld ? $2 : $1 }),
        .init("what is withheld is shown in part", key: { $1 == .withheld && $0 != .issue ? $2 : $1 }),
    ]

    private static let accounts: [Tampering] = [
        .init("an inactive account counts", facts: { $0.changePeople { $0.isActive = true } }),
        .init("a portal customer counts as a person", facts: { $0.change(.customer, to: .person) }),
        .init("a kind of account that is not known counts as a person", facts: { $0.change(.unknown, to: .person) }),
        .init("an app counts as nobody in particular", facts: { $0.change(.app, to: .customer) }),
        .init(
            "an account that is not known sees what anybody sees",
            held: { if $1.isEmpty, case .person = $0 { $1 = [.anyone] } }),
        .init(
            "a member without an account sees what anybody sees",
            held: { if $0 == .unlinked { $1.insert(.anyone) } }),
        .init("somebody anonymous counts as licensed", held: { if $0 == .anonymous { $1.insert(.licensed) } }),
        .init("somebody anonymous counts as a member", held: { if $0 == .anonymous { $1.insert(.member) } }),
        .init("somebody anonymous sees nothing", held: { if $0 == .anonymous { $1 = [] } }),
        .init("a member without an account sees nothing", held: { if $0 == .unlinked { $1 = [] } }),
        .init(
            "an account without a licence counts on Data Center",
            principals: { visitor, held, facts in
                guard case .person(let name) = visitor, held == [.anyone] else { return }
                if facts.groupsAreNames, facts.mode == .mirror { held.insert(.account(AccountID(name))) }
            }),
        .init("every account is licensed", held: { if $1.contains(.anyone) { $1.insert(.licensed) } }),
    ]

    private static let groups: [Tampering] = [
        .init("groups inside groups are not followed", facts: { $0.subgroups = [:] }),
        .init(
            "groups contain each other on Cloud",
            facts: { facts in
                let all = facts.groups.keys.sorted { $0.rawValue < $1.rawValue }
                if !facts.groupsAreNames, let first = all.first { facts.subgroups = [first: all] }
            }),
        .init("names of groups compare with case on Data Center", facts: { $0.groupsAreNames = false }),
        .init(
            "a group is compared by its name on Cloud",
            facts: { facts in
                let groups = facts.groups
                facts.changeHolders { holder in
                    guard case .group(let id) = holder, let group = groups[id] else { return holder }
                    return .group(GroupID(group.name))
                }
            }),
        .init("people who play a role by name are forgotten", facts: { $0.changeRoles { $0.accounts = [] } }),
        .init("people who play a role through a group are forgotten", facts: { $0.changeRoles { $0.groups = [] } }),
        .init(
            "a role is played in every project",
            principals: { _, held, facts in
                for case .role(_, let role) in held {
                    held.formUnion(facts.projects.keys.map { .role(project: $0, role: role) })
                }
            }),
        .init(
            "an application's groups are forgotten",
            facts: { facts in facts.applicationRoles = facts.applicationRoles.dropLast() }),
        .init(
            "a project without a scheme is open to anybody",
            facts: { facts in
                facts.permissionSchemes["open"] = .init(
                    id: "open", name: "", grants: [.init(permission: AudienceRules.browse, holder: .anyone)])
                for id in facts.projects.keys where facts.projects[id]?.permissionScheme == nil {
                    facts.projects[id]?.permissionScheme = "open"
                }
            }),
        .init(
            "every permission lets somebody browse",
            facts: { facts in
                for (id, scheme) in facts.permissionSchemes {
                    facts.permissionSchemes[id]?.grants = scheme.grants.map {
                        .init(permission: AudienceRules.browse, holder: $0.holder)
                    }
                }
            }),
        .init(
            "a level whose members are not told admits anybody",
            facts: { $0.changeLevels { if $0.members == nil { $0.members = [.anyone] } } }),
        .init(
            "a level whose members are not told admits nobody, whatever Jira lists",
            facts: { $0.changeLevels { if $0.members == nil { $0.members = [] } } }),
    ]

    private static let listings: [Tampering] = [
        .init(
            "what Jira lists to one account is shown to all", clauses: { if $0.asksListing { $0.browse = [.anyone] } }),
        .init(
            "what Jira lists is shown to nobody",
            principals: { _, held, _ in held = held.filter { if case .listed = $0 { false } else { true } } }),
        .init(
            "who sees one restricted part of a project sees all",
            principals: { _, held, facts in
                guard facts.mode == .linked else { return }
                for case .restricted(let project, _) in held {
                    for role in ["Developers", "Observers"] {
                        for identifier in ["role-\(role)", nil] {
                            let restriction = Restriction.visibility(
                                kind: .role, identifier: identifier, name: role)
                            held.insert(.shown(restriction, of: project))
                        }
                    }
                }
            }),
        .init(
            "what is shown in one project counts in all",
            principals: { _, held, facts in
                for case .restricted(_, let restriction) in held {
                    held.formUnion(facts.projects.keys.map { .shown(restriction, of: $0) })
                }
            }),
        .init("a linked source is judged by its schemes", facts: { if $0.mode == .linked { $0.mode = .mirror } }),
        .init("a public source is judged by its schemes", facts: { if $0.mode == .public { $0.mode = .mirror } }),
        .init("a shared source is public", facts: { if $0.mode == .shared { $0.mode = .public } }),
        .init("a mirrored source is shared", facts: { if $0.mode == .mirror { $0.mode = .shared } }),
    ]

    /// Each kind of holder taken for nobody and for anybody.
    private static let holders: [Tampering] = HolderKind.all.flatMap { kind in
        var result: [Tampering] = []
        if kind.meansSomebody {
            result.append(
                .init(
                    "\(kind.name) names nobody",
                    facts: { $0.changeHolders { kind.matches($0) ? .unknown(type: "nobody") : $0 } }))
        }
        if kind.name != "anyone" {
            result.append(
                .init(
                    "\(kind.name) names anybody", facts: { $0.changeHolders { kind.matches($0) ? .anyone : $0 } }))
            result.append(
                .init(
                    "\(kind.name) names everybody with a licence",
                    facts: { $0.changeHolders { kind.matches($0) ? .applicationRole(key: nil) : $0 } }))
        }
        return result
    }
    .filter { $0.name != "any licensed user names everybody with a licence" }
}

/// A kind of holder, whatever it names.
private struct HolderKind: Sendable {
    var name: String
    var meansSomebody = true
    var matches: @Sendable (Holder) -> Bool

    static let all: [HolderKind] = [
        .init(name: "anyone") { $0 == .anyone },
        .init(name: "any licensed user") { $0 == .applicationRole(key: nil) },
        .init(name: "an application role") { if case .applicationRole(.some) = $0 { true } else { false } },
        .init(name: "a group") { if case .group = $0 { true } else { false } },
        .init(name: "a person") { if case .account = $0 { true } else { false } },
        .init(name: "a project role") { if case .projectRole = $0 { true } else { false } },
        .init(name: "the project's lead") { $0 == .projectLead },
        .init(name: "the reporter") { $0 == .reporter },
        .init(name: "the assignee") { $0 == .assignee },
        .init(name: "a field of people") { if case .accountField = $0 { true } else { false } },
        .init(name: "a field of groups") { if case .groupField = $0 { true } else { false } },
        .init(name: "a customer of the portal", meansSomebody: false) { $0 == .portalCustomer },
        .init(name: "a holder of an unknown kind", meansSomebody: false) {
            if case .unknown = $0 { true } else { false }
        },
    ]
}

extension AclInputs {
    fileprivate mutating func forget(_ kind: Visibility.Kind) {
        restrictions = restrictions.filter { if case .visibility(kind, _, _) = $0 { false } else { true } }
    }
}

extension AclClauses {
    fileprivate var asksListing: Bool {
        browse?.contains { if case .listed = $0 { true } else { false } } ?? false
    }
}

extension AccessFacts {
    fileprivate mutating func changePeople(_ change: (inout Person) -> Void) {
        for id in accounts.keys { if var person = accounts[id] { change(&person); accounts[id] = person } }
    }

    fileprivate mutating func change(_ kind: Account.Kind, to other: Account.Kind) {
        changePeople { if $0.kind == kind { $0.kind = other } }
    }

    fileprivate mutating func changeLevels(_ change: (inout SecurityLevel) -> Void) {
        for id in securityLevels.keys {
            if var level = securityLevels[id] { change(&level); securityLevels[id] = level }
        }
    }

    fileprivate mutating func changeRoles(_ change: (inout RoleActors) -> Void) {
        for id in projects.keys {
            for index in projects[id]?.roles.indices ?? 0..<0 {
                if var role = projects[id]?.roles[index] { change(&role); projects[id]?.roles[index] = role }
            }
        }
    }

    fileprivate mutating func changeHolders(_ change: (Holder) -> Holder) {
        for (id, scheme) in permissionSchemes {
            permissionSchemes[id]?.grants = scheme.grants.map {
                .init(permission: $0.permission, holder: change($0.holder))
            }
        }
        changeLevels { $0.members = $0.members?.map(change) }
    }
}
