import FastJSON
import IssueDecoding
public import IssueModel

/// A comment or worklog of an issue, by its ids.
public struct PartReference: Hashable, Sendable {
    public var kind: Kind
    public var id: EntityID
    public var issue: IssueID

    public enum Kind: String, Hashable, Sendable, CaseIterable { case comment, worklog }

    public init(_ kind: Kind, _ id: EntityID, of issue: IssueID) {
        self.kind = kind
        self.id = id
        self.issue = issue
    }
}

/// A comment or worklog that Jira shows the caller, with what narrows it now.
public struct VisiblePart: Hashable, Sendable {
    public var visibility: Visibility?
    /// An internal note of a service project; on Data Center Jira does not mark those one by one.
    public var isInternal: Bool
}

extension JiraClient {
    /// The most issues of one ``permissionCheck(account:permission:issues:)``.
    public static var mostCheckedIssues: Int { 1_000 }

    /// Which of `issues` an account has a project permission on, by Jira's own judgement.
    ///
    /// `POST /permissions/check`, Cloud only. Issues that do not exist, or not any more, are left out of the answer.
    ///
    /// - Parameters:
    ///   - account: Any account; asking for another than one's own takes Administer Jira. `nil` asks for one's own.
    ///   - permission: `BROWSE_PROJECTS`, or another key.
    ///   - issues: At most ``mostCheckedIssues``.
    /// - Throws: `unsupported` elsewhere and for too many issues; what any call throws. A refusal is never an answer.
    public func permissionCheck(
        account: AccountID?, permission: String = "BROWSE_PROJECTS", issues: [IssueID]
    ) async throws(JiraError) -> Set<IssueID> {
        guard flavour == .cloud, issues.count <= Self.mostCheckedIssues else { throw JiraError(.unsupported) }
        guard !issues.isEmpty else { return [] }
        let asked = Set(issues)
        var body = JSONWriter()
        body.object {
            if let account { $0.member("accountId", account.rawValue) }
            $0.key("projectPermissions")
            $0.array { list in
                list.object {
                    $0.strings("permissions", [permission])
                    $0.key("issues")
                    $0.array { ids in for id in asked.sorted() { ids.integer(id.rawValue) } }
                }
            }
        }
        return try await fetch(Call(.post, "/permissions/check", body: body.bytes)) { root in
            var granted: Set<IssueID> = []
            for grant in try root.requiredArray("projectPermissions").elements
            where try grant.required("permission", \.string) == permission {
                for id in try grant.requiredArray("issues").elements {
                    guard let id = id.issueID else { throw IssueDecodingError.bad("issues") }
                    granted.insert(id)
                }
            }
            return granted.intersection(asked)
        }
    }

    /// Which of `issues` this account itself may see.
    ///
    /// Cloud: `POST /permissions/check`. Data Center: `POST /search` for the ids, of which only visible ones come back; where
    /// one that is not known spoils the query, `GET /issue/{id}` one by one.
    ///
    /// - Parameter issues: Any number; asked in several requests.
    public func visibleIssues(_ issues: some Collection<IssueID>) async throws(JiraError) -> Set<IssueID> {
        // Data Center caps the pages of its searches, at 1,000 unless it is told otherwise; the queries stay short too.
        let size = flavour == .cloud ? Self.mostCheckedIssues : 200
        let sorted = Set(issues).sorted()
        let chunks = stride(from: 0, to: sorted.count, by: size).map {
            Array(sorted[$0..<min($0 + size, sorted.count)])
        }
        let answers = try await concurrently(chunks) { (chunk) async throws(JiraError) in
            switch self.flavour {
            case .cloud: try await self.permissionCheck(account: nil, issues: chunk)
            case .dataCenter: Set(try await self.foundIssues(chunk).keys)
            }
        }
        return Set(answers.joined())
    }

    /// In which project each of `issues` is now; those that this account may not see are left out.
    ///
    /// Cloud: `POST /issue/bulkfetch`, 100 a request. Data Center: as ``visibleIssues(_:)``.
    public func projects(ofIssues issues: some Collection<IssueID>) async throws(JiraError) -> [IssueID: EntityID] {
        let size = flavour == .cloud ? 100 : 200
        let sorted = Set(issues).sorted()
        let chunks = stride(from: 0, to: sorted.count, by: size).map {
            Array(sorted[$0..<min($0 + size, sorted.count)])
        }
        let answers = try await concurrently(chunks) { (chunk) async throws(JiraError) in
            guard self.flavour == .cloud else { return try await self.foundIssues(chunk) }
            var body = JSONWriter()
            body.object {
                $0.strings("issueIdsOrKeys", chunk.map(\.description))
                $0.strings("fields", ["project"])
            }
            return try await self.fetch(Call(.post, "/issue/bulkfetch", body: body.bytes)) { root in
                try Self.places(root.requiredArray("issues"))
            }
        }
        return answers.reduce(into: [:]) { $0.merge($1.compactMapValues(\.self)) { first, _ in first } }
    }

    /// Issues of an answer with the projects they are in, as far as it says.
    private static func places(_ issues: JSONView) throws -> [IssueID: EntityID?] {
        Dictionary(try issues.elements.map { try place($0) }) { first, _ in first }
    }

    private static func place(_ issue: JSONView) throws -> (IssueID, EntityID?) {
        let project = issue["fields"]?["project"]?["id"]?.identifier
        return (try issue.required("id", \.issueID), project.map { EntityID($0) })
    }

    private func foundIssues(_ issues: [IssueID]) async throws(JiraError) -> [IssueID: EntityID?] {
        var body = JSONWriter()
        body.object {
            $0.member("jql", "id in (\(issues.map(\.description).joined(separator: ",")))")
            $0.strings("fields", ["project"])
            $0.member("maxResults", issues.count)
            // An id that is gone or hidden must not fail the others.
            $0.member("validateQuery", false)
        }
        let call = Call(.post, "/search", body: body.bytes)
        let (found, total, isWarned) = try await fetch(call) { root in
            (
                try Self.places(root.requiredArray("issues")),
                try root.required("total", \.integer).clamped,
                root["warningMessages"]?.elements.contains { _ in true } ?? false
            )
        }
        guard found.count >= total else {
            throw JiraError(.incompleteListing, endpoint: call.endpoint(flavour).description)
        }
        guard found.isEmpty else {
            let asked = Set(issues)
            return found.filter { asked.contains($0.key) }
        }
        // One id that Jira does not know may have spoilt the whole query.
        if isWarned { return try await openIssues(issues) }
        try await confirmCredential()
        return [:]
    }

    /// Which of `issues` Jira shows this account, asked for one by one: archived ones too, and whatever the state of the
    /// search index. `GET /issue/{id}`.
    ///
    /// - Throws: What any call throws; a refusal of the credential is never an answer.
    public func shownIssues(oneByOne issues: [IssueID]) async throws(JiraError) -> Set<IssueID> {
        Set(try await openIssues(issues).keys)
    }

    private func openIssues(_ issues: [IssueID]) async throws(JiraError) -> [IssueID: EntityID?] {
        let answers = try await concurrently(issues) { (issue) async throws(JiraError) -> [IssueID: EntityID?] in
            let call = Call(.get, "/issue/{issueIdOrKey}", [issue.description], query: [("fields", "project")])
            do throws(JiraError) {
                let (id, project) = try await self.fetch(call) { try Self.place($0) }
                return id == issue ? [id: project] : [:]
            } catch {
                guard error.code == .notFound || error.code == .permissionMissing else { throw error }
                return [:]
            }
        }
        let open = answers.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        if open.isEmpty { try await confirmCredential() }
        return open
    }

    /// The comments and worklogs that this account may see, of those asked for, with what narrows each now.
    ///
    /// Cloud: `POST /comment/list`. Data Center: `GET /issue/{id}/comment/{id}`, one by one. Both: `POST /worklog/list`.
    /// A part that is gone is as invisible as one that is kept from the account.
    ///
    /// - Throws: `undecodable` where Jira gives fewer than it says it has.
    public func visibleParts(
        _ parts: some Collection<PartReference>
    ) async throws(JiraError) -> [PartReference: VisiblePart] {
        let comments = parts.filter { $0.kind == .comment }
        let worklogs = parts.filter { $0.kind == .worklog }
        let seen = [
            PartReference.Kind.comment: try await visibleComments(comments),
            .worklog: try await visibleWorklogs(worklogs.map(\.id)),
        ]
        var result: [PartReference: VisiblePart] = [:]
        for part in parts { result[part] = seen[part.kind]?[part.id] }
        return result
    }

    private typealias Seen = [EntityID: VisiblePart]

    private func visibleComments(_ comments: [PartReference]) async throws(JiraError) -> Seen {
        let answers: [Seen]
        switch flavour {
        case .cloud:
            answers = try await concurrently(numbers(comments.map(\.id))) { (ids) async throws(JiraError) in
                try await self.listedComments(ids)
            }
        case .dataCenter:
            answers = try await concurrently(comments) { (comment) async throws(JiraError) in
                try await self.visibleComment(comment)
            }
        }
        return answers.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }

    private func listedComments(_ ids: [Int64]) async throws(JiraError) -> Seen {
        let call = Call(.post, "/comment/list", body: idList(ids))
        return try await fetch(call) { root in
            let found = try root.requiredArray("values").elements.map { try Self.part($0) }
            // The call takes no `startAt`: what is left out here could never be asked for.
            guard root["isLast"]?.bool != false || found.count == ids.count else {
                throw IssueDecodingError.missing("values")
            }
            return Dictionary(found) { first, _ in first }
        }
    }

    private func visibleComment(_ comment: PartReference) async throws(JiraError) -> Seen {
        let call = Call(
            .get, "/issue/{issueIdOrKey}/comment/{id}", [comment.issue.description, comment.id.rawValue])
        do throws(JiraError) {
            let (id, part) = try await fetch(call) { try Self.part($0) }
            return id == comment.id ? [id: part] : [:]
        } catch {
            guard error.code == .notFound || error.code == .permissionMissing else { throw error }
            return [:]
        }
    }

    private func visibleWorklogs(_ ids: [EntityID]) async throws(JiraError) -> Seen {
        let answers = try await concurrently(numbers(ids)) { (ids) async throws(JiraError) in
            Dictionary(
                try await self.wholeList(Call(.post, "/worklog/list", body: self.idList(ids))) { try Self.part($0) }
            ) { first, _ in first }
        }
        return answers.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }

    private static func part(_ view: JSONView) throws -> (EntityID, VisiblePart) {
        (
            EntityID(try view.required("id", \.identifier)),
            VisiblePart(
                visibility: try IssueDecoder.visibility(view), isInternal: view["jsdPublic"]?.bool == false)
        )
    }

    /// Ids as numbers, a thousand a request.
    private func numbers(_ ids: [EntityID]) -> [[Int64]] {
        let numbers = Set(ids.compactMap { Int64($0.rawValue) }).sorted()
        return stride(from: 0, to: numbers.count, by: 1_000).map {
            Array(numbers[$0..<min($0 + 1_000, numbers.count)])
        }
    }

    private func idList(_ ids: [Int64]) -> [UInt8] {
        var body = JSONWriter()
        body.object {
            $0.key("ids")
            $0.array { list in for id in ids { list.integer(id) } }
        }
        return body.bytes
    }
}
