import FastJSON
import IssueDecoding
public import IssueModel

/// An entry of Jira's audit log: who is granted what, and when that changed.
public struct AuditRecord: Hashable, Sendable {
    public var id: Int64
    public var created: Timestamp
    /// `User added to group`, in the site's language.
    public var summary: String
    /// `group management`, `permissions`, `user management`, …; in the site's language.
    public var category: String
    /// What was changed.
    public var object: Item?
    /// What the change is about besides: the person added to a group, the project a scheme was given to.
    public var associated: [Item]
    /// The fields that changed, by name; values may name people and are not kept.
    public var changedFields: [String]

    /// What it says was deleted: an issue by the key it had, or a whole project.
    ///
    /// A deleted project is told by the words of the summary, so only where the site's language is English.
    public var deletion: Deletion? {
        switch object?.type.uppercased() {
        case "ISSUE_DELETE"?: return object.flatMap { IssueKey($0.name) }.map { .issue($0) }
        case "PROJECT"?:
            let words = summary.lowercased()
            guard words.hasPrefix("project"), words.hasSuffix("deleted") else { return nil }
            return object?.id.map { .project(EntityID($0)) }
        default: return nil
        }
    }

    public enum Deletion: Hashable, Sendable { case issue(IssueKey), project(EntityID) }

    public struct Item: Hashable, Sendable {
        public var id: String?
        public var name: String
        /// `GROUP`, `USER`, `SCHEME`, `PROJECT`, `PROJECT_ROLE`, ….
        public var type: String
        public var parentName: String?
    }
}

extension JiraClient {
    /// The newest record of the audit log, with one request; `nil` where there is none.
    ///
    /// - Throws: What ``auditRecords(since:limit:)`` throws.
    public func newestAuditRecord() async throws(JiraError) -> AuditRecord? {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        let call = Call(.get, "/auditing/record", query: [("offset", "0"), ("limit", "1")])
        return try await fetch(call) { try $0.requiredArray("records").elements.map { try Self.auditRecord($0) } }.first
    }

    /// What the audit log tells of the time since `moment`, newest first as Jira gives it.
    ///
    /// `GET /auditing/record`, Cloud only; administrators only, and not on every plan. Groups that a directory outside
    /// of Jira manages change without a record.
    ///
    /// - Parameter limit: The most records read.
    /// - Throws: `incompleteListing` where there are more; `permissionMissing` or `notFound` where the site keeps no
    ///   log for this account; `unsupported` on Data Center, whose REST interface has none.
    public func auditRecords(
        since moment: Timestamp, limit: Int = 10_000
    ) async throws(JiraError) -> [AuditRecord] {
        guard flavour == .cloud else { throw JiraError(.unsupported) }
        var records: [AuditRecord] = []
        var known: Set<Int64> = []
        var offset = 0
        while true {
            let query = [("from", moment.rfc3339), ("offset", String(offset)), ("limit", "1000")]
            let call = Call(.get, "/auditing/record", query: query)
            let page = try await fetch(call) { root in
                (
                    records: try root.requiredArray("records").elements.map { try Self.auditRecord($0) },
                    total: root["total"]?.integer?.clamped
                )
            }
            // Records written meanwhile push the others on: some come twice, none is skipped.
            records += page.records.filter { known.insert($0.id).inserted }
            offset += page.records.count
            if page.records.isEmpty || page.total.map({ offset >= $0 }) == true { return records }
            guard records.count <= limit, offset <= 2 * limit else {
                throw JiraError(.incompleteListing, endpoint: call.endpoint(flavour).description)
            }
        }
    }

    private static func auditRecord(_ view: JSONView) throws -> AuditRecord {
        AuditRecord(
            id: try view.required("id", \.integer), created: try view.required("created", \.timestampIfAny),
            summary: view["summary"]?.string ?? "", category: view["category"]?.string ?? "",
            object: view["objectItem"].flatMap { item($0) },
            associated: view["associatedItems"]?.elements.compactMap { item($0) } ?? [],
            changedFields: view["changedValues"]?.elements.compactMap { $0["fieldName"]?.string } ?? [])
    }

    private static func item(_ view: JSONView) -> AuditRecord.Item? {
        guard view.kind == .object else { return nil }
        return AuditRecord.Item(
            id: view["id"]?.identifier, name: view["name"]?.string ?? "", type: view["typeName"]?.string ?? "",
            parentName: view["parentName"]?.string)
    }
}
