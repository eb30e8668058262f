public import AccessControl
import Database
import FastJSON
public import IssueModel
import Store

/// Why one reader sees one issue or does not.
public struct AccessReport: Hashable, Sendable {
    public var key: String
    /// The reader's account id, `anonymous` or `operator`.
    public var account: String
    public var explanation: AccessExplanation
    /// When the rules of the issue's project were last read; `nil` before the first time.
    public var verifiedAt: Timestamp?

    init(of stored: IssueRow, to reader: ResolvedReader, store: Store, in connection: Connection) throws {
        let identity = reader.reader.identity(inSource: stored.source)
        let key = try connection.first("SELECT key FROM acl WHERE id = ?", stored.acl) { AclKey(bytes: $0.blob(0)) }
        let facts = try Self.facts(stored.source, about: identity, key: key, in: connection)
        let names = Dictionary(
            try CatalogueRecords.fields(source: stored.source, in: connection).map { ($0.id, $0.name) }
        ) { first, _ in first }
        let explainer = AccessExplainer(
            rules: AudienceRules(facts), membership: Membership(facts), fieldNames: names)
        explanation = explainer.explain(key ?? AclKey(bytes: []), for: identity)
        self.key = stored.key
        account = reader.label(inSource: stored.source)
        let project = try connection.first(
            "SELECT access_state, access_verified, key FROM project WHERE id = ?", stored.project
        ) { ($0.text(0), $0.optionalInt64(1), $0.text(2)) }
        verifiedAt = project.flatMap(\.1).map { Timestamp(milliseconds: $0) }
        guard identity != .operator else { return }
        let allowed = try store.access.allowed(to: reader.reader, in: connection)
        if project?.0 == "hidden" {
            deny("The rules of project \(project?.2 ?? "") cannot be read at present, so it is hidden from everybody.")
        } else if project?.0 == "gone" {
            deny("Jira no longer lists project \(project?.2 ?? ""), so what is left of it is hidden from everybody.")
        } else if !stored.isPresent {
            deny("Jira no longer has the issue where it was, so it is hidden from everybody.")
        } else if stored.isVisible(in: allowed) != explanation.visible {
            settle(stored.isVisible(in: allowed))
        }
    }

    /// The decision as it stands, where it is not what the rules above say.
    private mutating func settle(_ visible: Bool) {
        if visible {
            explanation.visible = true
            for index in explanation.clauses.indices where !explanation.clauses[index].holds {
                explanation.clauses[index].holds = true
                explanation.clauses[index].because.append(
                    "It held when the acl was last computed, which the next synchronisation does again.")
            }
        } else {
            deny("It did not hold when the acl was last computed, which the next synchronisation does again.")
        }
    }

    private mutating func deny(_ because: String) {
        explanation.visible = false
        if explanation.clauses.isEmpty {
            explanation.clauses = [.init(kind: .browse, holds: false, because: [because])]
        } else {
            explanation.clauses[0].holds = false
            explanation.clauses[0].because.insert(because, at: 0)
        }
    }

    /// The source's facts with those people only whom the explanation may name.
    private static func facts(
        _ source: Int64, about identity: Reader.Identity, key: AclKey?, in connection: Connection
    ) throws -> AccessFacts {
        var facts = try AccessRecords.facts(source: source, withPeople: false, in: connection)
        var wanted: Set<AccountID> = []
        if case .account(let id) = identity { wanted.insert(id) }
        if let inputs = key.flatMap({ AclInputs($0) }) {
            for case .account(let id) in inputs.values.values.flatMap({ $0 }) { wanted.insert(id) }
            if let lead = facts.projects[inputs.project]?.lead { wanted.insert(lead) }
            let schemes = facts.projects[inputs.project]?.permissionScheme.flatMap { facts.permissionSchemes[$0] }
            let holders =
                (schemes?.grants.map(\.holder) ?? [])
                + (inputs.level.flatMap { facts.securityLevels[$0]?.members } ?? [])
            for case .account(let id) in holders { wanted.insert(id) }
        }
        for id in wanted {
            guard let record = try PeopleRecords.account(id, source: source, in: connection) else { continue }
            facts.accounts[id] = .init(record.account)
            for group in try PeopleRecords.groups(ofAccountRow: record.id, in: connection) {
                facts.memberships[group, default: []].append(id)
            }
        }
        return facts
    }

    /// The `access explain` document.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("key", key)
            json.member("account", account)
            json.member("visible", explanation.visible)
            json.key("clauses")
            json.array { json in
                for clause in explanation.clauses {
                    json.object { json in
                        json.member("clause", clause.kind.rawValue)
                        json.member("holds", clause.holds)
                        json.strings("because", clause.because)
                    }
                }
            }
            json.member("verifiedAt", verifiedAt?.rfc3339)
        }
        return writer.bytes
    }

    /// The same for people.
    public var text: String {
        var text = "\(account) \(explanation.visible ? "sees" : "does not see") \(key).\n"
        for clause in explanation.clauses {
            text += "\n\(clause.kind.rawValue): \(clause.holds ? "holds" : "does not hold")\n"
            for line in clause.because { text += "  - \(line)\n" }
        }
        return text + "\nThe rules were last read: \(verifiedAt?.forPeople ?? "not yet")."
    }
}
