import AccessControl
import IssueModel
import Testing

/// Runs the library's whole path – facts, keys, clauses, interned bytes, bitset – over a world and compares each answer
/// with the oracle's.
struct Comparison {
    let world: World
    let tampering: Tampering
    private let rules: AudienceRules
    /// The rules by which the keys were written, which may have been others than those that read them now.
    private let rulesAtWriting: AudienceRules
    private let membership: Membership
    private let explainer: AccessExplainer
    private var records: [Record] = []
    private var aclIDs: [AclKey: Int64] = [:]
    private var rows: [[[UInt8]?]] = []
    private var principalIDs: [Principal: UInt32] = [:]
    private(set) var decisions = 0
    private(set) var allowed = 0
    /// What the two disagree on, in words.
    private(set) var mismatches: [String] = []
    /// Records that show less than they should, and say so, until their issues are written again.
    private(set) var stale = 0

    enum Part { case issue, comment, worklog, attachment }

    private struct Record {
        var part: Part
        var key: AclKey
        var acl: Int64
        var ticket: Int
        var position: Int

        func oracle(_ world: World, _ visitor: World.Visitor) -> Bool {
            let ticket = world.tickets[ticket]
            return switch part {
            case .issue: world.sees(visitor, ticket)
            case .comment: world.sees(visitor, ticket.comments[position], on: ticket)
            case .worklog: world.sees(visitor, ticket.worklogs[position], on: ticket)
            case .attachment: world.seesFile(visitor, ticket.files[position], on: ticket)
            }
        }

        func words(in world: World) -> String { "\(part) \(position) of \(world.tickets[ticket])" }
    }

    /// - Parameter earlier: A world of other rules, under which the issues were written.
    init(_ world: World, writtenIn earlier: World? = nil, tampering: Tampering = .init("nothing")) {
        self.world = world
        self.tampering = tampering
        var facts = world.facts
        tampering.facts?(&facts)
        rules = AudienceRules(facts)
        rulesAtWriting = earlier.map { AudienceRules($0.facts) } ?? rules
        membership = Membership(facts)
        explainer = AccessExplainer(rules: rules, membership: membership)
    }

    /// - Parameter explaining: Also asks for the explanation of every decision and expects the same verdict.
    mutating func run(explaining: Bool = true) throws {
        let issues = try self.world.tickets.map { try self.world.issue($0) }
        for (index, issue) in issues.enumerated() { add(issue, at: index) }
        let (world, records, rules, explainer) = (world, records, rules, explainer)
        for visitor in world.visitors {
            let listed = listing(of: visitor, issues)
            let set = allowedSet(of: visitor, listed)
            var explained: Set<Int64> = []
            for record in records {
                let answer = set.contains(record.acl)
                decisions += 1
                if answer { allowed += 1 }
                if answer != record.oracle(world, visitor) {
                    if !answer, rules.derivation(for: record.key).needsRewriting {
                        stale += 1
                        continue
                    }
                    mismatches.append("\(visitor) \(answer ? "sees" : "does not see") \(record.words(in: world))")
                }
                guard explaining, explained.insert(record.acl).inserted else { continue }
                let explanation = explainer.explain(record.key, for: visitor.identity, listed: listed)
                if explanation.visible != answer || explanation.clauses.allSatisfy(\.holds) != answer {
                    mismatches.append("\(record.words(in: world)), explained to \(visitor): \(explanation)")
                }
            }
        }
    }

    /// Fails the test for each of the first disagreements.
    func expectAgreement(_ context: String = "") {
        for mismatch in mismatches.prefix(5) { Testing.Issue.record("\(context) \(mismatch)") }
    }

    private mutating func add(_ issue: Issue, at index: Int) {
        let audience = rulesAtWriting.audience(of: issue)
        var keys: [(Part, Int, AclKey)] = [(.issue, 0, audience.key)]
        keys += issue.comments.enumerated().map { (.comment, $0, audience.key(of: $1)) }
        keys += issue.worklogs.enumerated().map { (.worklog, $0, audience.key(of: $1)) }
        keys += issue.attachments.enumerated().map { (.attachment, $0, audience.key(of: $1)) }
        for (part, position, rightful) in keys {
            var key = world.tickets[index].isWithheld ? .withheld : rightful
            if let retold = tampering.key { key = retold(part, key, audience.key) }
            records.append(Record(part: part, key: key, acl: row(key), ticket: index, position: position))
        }
    }

    /// What Jira lists to a visitor's own account; `nil` where it was not asked.
    private func listing(of visitor: World.Visitor, _ issues: [Issue]) -> Set<Principal>? {
        guard case .person(let name) = visitor, world.linked.contains(name) else { return nil }
        var result: Set<Principal> = []
        for (ticket, issue) in zip(world.tickets, issues) where world.lists(ticket, to: visitor) {
            result.insert(.listed(issue.id))
            var shown: Set<Restriction> = []
            for (note, comment) in zip(ticket.comments, issue.comments)
            where world.shows(note, on: ticket, to: visitor) { shown.formUnion(Restriction.of(comment)) }
            for (note, worklog) in zip(ticket.worklogs, issue.worklogs)
            where world.shows(note, on: ticket, to: visitor) { shown.formUnion(Restriction.of(worklog)) }
            result.formUnion(shown.map { .shown($0, of: issue.project.id) })
        }
        return result
    }

    private mutating func row(_ key: AclKey) -> Int64 {
        if let id = aclIDs[key] { return id }
        var clauses = rules.clauses(for: key)
        tampering.clauses?(&clauses)
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
        // As a database keeps them: by kind and value.
        #expect(Principal(kind: principal.kind, value: principal.value) == principal)
        let id = UInt32(principalIDs.count + 1)
        principalIDs[principal] = id
        return id
    }

    private func allowedSet(of visitor: World.Visitor, _ listed: Set<Principal>?) -> AllowedSet {
        var principals = membership.principals(of: visitor.identity).union(listed ?? [])
        tampering.principals?(visitor, &principals, rules.facts)
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

/// A change of what the evaluator works on, as if one of its rules were missing.
struct Tampering: Sendable, CustomTestStringConvertible {
    var name: String
    /// Of what the site says.
    var facts: (@Sendable (inout AccessFacts) -> Void)?
    /// Of what is stored of a part, given its key and its issue's.
    var key: (@Sendable (Comparison.Part, AclKey, AclKey) -> AclKey)?
    /// Of what was derived.
    var clauses: (@Sendable (inout AclClauses) -> Void)?
    /// Of what a visitor holds.
    var principals: (@Sendable (World.Visitor, inout Set<Principal>, AccessFacts) -> Void)?

    init(
        _ name: String, facts: (@Sendable (inout AccessFacts) -> Void)? = nil,
        key: (@Sendable (Comparison.Part, AclKey, AclKey) -> AclKey)? = nil,
        clauses: (@Sendable (inout AclClauses) -> Void)? = nil,
        principals: (@Sendable (World.Visitor, inout Set<Principal>, AccessFacts) -> Void)? = nil
    ) {
        self.name = name
        self.facts = facts
        self.key = key
        self.clauses = clauses
        self.principals = principals
    }

    /// A change of what a visitor holds, whatever the site says.
    init(_ name: String, held: @escaping @Sendable (World.Visitor, inout Set<Principal>) -> Void) {
        self.init(name, principals: { visitor, principals, _ in held(visitor, &principals) })
    }

    /// A change of the inputs behind each key.
    static func inputs(_ name: String, _ change: @escaping @Sendable (inout AclInputs) -> Void) -> Tampering {
        Tampering(
            name,
            key: { _, key, _ in
                guard var inputs = AclInputs(key) else { return key }
                change(&inputs)
                return AclKey(inputs)
            })
    }

    var testDescription: String { name }
}

extension World.Visitor {
    var identity: Reader.Identity {
        switch self {
        case .anonymous: .anonymous
        case .unlinked: .unlinked
        case .person(let name): .account(AccountID(name))
        }
    }
}

extension [UInt8]? {
    /// Lends the bytes, or `nil`, to a closure.
    func lend(_ body: (UnsafeRawBufferPointer?) -> Void) {
        if let self { self.withUnsafeBytes { body($0) } } else { body(nil) }
    }
}
