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
    ]

    @Test("say again what they were made of") func roundTrip() {
        for inputs in Self.inputs { #expect(AclInputs(AclKey(inputs)) == inputs) }
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
