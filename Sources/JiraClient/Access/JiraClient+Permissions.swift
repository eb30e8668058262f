import FastJSON
import IssueDecoding
public import IssueModel

extension JiraClient {
    /// Every permission scheme with all its grants. `GET /permissionscheme?expand=all`; administrators only on Data Center.
    public func permissionSchemes() async throws(JiraError) -> [PermissionScheme] {
        let call = Call(.get, "/permissionscheme", query: [("expand", "all")])
        let schemes = try await wholeList(call, in: "permissionSchemes") { view in
            (try view.entity(), view["permissions"] == nil ? nil : try self.permissionScheme(view))
        }
        return try await concurrently(schemes) { (entity, scheme) async throws(JiraError) in
            if let scheme { return scheme }
            return try await self.permissionScheme(entity.id)
        }
    }

    /// One permission scheme. `GET /permissionscheme/{id}?expand=all`.
    public func permissionScheme(_ id: EntityID) async throws(JiraError) -> PermissionScheme {
        let call = Call(.get, "/permissionscheme/{schemeId}", [id.rawValue], query: [("expand", "all")])
        return try await fetch(call) { try self.permissionScheme($0) }
    }

    /// The scheme of a project, with its grants. `GET /project/{key}/permissionscheme?expand=all`.
    ///
    /// - Throws: `permissionMissing` unless the account administers Jira or the project.
    public func permissionScheme(ofProject project: EntityID) async throws(JiraError) -> PermissionScheme {
        let call = Call(
            .get, "/project/{projectKeyOrId}/permissionscheme", [project.rawValue], query: [("expand", "all")])
        return try await fetch(call) { try self.permissionScheme($0) }
    }

    /// Which scheme a project uses; a smaller answer than ``permissionScheme(ofProject:)`` where the schemes are known.
    public func permissionSchemeID(ofProject project: EntityID) async throws(JiraError) -> EntityID {
        let call = Call(.get, "/project/{projectKeyOrId}/permissionscheme", [project.rawValue])
        return try await fetch(call) { try $0.entity().id }
    }

    private func permissionScheme(_ view: JSONView) throws -> PermissionScheme {
        let entity = try view.entity()
        // Without this array we would not know who may see anything, and must not guess.
        let grants = try view.requiredArray("permissions").elements.map { grant in
            PermissionScheme.Grant(
                permission: try grant.required("permission", \.string),
                holder: holder(try grant.required("holder") { $0 }))
        }
        return PermissionScheme(id: entity.id, name: entity.name, grants: grants)
    }

    /// Reads a holder of a permission or security scheme. What is not understood grants nobody.
    func holder(_ view: JSONView) -> Holder {
        let type = view["type"]?.string ?? ""
        let parameter = view["parameter"]?.identifier.flatMap { $0.isEmpty ? nil : $0 }
        let value = view["value"]?.identifier.flatMap { $0.isEmpty ? nil : $0 }
        switch type {
        case "anyone": return .anyone
        case "assignee": return .assignee
        case "reporter": return .reporter
        case "projectLead", "lead": return .projectLead
        case "sd.customer.portal.only": return .portalCustomer
        case "applicationRole": return .applicationRole(key: parameter ?? value)
        default: break
        }
        switch (type, parameter ?? value) {
        case ("group", let name?):
            return .group(groupID(name: name, id: value ?? view["group"]?["groupId"]?.string))
        case ("user", let identity?):
            // Data Center gives the key; expanded, the whole account.
            return .account(view["user"].flatMap { Account($0)?.id } ?? AccountID(value ?? identity))
        case ("projectRole", let role?): return .projectRole(EntityID(value ?? role))
        case ("userCustomField", let field?): return .accountField(EntityID(value ?? field))
        case ("groupCustomField", let field?): return .groupField(EntityID(value ?? field))
        default: return .unknown(type: type)
        }
    }

    /// Every security scheme. `GET /issuesecurityschemes`; administrators only.
    public func securitySchemes() async throws(JiraError) -> [Entity] {
        try await wholeList(Call(.get, "/issuesecurityschemes"), in: "issueSecuritySchemes") { try $0.entity() }
    }

    /// The security scheme of a project; `nil` where it has none. `GET /project/{key}/issuesecuritylevelscheme`.
    ///
    /// - Throws: `permissionMissing` unless the account administers Jira or the project.
    public func securityScheme(ofProject project: EntityID) async throws(JiraError) -> Entity? {
        let call = Call(.get, "/project/{projectKeyOrId}/issuesecuritylevelscheme", [project.rawValue])
        do throws(JiraError) {
            return try await fetch(call) { $0.entityIfAny }
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
