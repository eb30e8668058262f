import AccessControl
import IssueModel
import Testing

@Suite("Principals")
struct PrincipalTests {
    static let all: [Principal] = [
        .anyone, .member, .licensed, .applicationRole("jira-software"), .account(AccountID("a/b")),
        .group(GroupID("staff")), .groupNamed("staff"), .role(project: "10000", role: "7/8"), .listed(IssueID(42)),
        .shown(.internal, of: "10000"), .shown(.visibility(kind: .role, identifier: "7", name: "Old"), of: "10000"),
        .shown(.visibility(kind: .group, identifier: nil, name: "Ops/Night"), of: "10000"),
        .shown(.visibility(kind: .role, identifier: "internal", name: ""), of: "10000"),
    ]

    @Test("say again what they were from kind and value") func roundTrip() {
        for principal in Self.all {
            #expect(Principal(kind: principal.kind, value: principal.value) == principal)
        }
        #expect(Set(Self.all.map { "\($0.kind) \($0.value)" }).count == Self.all.count)
    }

    @Test(
        "of a kind or value that means nothing are none",
        arguments: [
            ("moon", ""), ("role", "1"), ("listed", ""), ("listed", "x"), ("restricted", "1"), ("restricted", "1/"),
            ("restricted", "1/role"), ("restricted", "1/role/id"), ("restricted", "1/person/id/7"),
            ("restricted", "1/role/number/7"),
        ])
    func meaningless(kind: String, value: String) {
        #expect(Principal(kind: kind, value: value) == nil)
    }

    @Test("take a restriction for the same when its role or group was renamed, or is written in another case")
    func renamed() {
        func shown(_ identifier: String?, _ name: String) -> Principal {
            .shown(.visibility(kind: .role, identifier: identifier, name: name), of: "1")
        }
        #expect(shown("7", "Old") == shown("7", "New"))
        #expect(shown(nil, "Developers") == shown(nil, "DEVELOPERS"))
        #expect(shown("7", "Old") != shown("8", "Old"))
        #expect(shown("7", "Old") != shown(nil, "7"))
    }

    @Test("of a person without an account differ from those of somebody anonymous") func unlinked() {
        let reader = Reader.accounts([1: AccountID("ada")])
        #expect(reader.identity(inSource: 1) == .account(AccountID("ada")))
        #expect(reader.identity(inSource: 2) == .unlinked)
        #expect(Reader.anonymous.identity(inSource: 2) == .anonymous)
        let held = AccessMode.allCases.map { Membership(AccessFacts(mode: $0)).principals(of: .unlinked) }
        #expect(held == [[], [], [.anyone], [.anyone, .member]])
    }
}
