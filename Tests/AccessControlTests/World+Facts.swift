import AccessControl
import AtlassianDocument
import IssueModel
import Testing

/// The same world as Jira's API would tell it.
extension World {
    static let personField: EntityID = "customfield_10001"
    static let groupField: EntityID = "customfield_10002"

    var facts: AccessFacts {
        var facts = AccessFacts(mode: accessMode, groupsAreNames: isDataCenter)
        for (name, person) in people where !person.isUnknown {
            let kind: Account.Kind =
                person.isCustomer ? .customer : person.isApp ? .app : person.isStrange ? .unknown : .person
            facts.accounts[AccountID(name)] = .init(
                id: AccountID(name), kind: kind, isActive: person.isActive, displayName: name.uppercased())
        }
        for (name, crowd) in groups {
            let id = groupID(name)
            facts.groups[id] = Group(id: id, name: name)
            facts.memberships[id] = crowd.members.map { AccountID($0) }
            if isDataCenter, !crowd.inner.isEmpty { facts.subgroups[id] = crowd.inner.map { groupID($0) } }
        }
        facts.applicationRoles = licences.map { key, groups in
            ApplicationRole(key: key, name: key.uppercased(), groups: groups.map { groupID($0) })
        }
        for (key, place) in projects {
            let scheme = EntityID("scheme-\(key)")
            facts.projects[EntityID(key)] = .init(
                id: EntityID(key), key: key, lead: place.lead.map { AccountID($0) },
                permissionScheme: place.hasScheme ? scheme : nil,
                roles: place.roles.map { name, crowd in
                    RoleActors(
                        role: Entity(id: roleID(name), name: name), accounts: crowd.members.map { AccountID($0) },
                        groups: crowd.inner.map { groupID($0) })
                })
            let grants =
                place.browse.map { PermissionScheme.Grant(permission: "BROWSE_PROJECTS", holder: holder($0)) }
                + place.agents.map { PermissionScheme.Grant(permission: "SERVICEDESK_AGENT", holder: holder($0)) }
                + [PermissionScheme.Grant(permission: "EDIT_ISSUES", holder: .anyone)]
            facts.permissionSchemes[scheme] = PermissionScheme(id: scheme, name: "Scheme of \(key)", grants: grants)
            for (name, members) in place.levels {
                let id = EntityID("\(key)-\(name)")
                facts.securityLevels[id] = SecurityLevel(id: id, name: name, members: members?.map { holder($0) })
            }
        }
        return facts
    }

    private var accessMode: AccessMode {
        switch mode {
        case .mirror: .mirror
        case .linked: .linked
        case .everybody: .public
        case .members: .shared
        }
    }

    /// The issue, with names where some sites give ids, and in whatever case they please.
    func issue(_ ticket: Ticket) throws -> Issue {
        var issue = Issue(
            id: IssueID(ticket.id), key: try #require(IssueKey("\(ticket.project)-\(ticket.id)")),
            project: Entity(id: EntityID(ticket.project), name: ticket.project), projectKey: ticket.project,
            summary: "", type: IssueType(id: "1", name: "Task"),
            status: Status(id: "1", name: "Open", category: .new), created: .init(milliseconds: 0),
            updated: .init(milliseconds: 0))
        issue.securityLevel = ticket.level.map { Entity(id: EntityID("\(ticket.project)-\($0)"), name: $0) }
        issue.reporter = ticket.reporter.map { account($0) }
        issue.assignee = ticket.assignee.map { account($0) }
        if !ticket.personField.isEmpty {
            let people = ticket.personField.map {
                FieldValue.AccountReference(id: AccountID($0), displayName: $0)
            }
            issue.otherFields.append(.init(id: Self.personField, name: "Reviewers", value: .accounts(people)))
        }
        if !ticket.groupField.isEmpty {
            let groups = ticket.groupField.map { groupID($0) }
            let options = ticket.groupField.map { Entity(id: "1", name: $0.uppercased()) }
            issue.otherFields.append(
                .init(
                    id: Self.groupField, name: "Team group",
                    value: ticket.groupFieldIsSelect ? .entities(options) : .groups(groups)))
        }
        issue.restrictedToRoles = ticket.onlyRoles.map { Entity(id: roleID($0), name: $0) }
        for (index, note) in ticket.comments.enumerated() {
            var comment = Comment(
                id: EntityID("c\(index)"), author: nil, created: .init(milliseconds: 0),
                updated: .init(milliseconds: 0), body: try Self.body(embedding: note.embeds),
                visibility: visibility(note, byName: index % 2 == 1))
            comment.isInternal = note.limits.contains(.agents)
            issue.comments.append(comment)
        }
        for (index, note) in ticket.worklogs.enumerated() {
            issue.worklogs.append(
                Worklog(
                    id: EntityID("w\(index)"), author: nil, started: .init(milliseconds: 0),
                    created: .init(milliseconds: 0), updated: .init(milliseconds: 0), seconds: 60,
                    visibility: visibility(note, byName: index % 2 == 0)))
        }
        issue.attachments = ticket.files.map { Self.attachment($0) }
        return issue
    }

    static func attachment(_ name: String, created: Int64 = 0) -> Attachment {
        Attachment(
            id: EntityID(name), filename: name, author: nil, created: .init(milliseconds: created), size: 1,
            mimeType: "text/plain", contentURL: "")
    }

    static func body(embedding names: [String]) throws -> Document {
        let media = names.map {
            #"{"type":"mediaSingle","content":[{"type":"media","attrs":{"id":"\#($0)-id","type":"file","alt":"\#($0)"}}]}"#
        }
        let text = #"{"type":"doc","version":1,"content":[\#(media.joined(separator: ","))]}"#
        return try Document(adfText: Array(text.utf8))
    }

    func groupID(_ name: String) -> GroupID { GroupID(isDataCenter ? name.lowercased() : "id-of-\(name)") }
    private func roleID(_ name: String) -> EntityID { EntityID("role-\(name)") }
    private func account(_ name: String) -> Account { Account(id: AccountID(name), displayName: name.uppercased()) }

    private func visibility(_ note: Note, byName: Bool) -> Visibility? {
        // One site always says it the same way; what its accounts are shown is compared by it.
        let byName = mode == .linked ? isDataCenter : byName
        for limit in note.limits {
            switch limit {
            case .role(let name):
                return Visibility(
                    kind: .role, name: byName ? name.uppercased() : "old name",
                    identifier: byName ? nil : roleID(name).rawValue)
            case .group(let name):
                let byName = byName || isDataCenter
                return Visibility(
                    kind: .group, name: byName ? name.uppercased() : "old name",
                    identifier: byName ? nil : groupID(name).rawValue)
            case .agents: continue
            }
        }
        return nil
    }

    private func holder(_ who: Who) -> Holder {
        switch who {
        case .anyone: .anyone
        case .anyLicensed: .applicationRole(key: nil)
        case .licensed(let key): .applicationRole(key: key)
        case .group(let name): .group(isDataCenter ? GroupID(name.uppercased()) : groupID(name))
        case .person(let name): .account(AccountID(name))
        case .role(let name): .projectRole(roleID(name))
        case .lead: .projectLead
        case .reporter: .reporter
        case .assignee: .assignee
        case .personField: .accountField(Self.personField)
        case .groupField: .groupField(Self.groupField)
        case .portal: .portalCustomer
        case .strange: .unknown(type: "moonPhase")
        }
    }
}
