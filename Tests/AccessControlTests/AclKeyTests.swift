import AccessControl
import IssueModel
import Testing

@Suite("Acl keys")
struct AclKeyTests {
    static let inputs: [AclInputs] = [
        AclInputs(project: "10000"),
        AclInputs(project: "", level: ""),
        AclInputs(project: "10000", level: "1", values: [.reporter: [], .assignee: [.account(AccountID("ä|b"))]]),
        AclInputs(
            project: "1",
            values: [
                .accountField("customfield_1"): [.account(AccountID("a")), .account(AccountID("b"))],
                .groupField("customfield_1"): [.group(GroupID("a"))],
            ], restrictedToRoles: ["10", "9"]),
        AclInputs(project: "1", restrictions: [.internal]),
        AclInputs(project: "1", restrictions: [.visibility(kind: .role, identifier: nil, name: "A")]),
        AclInputs(project: "1", restrictions: [.visibility(kind: .role, identifier: "", name: "A")]),
        AclInputs(project: "1", restrictions: [.visibility(kind: .group, identifier: nil, name: "A"), .internal]),
        AclInputs(project: "1", issue: IssueID(1)),
        AclInputs(project: "1", level: "7", restrictions: [.internal], issue: IssueID(.max)),
        AclInputs(project: "1", issue: IssueID(-1)),
    ]

    @Test("say again what they were made of") func roundTrip() {
        for inputs in Self.inputs { #expect(AclInputs(AclKey(inputs)) == inputs) }
    }

    @Test("without an issue have the bytes they had before issues could be named") func olderBytes() {
        let inputs = AclInputs(project: "10000", level: "1", values: [.reporter: [.account(AccountID("a"))]])
        let text: [UInt8] = [7] + Array("account".utf8) + [1] + Array("a".utf8)
        #expect(AclKey(inputs).bytes == [1, 5] + Array("10000".utf8) + [1, 1, 0x31, 1, 1, 0, 1] + text + [0, 0])
    }

    @Test(
        "of withheld records open to nobody in any mode and never ask to be written again",
        arguments: AccessMode.allCases)
    func withheld(mode: AccessMode) {
        let facts = AccessFacts(mode: mode)
        let derivation = AudienceRules(facts).derivation(for: .withheld)
        #expect(derivation.clauses == .nobody)
        #expect(!derivation.needsRewriting)
        #expect(AclInputs(.withheld) == nil)
        #expect(!Self.inputs.map { AclKey($0) }.contains(.withheld))
        let explainer = AccessExplainer(rules: AudienceRules(facts), membership: Membership(facts))
        #expect(!explainer.explain(.withheld, for: .account(AccountID("ada"))).visible)
    }

    @Test("of different inputs differ") func distinct() {
        #expect(Set(Self.inputs.map { AclKey($0).bytes }).count == Self.inputs.count)
    }

    @Test("do not depend on the order in which sets were filled") func canonical() {
        let roles = (0..<50).map { EntityID("\($0)") }
        let one = AclInputs(project: "1", restrictedToRoles: Set(roles))
        let other = AclInputs(project: "1", restrictedToRoles: Set(roles.reversed()))
        #expect(AclKey(one).bytes == AclKey(other).bytes)
    }

    @Test("that are cut short, lengthened or damaged are refused or mean something else, and never crash")
    func damaged() {
        for inputs in Self.inputs {
            let bytes = AclKey(inputs).bytes
            for length in 0..<bytes.count {
                #expect(AclInputs(AclKey(bytes: Array(bytes[..<length]))) == nil)
            }
            #expect(AclInputs(AclKey(bytes: bytes + [0])) == nil)
            for position in bytes.indices {
                for value: UInt8 in [0x00, 0x7F, 0x80, 0xFF] where value != bytes[position] {
                    var changed = bytes
                    changed[position] = value
                    #expect(AclInputs(AclKey(bytes: changed)) != inputs)
                }
            }
        }
    }

    @Test("that are damaged admit nobody and ask for the issue to be written again") func damagedAdmitsNobody() {
        let derivation = AudienceRules(AccessFacts()).derivation(for: AclKey(bytes: [9, 9]))
        #expect(derivation.clauses == .nobody)
        #expect(derivation.needsRewriting)
    }
}
