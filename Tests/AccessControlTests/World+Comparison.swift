import AccessControl
import IssueModel
import Testing

/// Runs the library's whole path – facts, keys, clauses, interned bytes, bitset – over a world and compares each answer
/// with the oracle's.
struct Comparison {
    let world: World
    let rules: AudienceRules
    let membership: Membership
    let explainer: AccessExplainer
    private(set) var aclIDs: [AclKey: Int64] = [:]
    private var rows: [[[UInt8]?]] = []
    private var principalIDs: [Principal: UInt32] = [:]
    private(set) var decisions = 0
    private(set) var allowed = 0

    init(_ world: World) {
        self.world = world
        rules = AudienceRules(world.facts)
        membership = Membership(rules.facts)
        explainer = AccessExplainer(rules: rules, membership: membership)
    }

    /// Also asks for the explanation of every decision and expects the same verdict.
    mutating func run() throws {
        var records: [(AclKey, Int64, String, (String?) -> Bool)] = []
        let world = world
        for ticket in world.tickets {
            let issue = try world.issue(ticket)
            let audience = rules.audience(of: issue)
            func add(_ key: AclKey, _ name: String, _ oracle: @escaping (String?) -> Bool) {
                records.append((key, row(key), "\(name) of \(ticket)", oracle))
            }
            add(audience.key, "issue") { world.sees($0, ticket) }
            for (comment, note) in zip(issue.comments, ticket.comments) {
                add(audience.key(of: comment), "comment \(note.limits)") { world.sees($0, note, on: ticket) }
            }
            for (worklog, note) in zip(issue.worklogs, ticket.worklogs) {
                add(audience.key(of: worklog), "worklog \(note.limits)") { world.sees($0, note, on: ticket) }
            }
            for (attachment, name) in zip(issue.attachments, ticket.files) {
                add(audience.key(of: attachment), "file \(name)") { world.seesFile($0, name, on: ticket) }
            }
        }
        for reader in [nil] + world.people.keys.sorted().map(Optional.some) {
            let set = allowedSet(of: reader)
            var explained: Set<AclKey> = []
            for (key, aclID, name, oracle) in records {
                let answer = set.contains(aclID)
                decisions += 1
                if answer { allowed += 1 }
                if answer != oracle(reader) {
                    Testing.Issue.record("\(reader ?? "anonymous") \(answer ? "sees" : "does not see") \(name)")
                }
                guard explained.insert(key).inserted else { continue }
                let explanation = explainer.explain(key, for: reader.map { .account(AccountID($0)) } ?? .anonymous)
                if explanation.visible != answer || explanation.clauses.allSatisfy(\.holds) != answer {
                    Testing.Issue.record("the explanation of \(name) to \(reader ?? "anonymous"): \(explanation)")
                }
            }
        }
    }

    private mutating func row(_ key: AclKey) -> Int64 {
        if let id = aclIDs[key] { return id }
        let clauses = rules.clauses(for: key)
        let visibilities = (clauses.visibility.map { [$0] } ?? []) + clauses.further
        rows.append([
            clauses.browse.map { AllowedSet.clauseBytes($0.map { intern($0) }) },
            clauses.level.map { AllowedSet.clauseBytes($0.map { intern($0) }) },
            AllowedSet.clauseBytes(all: visibilities.map { $0.map { intern($0) } }),
        ])
        aclIDs[key] = Int64(rows.count)
        return Int64(rows.count)
    }

    private mutating func intern(_ principal: Principal) -> UInt32 {
        if let id = principalIDs[principal] { return id }
        let id = UInt32(principalIDs.count + 1)
        principalIDs[principal] = id
        return id
    }

    private func allowedSet(of reader: String?) -> AllowedSet {
        let principals = reader.map { membership.principals(of: AccountID($0)) } ?? Membership.anonymous
        var builder = AllowedSet.Builder(principals: principals.compactMap { principalIDs[$0] })
        for (index, row) in rows.enumerated() {
            row[0].lend { browse in
                row[1].lend { level in
                    row[2].lend { visibility in
                        builder.add(aclID: Int64(index + 1), browse: browse, level: level, visibility: visibility)
                    }
                }
            }
        }
        return builder.finish(accessVersion: 1)
    }
}

extension [UInt8]? {
    /// Lends the bytes, or `nil`, to a closure.
    func lend(_ body: (UnsafeRawBufferPointer?) -> Void) {
        if let self { self.withUnsafeBytes { body($0) } } else { body(nil) }
    }
}
