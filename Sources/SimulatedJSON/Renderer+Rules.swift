package import FastJSON
import SimulatedData
package import SimulatedSite

/// Schemes, grants, holders and the audit log.
extension Renderer {
    package func permissionScheme(_ scheme: PermissionScheme, withGrants: Bool, _ json: inout JSONWriter) {
        json.object { json in
            json.member("expand", "permissions,user,group,projectRole,field,all")
            json.member("id", scheme.id)
            json.member("self", "\(api)/permissionscheme/\(scheme.id)")
            json.member("name", scheme.name)
            json.member("description", scheme.description)
            if isCloud { self.scope(scheme.scope, &json) }
            guard withGrants else { return }
            json.member(
                "permissions", array: { json in for grant in scheme.grants { self.grant(grant, of: scheme, &json) } })
        }
    }

    package func grant(_ grant: PermissionGrant, of scheme: PermissionScheme, _ json: inout JSONWriter) {
        json.object { json in
            json.member("id", grant.id)
            json.member("self", "\(api)/permissionscheme/\(scheme.id)/permission/\(grant.id)")
            json.key("holder")
            self.holder(grant.holder, &json)
            json.member("permission", grant.permission)
        }
    }

    /// Whom a grant or a level names. Cloud says groups by name and id; Data Center by name only.
    package func holder(_ holder: Holder, _ json: inout JSONWriter) {
        json.object { json in
            json.member("type", holder.type)
            let (parameter, value, expand) = parameters(of: holder)
            if let parameter {
                json.member("parameter", parameter)
                if isCloud { json.member("value", value ?? parameter) }
            }
            json.optional("expand", expand)
        }
    }

    private func parameters(of holder: Holder) -> (parameter: String?, value: String?, expand: String?) {
        switch holder {
        case .anyone, .projectLead, .reporter, .assignee, .portalOnly: (nil, nil, nil)
        case .applicationRole(let key): (key, key, nil)
        case .group(let index): (state.groups[index].name, state.groups[index].id, "group")
        case .user(let index):
            isCloud
                ? (state.users[index].accountID, state.users[index].accountID, "user")
                : (state.users[index].key, nil, "user")
        case .projectRole(let id): (String(id), String(id), "projectRole")
        case .userCustomField(let field), .groupCustomField(let field): (field, field, "field")
        case .unknown(_, let parameter): (parameter, parameter, nil)
        }
    }

    /// The members of a security scheme, without braces.
    package func members(of scheme: SecurityScheme, withLevels: Bool, _ json: inout JSONWriter) {
        json.member("self", "\(api)/issuesecurityschemes/\(scheme.id)")
        json.member("id", scheme.id)
        json.member("name", scheme.name)
        json.member("description", scheme.description)
        if let level = scheme.defaultLevel { json.member("defaultSecurityLevelId", level) }
        guard withLevels else { return }
        json.member("levels", array: { json in for level in scheme.levels { self.level(level, &json) } })
    }

    package func auditRecord(_ record: AuditRecord, _ json: inout JSONWriter) {
        json.object { json in
            json.member("id", record.id)
            json.member("summary", record.summary)
            json.member("remoteAddress", "203.0.113.7")
            json.member("authorAccountId", state.users[record.author].accountID)
            json.member("created", time(record.created))
            json.member("category", record.category)
            json.member("eventSource", "")
            json.key("objectItem")
            auditItem(record.object, &json)
            if !record.changes.isEmpty {
                json.member(
                    "changedValues",
                    array: { json in
                        for change in record.changes {
                            json.object { json in
                                json.member("fieldName", change.field)
                                json.optional("changedFrom", change.from)
                                json.optional("changedTo", change.to)
                            }
                        }
                    })
            }
            guard !record.associated.isEmpty else { return }
            json.member(
                "associatedItems", array: { json in for item in record.associated { auditItem(item, &json) } })
        }
    }

    private func auditItem(_ item: AuditItem, _ json: inout JSONWriter) {
        json.object { json in
            json.optional("id", item.id)
            json.member("name", item.name)
            json.member("typeName", item.type)
            if ["USER", "GROUP"].contains(item.type) {
                json.member("parentId", "1")
                json.member("parentName", "Jira Internal Directory")
            }
        }
    }
}
