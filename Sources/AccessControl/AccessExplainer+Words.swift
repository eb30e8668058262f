import IssueModel

extension AccessExplainer {
    /// The reader an explanation is about.
    struct Person {
        var identity: Reader.Identity
        var name: String
        var principals: Set<Principal>
        /// What Jira itself lists to the account; `nil` where there is no listing that counts.
        var listed: Set<Principal>?
        /// Why the account as such holds little or nothing.
        var hindrances: [String]

        init(_ identity: Reader.Identity, in explainer: AccessExplainer) {
            self.identity = identity
            hindrances = []
            listed = nil
            principals = explainer.membership.principals(of: identity)
            switch identity {
            case .operator, .anonymous:
                name = "an anonymous visitor"
            case .unlinked:
                name = "a member without an account in this source"
                hindrances = ["A member without an account in this source sees nothing of it."]
            case .account(let id):
                guard let person = explainer.rules.facts.accounts[id] else {
                    name = id.rawValue
                    hindrances = ["Account \(id) is not known in this source, so its rules grant it nothing."]
                    return
                }
                name = person.displayName.isEmpty ? id.rawValue : person.displayName
                if !person.isActive {
                    hindrances = ["\(name)’s account is inactive; Jira does not let it sign in, so it sees nothing."]
                } else if person.kind == .customer {
                    hindrances = [
                        "\(name) is a service-desk customer, who sees requests in the portal but not in Jira."
                    ]
                } else if person.kind == .unknown {
                    hindrances = [
                        "\(name)’s account is of a kind this version does not know, so it sees what anybody sees."
                    ]
                } else if explainer.rules.facts.mode == .mirror, principals == Membership.anonymous {
                    hindrances = [
                        "No Jira application licenses \(name), so Jira does not let the account sign in and it sees what "
                            + "anybody sees."
                    ]
                }
            }
        }

        var account: AccountID? { if case .account(let id) = identity { id } else { nil } }
    }

    /// A holder as Jira's administration pages put it.
    func words(for holder: Holder, _ inputs: AclInputs) -> String {
        switch holder {
        case .anyone: "anyone"
        case .applicationRole(.none): "any logged-in user"
        case .applicationRole(.some(let key)): "application access “\(applicationName(key))”"
        case .group(let id): "group “\(groupName(id))”"
        case .account(let id): "single user \(accountName(id))"
        case .projectRole(let role): "project role “\(roleName(role, inputs.project))”"
        case .projectLead:
            "project lead (\(rules.facts.projects[inputs.project]?.lead.map { accountName($0) } ?? "nobody"))"
        case .reporter: "reporter (\(people(.reporter, inputs)))"
        case .assignee: "current assignee (\(people(.assignee, inputs)))"
        case .accountField(let field):
            "user custom field “\(fieldName(field))” (\(people(.accountField(field), inputs)))"
        case .groupField(let field): "group custom field “\(fieldName(field))” (\(people(.groupField(field), inputs)))"
        case .portalCustomer: "service project customers in the portal"
        case .unknown(let type): "“\(type)”, a kind of holder this version does not know and treats as nobody"
        }
    }

    /// How a person comes to hold a principal.
    func how(_ principal: Principal, _ person: Person) -> String {
        guard let account = person.account else { return "counts as anyone" }
        switch principal {
        case .anyone: return "counts as anyone"
        case .licensed: return "is licensed\(through { role in role.groups })"
        case .applicationRole(let key):
            return "has it\(through { role in role.key == key ? role.groups : [] })"
        case .member: return "is a member of this Drawbridge"
        case .groupNamed, .listed, .restricted: return "is shown it by Jira"
        case .account: return "is that person"
        case .group(let id):
            let direct = membership.directGroups(of: account)
            if direct.contains(rules.facts.normalized(id)) { return "is a member" }
            let via = direct.first { membership.groups(reachedFrom: [$0]).contains(rules.facts.normalized(id)) }
            return "is a member\(via.map { " through group “\(groupName($0))”" } ?? "")"
        case .role(let project, let role):
            let actors = rules.facts.projects[project]?.roles.first { $0.role.id == role }
            if actors?.accounts.contains(account) == true { return "plays it" }
            let groups = actors?.groups ?? []
            return "plays it" + via(groups.filter { person.principals.contains(.group(rules.facts.normalized($0))) })
        }
        func through(_ groups: (ApplicationRole) -> [GroupID]) -> String {
            via(
                rules.facts.applicationRoles.flatMap(groups)
                    .filter { person.principals.contains(.group(rules.facts.normalized($0))) })
        }
        func via(_ groups: [GroupID]) -> String {
            groups.first.map { " through group “\(groupName($0))”" } ?? ""
        }
    }

    /// What an administrator of Jira would do to make a holder apply.
    func remedy(for holder: Holder, _ inputs: AclInputs, _ person: Person) -> String? {
        guard person.account != nil else { return nil }
        let name = person.name
        switch holder {
        case .applicationRole(.none): return "\(name) had access to a Jira application"
        case .applicationRole(.some(let key)): return "\(name) had access to “\(applicationName(key))”"
        case .group(let id): return "\(name) were a member of group “\(groupName(id))”"
        case .projectRole(let role):
            return "\(name) played project role “\(roleName(role, inputs.project))” in \(projectKey(inputs.project))"
        case .projectLead: return "\(name) were the project's lead"
        case .reporter: return "\(name) were the reporter"
        case .assignee: return "\(name) were the assignee"
        case .accountField(let field): return "“\(fieldName(field))” named \(name)"
        case .groupField(let field): return "“\(fieldName(field))” named a group of \(name)’s"
        case .account, .anyone, .portalCustomer, .unknown: return nil
        }
    }

    private func people(_ holder: DynamicHolder, _ inputs: AclInputs) -> String {
        let names = (inputs.values[holder] ?? []).sorted().map { principal in
            switch principal {
            case .account(let id): accountName(id)
            case .group(let id): groupName(id)
            default: principal.value
            }
        }
        return names.isEmpty ? "nobody" : names.prefix(10).joined(separator: ", ")
    }

    private func accountName(_ id: AccountID) -> String {
        let name = rules.facts.accounts[id]?.displayName ?? ""
        return name.isEmpty ? id.rawValue : name
    }

    private func groupName(_ id: GroupID) -> String {
        rules.facts.groups[rules.facts.normalized(id)]?.name ?? id.rawValue
    }

    private func roleName(_ role: EntityID, _ project: EntityID) -> String {
        rules.facts.projects[project]?.roles.first { $0.role.id == role }?.role.name ?? role.rawValue
    }

    func projectKey(_ project: EntityID) -> String { rules.facts.projects[project]?.key ?? "project \(project)" }

    private func applicationName(_ key: String) -> String {
        rules.facts.applicationRoles.first { $0.key == key }?.name ?? key
    }

    private func fieldName(_ id: EntityID) -> String { fieldNames[id] ?? id.rawValue }
}
