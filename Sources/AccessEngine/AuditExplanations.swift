import AccessControl
import Database
import IssueModel
import Store

/// What decided on our side, in Jira's words, for an administrator.
struct AuditExplanations {
    private let source: Source
    private var explainer: AccessExplainer?

    /// Explanations made for one account at a time, and their length in characters.
    static let limit = 100
    static let length = 2_000

    init(source: Source) {
        self.source = source
    }

    mutating func of(
        _ issues: [IssueID], for account: AccountID, _ connection: Connection
    ) throws -> [IssueID: String] {
        var result: [IssueID: String] = [:]
        for issue in issues.prefix(Self.limit) {
            guard let row = try IssueRecords.row(issue, source: source.id, in: connection) else { continue }
            result[issue] = try text(acl: row.acl, account, issue, connection)
        }
        return result
    }

    /// Why the account sees what has this acl, or does not.
    mutating func text(
        acl: Int64, _ account: AccountID, _ issue: IssueID, _ connection: Connection
    ) throws -> String {
        let key = try connection.first("SELECT key FROM acl WHERE id = ?", acl) { AclKey(bytes: $0.blob(0)) }
        guard let key else { return "" }
        if source.accessMode == .linked {
            return "What Jira lists to this account with its own credential decides, as it was last read."
        }
        let explainer = try self.explainer ?? makeExplainer(connection)
        self.explainer = explainer
        let explanation = explainer.explain(key, for: .account(account))
        let clauses = explanation.clauses.filter { $0.holds == explanation.visible }.flatMap(\.because)
        return String(clauses.joined(separator: " ").prefix(Self.length))
    }

    private func makeExplainer(_ connection: Connection) throws -> AccessExplainer {
        let facts = try AccessRecords.facts(source: source.id, withPeople: true, in: connection)
        let names = Dictionary(
            try CatalogueRecords.fields(source: source.id, in: connection).map { ($0.id, $0.name) }
        ) { first, _ in first }
        return AccessExplainer(
            rules: AudienceRules(facts), membership: Membership(facts), fieldNames: names)
    }
}
