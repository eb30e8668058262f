import AccessControl
import Database
import IssueDecoding
public import IssueModel
public import JiraClient
public import Store

/// Stored comments and worklogs that are restricted, to find out by example which restrictions an account meets.
///
/// A role or group restriction admits the same people wherever it stands in a project: one part that Jira shows proves it.
/// An internal note may admit others from issue to issue, so that every sample of it must be shown.
public struct RestrictedSamples: Sendable {
    /// What narrows a part, in one project.
    struct Kind: Hashable, Sendable {
        var project: EntityID
        var restrictions: Set<Restriction>

        var isInternal: Bool { restrictions.contains(.internal) }
        /// Samples asked about of one account.
        var count: Int { isInternal ? 20 : 3 }
    }

    /// The newest parts of each kind, at most ``mostOfKind``.
    private(set) var parts: [Kind: [PartReference]] = [:]

    static let mostOfKind = 2_000
    static let mostKinds = 20_000

    /// Chooses among all restricted parts that are stored of a source.
    public init(of source: Source, in store: Store) async throws {
        parts = try await store.read { connection in
            let kinds = try Self.kinds(source: source.id, in: connection)
            if kinds.isEmpty { return [:] }
            var parts: [Kind: [PartReference]] = [:]
            for kind in PartReference.Kind.allCases {
                try connection.forEach(
                    """
                    SELECT t.acl_id, t.jira_id, i.jira_id FROM \(kind.rawValue) t CROSS JOIN issue i
                        ON i.id = t.issue_id
                    WHERE t.acl_id IN (SELECT id FROM acl WHERE source_id = ? AND visibility IS NOT NULL)
                        AND i.state <> 'unseen' ORDER BY t.issue_id DESC
                    """, source.id
                ) { row in
                    guard let found = kinds[row.int64(0)], parts[found, default: []].count < Self.mostOfKind else {
                        return
                    }
                    parts[found, default: []].append(
                        PartReference(kind, EntityID(row.text(1)), of: IssueID(row.int64(2))))
                }
            }
            return parts
        }
    }

    /// Which restrictions stand behind the acls that have any.
    private static func kinds(source: Int64, in connection: Connection) throws -> [Int64: Kind] {
        var kinds: [Int64: Kind] = [:]
        var distinct: Set<Kind> = []
        try connection.forEach(
            "SELECT id, key FROM acl WHERE source_id = ? AND visibility IS NOT NULL ORDER BY id", source
        ) { row in
            guard let inputs = AclInputs(AclKey(bytes: row.blob(1))), !inputs.restrictions.isEmpty else { return }
            let kind = Kind(project: inputs.project, restrictions: Set(inputs.restrictions.map(\.canonical)))
            guard distinct.contains(kind) || distinct.count < mostKinds else { return }
            distinct.insert(kind)
            kinds[row.int64(0)] = kind
        }
        return kinds
    }

    /// The restrictions that an account meets, by what Jira shows it now.
    ///
    /// - Parameters:
    ///   - listed: The issues that Jira lists to the account, ascending.
    ///   - limit: The most parts asked about; what is left out counts as not shown.
    public func shown(to client: JiraClient, listed: [IssueID], limit: Int) async throws -> Set<Listing.Shown> {
        let samples = samples(under: listed, limit: limit)
        if samples.isEmpty { return [] }
        let seen = try await client.visibleParts(samples.values.flatMap { $0 })
        // Asked after the parts: whoever plays the role where an issue is now need not play it where the issue was.
        let places = try await client.projects(ofIssues: Set(seen.keys.map(\.issue)))
        var shown: Set<Listing.Shown> = []
        for (kind, parts) in samples {
            // Jira may show a part because it is no longer restricted as it was stored, or its issue has moved to another
            // project: that proves nothing.
            let proofs = parts.filter { part in
                places[part.issue] == kind.project && seen[part].map { kind.isStill($0, client) } ?? false
            }
            guard kind.isInternal ? proofs.count == parts.count : !proofs.isEmpty else { continue }
            for restriction in kind.restrictions { shown.insert(.init(project: kind.project, restriction)) }
        }
        return shown
    }

    private func samples(under listed: [IssueID], limit: Int) -> [Kind: [PartReference]] {
        var result: [Kind: [PartReference]] = [:]
        var count = 0
        // In an order that does not depend on hashing; the rarest kinds come last.
        let ordered = parts.sorted { left, right in
            (right.value.count, left.key.project.rawValue, left.value.first?.id.rawValue ?? "")
                < (left.value.count, right.key.project.rawValue, right.value.first?.id.rawValue ?? "")
        }
        for (kind, parts) in ordered where count < limit {
            let visible = parts.lazy.filter { listed.containsSorted($0.issue) }
            let chosen = Array(visible.prefix(min(kind.count, limit - count)))
            if chosen.isEmpty { continue }
            result[kind] = chosen
            count += chosen.count
        }
        return result
    }
}

extension RestrictedSamples.Kind {
    /// Whether what Jira shows is still restricted as it was when it was stored.
    fileprivate func isStill(_ part: VisiblePart, _ client: JiraClient) -> Bool {
        let visibility = part.visibility.map { Restriction($0).canonical }
        // Data Center does not mark internal notes in every answer; there the other restriction alone is compared.
        let isMarked = client.flavour == .cloud ? part.isInternal == isInternal : part.isInternal == false || isInternal
        return isMarked && visibility == restrictions.first { $0 != .internal }
    }
}

extension [IssueID] {
    /// Whether an ascending list holds `issue`.
    func containsSorted(_ issue: IssueID) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < issue { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == issue
    }
}
