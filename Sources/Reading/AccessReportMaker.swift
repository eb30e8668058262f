import AccessControl
import Database
import IssueModel
import Journal
import Store
import Workspace

/// Puts together why one reader sees an issue and its parts: what the rules say, and what comes before them – a project
/// that is hidden, an issue that is withheld or gone.
struct AccessReportMaker {
    let store: Store
    let source: Source
    let reader: ResolvedReader
    let now: Timestamp
    let connection: Connection

    func report(of stored: IssueRow) throws -> AccessReport {
        let identity = reader.reader.identity(inSource: source.id)
        let parts = try restrictedParts(of: stored)
        let keys = try keys(of: [stored.acl] + parts.map(\.acl))
        let explainer = try explainer(about: identity, keys: Array(keys.values))
        let listed = try listed(stored.jiraID)
        func explain(_ acl: Int64) -> AccessExplanation {
            explainer.explain(keys[acl] ?? AclKey(bytes: []), for: identity, listed: listed?.principals)
        }
        let project = try ProjectRecords.all(source: source.id, in: connection).first { $0.id == stored.project }
        let verified = [source.accessMode == .linked ? nil : project?.accessVerified, listed?.verified]
        var report = AccessReport(
            key: stored.key, account: reader.label(inSource: source.id), explanation: explain(stored.acl),
            parts: parts.map { .init(kind: $0.kind, id: $0.id, explanation: explain($0.acl)) },
            verifiedAt: verified.compactMap { $0 }.min())
        if let remark = try linkRemark() { report.explanation.append(remark, to: .browse) }
        if let declaration = try declaration(keys[stored.acl]) { report.explanation.append(declaration, to: .level) }
        guard identity != .operator else { return report }
        let allowed = try store.access.allowed(to: reader.reader, in: connection)
        let hindrance = try hindrance(of: stored, project)
        func judge(_ explanation: inout AccessExplanation, _ visible: Bool) {
            if let hindrance {
                explanation.deny(hindrance)
            } else if visible != explanation.visible {
                explanation.settle(visible)
            }
        }
        judge(&report.explanation, stored.isVisible(in: allowed))
        for (index, part) in parts.enumerated() {
            judge(
                &report.parts[index].explanation, stored.isVisible(in: allowed) && allowed.contains(part.acl))
        }
        return report
    }

    /// Why a member has no account here, or none that shows them anything, and the way out; `nil` where all is well.
    private func linkRemark() throws -> String? {
        guard let member = reader.member else { return nil }
        let remark = try PeopleTable.MemberRow(of: member, in: source, connection).remark
        return remark.code.map { _ in "\(member.email): \(remark.message) \(remark.fix)" }
    }

    /// What hides the issue from everybody, whatever the rules say.
    private func hindrance(of stored: IssueRow, _ project: ProjectRecords.Record?) throws -> String? {
        if let project,
            case .hidden(_, let message, let since) = ProjectRecords.access(
                of: project, source: source, now: now)
        {
            return
                "Project \(project.project.key) is hidden from everybody\(since.map { " since \($0.forPeople)" } ?? ""). "
                + message
        }
        guard stored.isPresent else {
            if let aside = try aside(stored.jiraID) {
                return
                    "What Jira returned of it last could not be read (\(aside)), so it is hidden from everybody until it can; "
                    + "it is tried again at each run."
            }
            return "Jira no longer has the issue where it was, so it is hidden from everybody."
        }
        let withheld = try Withheld.all(source: source.id, in: connection).first { $0.issue == stored.jiraID }
        return withheld.map { "It is withheld from everybody since \($0.at.forPeople). \($0.reason)" }
    }

    /// Why an issue is set aside, in a word; `nil` where it is not.
    private func aside(_ issue: IssueID) throws -> String? {
        try Quarantine.entries(kind: "issue", source: source.id, limit: 100_000, in: connection)
            .first { $0.ref == issue.description }?.reason
    }

    /// What Jira lists to the reader, as far as a record of this issue may ask for it; `nil` where no listing counts.
    private func listed(_ issue: IssueID) throws -> (principals: Set<Principal>, verified: Timestamp)? {
        guard case .account(let account) = reader.reader.identity(inSource: source.id),
            let verified = try Listings.current(account, source: source, now: now, in: connection)
        else { return nil }
        let held = try store.access.principals(
            of: reader.reader, source: source.id, listing: issue, in: connection)
        return (held.filter { $0.kind == "listed" || $0.kind == "restricted" }, verified)
    }

    /// Who declared the members of the issue's level, where that decides.
    private func declaration(_ key: AclKey?) throws -> String? {
        guard source.accessMode == .mirror, let id = key.flatMap({ AclInputs($0)?.level }),
            try !isTold(id),
            let declared = try DeclaredLevels.all(source: source.id, in: connection).first(where: { $0.level == id })
        else { return nil }
        return "Jira does not tell this level's members; \(declared.by) declared them on \(declared.at.forPeople)."
    }

    private func isTold(_ level: EntityID) throws -> Bool {
        try connection.first(
            "SELECT members_known FROM security_level WHERE source_id = ? AND jira_id = ?", source.id, level.rawValue
        ) { $0.bool(0) } ?? false
    }

    private struct RestrictedPart {
        var kind: AccessReport.Part.Kind
        var id: EntityID
        var acl: Int64
    }

    /// Parts whose audience is not the issue's, by kind and id.
    private func restrictedParts(of stored: IssueRow) throws -> [RestrictedPart] {
        let acls = try IssueRecords.partAcls(of: stored.id, in: connection)
        let kinds: [(AccessReport.Part.Kind, [EntityID: Int64])] = [
            (.comment, acls.comments), (.worklog, acls.worklogs), (.attachment, acls.attachments),
        ]
        return kinds.flatMap { kind, acls in
            acls.filter { $0.value != stored.acl }
                .sorted { ($0.key.rawValue.count, $0.key.rawValue) < ($1.key.rawValue.count, $1.key.rawValue) }
                .map { RestrictedPart(kind: kind, id: $0.key, acl: $0.value) }
        }
    }

    private func keys(of acls: [Int64]) throws -> [Int64: AclKey] {
        var keys: [Int64: AclKey] = [:]
        for acl in Set(acls) {
            keys[acl] = try connection.first("SELECT key FROM acl WHERE id = ?", acl) { AclKey(bytes: $0.blob(0)) }
        }
        return keys
    }

    private func explainer(about identity: Reader.Identity, keys: [AclKey]) throws -> AccessExplainer {
        let facts = try facts(about: identity, keys: keys)
        let names = Dictionary(
            try CatalogueRecords.fields(source: source.id, in: connection).map { ($0.id, $0.name) }
        ) { first, _ in first }
        return AccessExplainer(rules: AudienceRules(facts), membership: Membership(facts), fieldNames: names)
    }

    /// The source's facts with those people only whom the explanation may name.
    private func facts(about identity: Reader.Identity, keys: [AclKey]) throws -> AccessFacts {
        var facts = try AccessRecords.facts(source: source.id, withPeople: false, in: connection)
        var wanted: Set<AccountID> = []
        if case .account(let id) = identity { wanted.insert(id) }
        for inputs in keys.compactMap({ AclInputs($0) }) {
            for case .account(let id) in inputs.values.values.flatMap({ $0 }) { wanted.insert(id) }
            if let lead = facts.projects[inputs.project]?.lead { wanted.insert(lead) }
            let scheme = facts.projects[inputs.project]?.permissionScheme.flatMap { facts.permissionSchemes[$0] }
            let holders =
                (scheme?.grants.map(\.holder) ?? [])
                + (inputs.level.flatMap { facts.securityLevels[$0]?.members } ?? [])
            for case .account(let id) in holders { wanted.insert(id) }
        }
        for id in wanted {
            guard let record = try PeopleRecords.account(id, source: source.id, in: connection) else { continue }
            facts.accounts[id] = .init(record.account)
            for group in try PeopleRecords.groups(ofAccountRow: record.id, in: connection) {
                facts.memberships[group, default: []].append(id)
            }
        }
        return facts
    }
}

extension AccessExplanation {
    fileprivate mutating func append(_ sentence: String, to kind: Kind) {
        for index in clauses.indices where clauses[index].kind == kind { clauses[index].because.append(sentence) }
    }

    /// The decision as it stands, where it is not what the rules above say.
    fileprivate mutating func settle(_ visible: Bool) {
        guard visible else {
            deny("It did not hold when the acl was last computed, which the next refresh of the rules does again.")
            return
        }
        self.visible = true
        for index in clauses.indices where !clauses[index].holds {
            clauses[index].holds = true
            clauses[index].because.append(
                "It held when the acl was last computed, which the next refresh of the rules does again.")
        }
    }

    fileprivate mutating func deny(_ because: String) {
        visible = false
        if clauses.isEmpty {
            clauses = [.init(kind: .browse, holds: false, because: [because])]
        } else {
            clauses[0].holds = false
            clauses[0].because.insert(because, at: 0)
        }
    }
}
