public import SimulatedData

/// One line of the audit log, as Jira Cloud keeps it: changes of rules and people, and deletions; never an issue's content.
public struct AuditRecord: Sendable, Hashable {
    public var id: Int
    public var summary: String
    public var category: String
    public var created: Milliseconds
    /// A position in ``SiteState/users``.
    public var author: Int
    public var object: AuditItem
    public var associated: [AuditItem]
    public var changes: [AuditChange]

    /// The key of the issue or the name of the thing concerned.
    public var objectName: String { object.name }
    /// For example `ISSUE_DELETE`.
    public var objectType: String { object.type }
}

/// A thing an audit record names. Deleted issues have a key here and no id.
public struct AuditItem: Sendable, Hashable {
    public var id: String?
    public var name: String
    /// `USER`, `GROUP`, `PROJECT`, `SCHEME`, `PROJECT_ROLE`, `ISSUE_DELETE`.
    public var type: String

    package init(id: String?, name: String, type: String) {
        (self.id, self.name, self.type) = (id, name, type)
    }
}

/// A value before and after.
public struct AuditChange: Sendable, Hashable {
    public var field: String
    public var from: String?
    public var to: String?

    package init(field: String, from: String?, to: String?) {
        (self.field, self.from, self.to) = (field, from, to)
    }
}

extension SiteState {
    package mutating func audit(
        _ summary: String, _ category: String, _ object: AuditItem, associated: [AuditItem] = [],
        changes: [AuditChange] = [], by hand: Hand?
    ) {
        let hand = hand ?? Hand(user: 0, now: moment)
        guard hand.leavesAuditRecord else { return }
        auditRecords.append(
            AuditRecord(
                id: auditRecords.count + 1, summary: summary, category: category, created: hand.now, author: hand.user,
                object: object, associated: associated, changes: changes))
    }

    package func item(project: Int) -> AuditItem {
        AuditItem(id: String(projects[project].id), name: projects[project].name, type: "PROJECT")
    }

    package func item(user: Int) -> AuditItem {
        AuditItem(id: users[user].accountID, name: users[user].accountID, type: "USER")
    }

    package func item(group: Int) -> AuditItem {
        AuditItem(id: groups[group].name, name: groups[group].name, type: "GROUP")
    }

    /// A line for everybody who came to a group or left it.
    mutating func auditMembers(of group: Int, before: [Int], by hand: Hand?) {
        let after = groups[group].members
        for (summary, people) in [
            ("User added to group", Set(after).subtracting(before)),
            ("User removed from group", Set(before).subtracting(after)),
        ] {
            for person in people.sorted() {
                audit(summary, "group management", item(group: group), associated: [item(user: person)], by: hand)
            }
        }
    }

    /// A line for every holder that came to a scheme or left it.
    mutating func auditHolders(
        _ summary: String, of object: AuditItem, _ name: String, before: [Holder], after: [Holder], by hand: Hand?
    ) {
        for holder in Set(after).subtracting(before).sorted(by: { $0.auditText < $1.auditText }) {
            audit(
                summary, "permissions", object,
                changes: [
                    AuditChange(field: "Permission", from: nil, to: name),
                    AuditChange(field: "Type", from: nil, to: holder.type),
                    AuditChange(field: "Value", from: nil, to: value(of: holder)),
                ], by: hand)
        }
        for holder in Set(before).subtracting(after).sorted(by: { $0.auditText < $1.auditText }) {
            audit(
                summary, "permissions", object,
                changes: [
                    AuditChange(field: "Permission", from: name, to: nil),
                    AuditChange(field: "Type", from: holder.type, to: nil),
                    AuditChange(field: "Value", from: value(of: holder), to: nil),
                ], by: hand)
        }
    }

    private func value(of holder: Holder) -> String {
        switch holder {
        case .group(let group): groups[group].name
        case .user(let user): users[user].accountID
        case .projectRole(let id): role(id: id)?.name ?? String(id)
        case .applicationRole(let key): key ?? ""
        case .userCustomField(let field), .groupCustomField(let field): field
        default: ""
        }
    }
}

extension Holder {
    /// Something to put records in order by.
    fileprivate var auditText: String { "\(self)" }
}
