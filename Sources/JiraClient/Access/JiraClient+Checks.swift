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

    /// Which comments and worklogs this account may see, of those asked for.
    ///
    /// Cloud: `POST /comment/list`. Data Center: `GET /issue/{id}/comment/{id}`, one by one. Both: `POST /worklog/list`.
    /// A part that is gone is as invisible as one that is kept from the account.
    ///
    /// - Throws: `incompleteListing` where Jira gives fewer than it says it has.
    public func visibleParts(_ parts: some Collection<PartReference>) async throws(JiraError) -> Set<PartReference> {
        let comments = parts.filter { $0.kind == .comment }
        let worklogs = parts.filter { $0.kind == .worklog }
        let seen = try await visibleComments(comments).union(visibleWorklogs(worklogs.map(\.id)))
        return Set(parts.filter { seen.contains(Seen(kind: $0.kind, id: $0.id)) })
    }

    private struct Seen: Hashable {
        var kind: PartReference.Kind
        var id: EntityID
    }

    private func visibleComments(_ comments: [PartReference]) async throws(JiraError) -> Set<Seen> {
        let answers: [[EntityID]]
        switch flavour {
        case .cloud:
            answers = try await concurrently(numbers(comments.map(\.id))) { (ids) async throws(JiraError) in
                try await self.listedComments(ids)
            }
        case .dataCenter:
            answers = try await concurrently(comments) { (comment) async throws(JiraError) in
                try await self.isVisible(comment) ? [comment.id] : []
            }
        }
        return Set(answers.joined().map { Seen(kind: .comment, id: $0) })
    }

    private func listedComments(_ ids: [Int64]) async throws(JiraError) -> [EntityID] {
        let call = Call(.post, "/comment/list", body: idList(ids))
        return try await fetch(call) { root in
            let found = try root.requiredArray("values").elements.map {
                EntityID(try $0.required("id", \.identifier))
            }
            // The call takes no `startAt`: what is left out here could never be asked for.
            guard root["isLast"]?.bool != false || found.count == ids.count else {
                throw IssueDecodingError.missing("values")
            }
            return found
        }
    }

    private func isVisible(_ comment: PartReference) async throws(JiraError) -> Bool {
        let call = Call(
            .get, "/issue/{issueIdOrKey}/comment/{id}", [comment.issue.description, comment.id.rawValue])
        do throws(JiraError) {
            return try await fetch(call) { try $0.required("id", \.identifier) } == comment.id.rawValue
        } catch {
            guard error.code == .notFound || error.code == .permissionMissing else { throw error }
            return false
        }
    }

    private func visibleWorklogs(_ ids: [EntityID]) async throws(JiraError) -> Set<Seen> {
        let answers = try await concurrently(numbers(ids)) { (ids) async throws(JiraError) in
            try await self.wholeList(Call(.post, "/worklog/list", body: self.idList(ids))) {
                EntityID(try $0.required("id", \.identifier))
            }
        }
        return Set(answers.joined().map { Seen(kind: .worklog, id: $0) })
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
