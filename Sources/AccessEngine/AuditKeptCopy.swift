import AccessControl
import Database
import IssueDecoding
import IssueModel
import JiraClient
import Store

/// What an account would see of a withheld issue if it were let go: by the rules of now and the kept copy.
struct AuditKeptCopy {
    private let store: Store
    private let source: Source
    private let account: AccountID
    private let view: AuditView
    private let rules: AudienceRules
    private let decoder: IssueDecoder

    init(_ account: AccountID, of source: Source, in store: Store, _ view: AuditView, _ connection: Connection) throws {
        self.store = store
        self.source = source
        self.account = account
        self.view = view
        rules = AudienceRules(try AccessRecords.facts(source: source.id, withPeople: false, in: connection))
        let fields = FieldCatalogue(try CatalogueRecords.fields(source: source.id, in: connection))
        decoder = IssueDecoder(fields: fields, flavour: source.product == .cloud ? .cloud : .dataCenter)
    }

    /// Whether the issue would be shown. A copy that cannot be read is taken for one that would.
    func wouldShow(_ row: IssueRow, _ connection: Connection) throws -> Bool {
        guard view.isExpected(row) else { return false }
        guard let issue = try issue(row, connection) else { return true }
        return try admits(rules.audience(of: issue).key, row, connection)
    }

    /// Restricted comments and worklogs of the issue, with whether each would be shown.
    func restrictedParts(_ row: IssueRow, _ connection: Connection) throws -> [PartReference: Bool] {
        guard let issue = try issue(row, connection) else { return [:] }
        let audience = rules.audience(of: issue)
        let isShown = try view.isExpected(row) && admits(audience.key, row, connection)
        var result: [PartReference: Bool] = [:]
        for comment in issue.comments where !Restriction.of(comment).isEmpty {
            result[PartReference(.comment, comment.id, of: issue.id)] =
                try isShown && admits(audience.key(of: comment), row, connection)
        }
        for worklog in issue.worklogs where !Restriction.of(worklog).isEmpty {
            result[PartReference(.worklog, worklog.id, of: issue.id)] =
                try isShown && admits(audience.key(of: worklog), row, connection)
        }
        return result
    }

    private func issue(_ row: IssueRow, _ connection: Connection) throws -> Issue? {
        guard let parts = try store.raw.parts(ofIssue: row.id, in: connection),
            let raw = RawIssue(part: { parts[$0] })
        else { return nil }
        return try? decoder.decode(raw)
    }

    /// By the stored acl of the key, which is what would be shown, wrong or not; without one, by the rules.
    private func admits(_ key: AclKey, _ row: IssueRow, _ connection: Connection) throws -> Bool {
        let stored = try connection.first(
            "SELECT id FROM acl WHERE source_id = ? AND key = ?", source.id, key.bytes
        ) { $0.int64(0) }
        if let stored { return view.allowed.contains(stored) }
        let principals = try store.access.principals(
            of: .accounts([source.id: account]), source: source.id, listing: row.jiraID, in: connection)
        return rules.derivation(for: key).clauses.admits(principals)
    }
}
