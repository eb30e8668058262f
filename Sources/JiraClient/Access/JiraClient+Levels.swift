import FastJSON
import IssueDecoding
public import IssueModel

extension JiraClient {
    /// The levels of every security scheme with their members.
    ///
    /// Cloud: `GET /issuesecurityschemes/level` and `…/level/member`, for all schemes in one listing each. Data Center:
    /// the schemes one by one, without members: they are `nil`.
    public func securityLevels() async throws(JiraError) -> [SecurityLevel] {
        guard flavour == .cloud else {
            return try await Array(
                concurrently(securitySchemes()) { (scheme) async throws(JiraError) in
                    try await self.securityLevels(ofScheme: scheme.id)
                }.joined())
        }
        return try await securityLevels(query: [])
    }

    /// The levels of a security scheme with their members.
    ///
    /// Cloud: `GET /issuesecurityschemes/level` and `…/level/member`. Data Center: `GET /issuesecurityschemes/{id}`,
    /// which has no members: they are `nil`.
    public func securityLevels(ofScheme scheme: EntityID) async throws(JiraError) -> [SecurityLevel] {
        guard flavour == .cloud else {
            let call = Call(.get, "/issuesecurityschemes/{id}", [scheme.rawValue])
            return try await wholeList(call, in: "levels") { view in
                let level = try view.entity()
                return SecurityLevel(id: level.id, schemeID: scheme, name: level.name, members: nil)
            }
        }
        return try await securityLevels(query: [("schemeId", scheme.rawValue)])
    }

    private func securityLevels(query: [(name: String, value: String)]) async throws(JiraError) -> [SecurityLevel] {
        let asked = query.first.map { EntityID($0.value) }
        let levels = try await list(
            Call(.get, "/issuesecurityschemes/level", query: query), in: "values", pageSize: 50
        ) { view in
            let level = try view.entity()
            guard let scheme = asked ?? view["issueSecuritySchemeId"]?.identifier.map({ EntityID($0) }) else {
                throw IssueDecodingError.missing("issueSecuritySchemeId")
            }
            return SecurityLevel(id: level.id, schemeID: scheme, name: level.name, members: [])
        }
        let memberCall = Call(
            .get, "/issuesecurityschemes/level/member", query: query + [(name: "expand", value: "all")])
        let members = try await list(memberCall, in: "values", pageSize: 100) { view in
            (
                level: EntityID(try view.required("issueSecurityLevelId", \.identifier)),
                holder: self.holder(try view.required("holder") { $0 })
            )
        }
        let byLevel = Dictionary(grouping: members, by: \.level)
        return levels.map { level in
            var level = level
            level.members = byLevel[level.id]?.map(\.holder) ?? []
            return level
        }
    }

    /// Which security scheme each company-managed project uses; projects without one are absent.
    ///
    /// `GET /issuesecurityschemes/project`, Cloud only, administrators only.
    ///
    /// - Throws: `unsupported` elsewhere.
    public func securitySchemeProjects() async throws(JiraError) -> [EntityID: EntityID] {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        let call = Call(.get, "/issuesecurityschemes/project")
        let pairs = try await list(call, in: "values", pageSize: 50) { view in
            (
                EntityID(try view.required("projectId", \.identifier)),
                EntityID(try view.required("issueSecuritySchemeId", \.identifier))
            )
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
