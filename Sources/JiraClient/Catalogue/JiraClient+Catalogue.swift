import FastJSON
import IssueDecoding
public import IssueModel

/// A kind of link between issues.
public struct LinkType: Hashable, Sendable {
    public var id: EntityID
    public var name: String
    public var inward: String
    public var outward: String
}

extension JiraClient {
    /// The site's fields.
    ///
    /// `GET /field`, and on Cloud `GET /field/search` too, as each knows fields that the other leaves out.
    public func fields() async throws(JiraError) -> [Field] {
        let fields = try await wholeList(Call(.get, "/field")) { try Self.field($0) }
        guard flavour == .cloud else { return fields }
        let known = Set(fields.map(\.id))
        let search = Call(.get, "/field/search", query: [("type", "custom")])
        let found: [Field]
        do throws(JiraError) {
            found = try await list(search, in: "values", pageSize: 50) { try Self.field($0) }
        } catch {
            // Anonymous and some tokens may list fields but not search them; the list is then all there is.
            guard error.concernsAccess || error.code == .notFound else { throw error }
            return fields
        }
        return fields + found.filter { !known.contains($0.id) }
    }

    private static func field(_ view: JSONView) throws -> Field {
        let id = try view.required("id", \.string)
        let schema = view["schema"]
        return Field(
            id: EntityID(id), name: view["name"]?.string ?? id, type: schema?["type"]?.string ?? "any",
            items: schema?["items"]?.string, customType: schema?["custom"]?.string)
    }

    /// Every status with its category. `GET /status`.
    public func statuses() async throws(JiraError) -> [Status] {
        try await wholeList(Call(.get, "/status")) { try Status($0) }
    }

    /// Every issue type. `GET /issuetype`.
    public func issueTypes() async throws(JiraError) -> [IssueType] {
        try await wholeList(Call(.get, "/issuetype")) { try IssueType($0) }
    }

    /// Every priority, highest first. `GET /priority/search` on Cloud, `GET /priority` on Data Center.
    public func priorities() async throws(JiraError) -> [Entity] {
        try await searchable("/priority")
    }

    /// Every resolution. `GET /resolution/search` on Cloud, `GET /resolution` on Data Center.
    public func resolutions() async throws(JiraError) -> [Entity] {
        try await searchable("/resolution")
    }

    private func searchable(_ path: String) async throws(JiraError) -> [Entity] {
        switch flavour {
        case .cloud:
            try await list(Call(.get, path + "/search"), in: "values", pageSize: 50) { try $0.entity() }
        case .dataCenter: try await wholeList(Call(.get, path)) { try $0.entity() }
        }
    }

    /// Every project role by name. `GET /role`; administrators only.
    public func roles() async throws(JiraError) -> [Entity] {
        try await wholeList(Call(.get, "/role")) { try $0.entity() }
    }

    /// Every kind of link. `GET /issueLinkType`.
    public func linkTypes() async throws(JiraError) -> [LinkType] {
        try await wholeList(Call(.get, "/issueLinkType"), in: "issueLinkTypes") { view in
            let entity = try view.entity()
            return LinkType(
                id: entity.id, name: entity.name, inward: view["inward"]?.string ?? entity.name,
                outward: view["outward"]?.string ?? entity.name)
        }
    }

    /// Every board this account may see. `GET /rest/agile/1.0/board`.
    ///
    /// - Throws: `notFound` on a site without Jira Software.
    public func boards() async throws(JiraError) -> [Board] {
        try await list(Call(.get, "/board", in: .agile), in: "values", pageSize: 50) { view in
            let entity = try view.entity()
            return Board(
                id: entity.id, name: entity.name, type: view["type"]?.string ?? "simple",
                projectKey: view["location"]?["projectKey"]?.string)
        }
    }

    /// The sprints of a board; none where the board has no sprints. `GET /rest/agile/1.0/board/{id}/sprint`.
    public func sprints(ofBoard board: EntityID) async throws(JiraError) -> [Sprint] {
        let call = Call(.get, "/board/{boardId}/sprint", [board.rawValue], in: .agile)
        do throws(JiraError) {
            return try await list(call, in: "values", pageSize: 50) { view in
                guard let sprint = Sprint(view) else { throw IssueDecodingError.missing("id") }
                return sprint
            }
        } catch {
            // "The board does not support sprints."
            guard error.code == .badRequest else { throw error }
            return []
        }
    }
}
