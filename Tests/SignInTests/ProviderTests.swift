import SignIn
import Store
import Testing
import Workspace

@Suite("Single sign-on lets in") struct ProviderTests {
    static let provider = "https://login.acme.example"

    static func identity(
        _ subject: String = "u1", _ email: String? = "ada@acme.example", verified: Bool = true, groups: [String] = []
    ) -> ProviderIdentity {
        ProviderIdentity(
            provider: provider, subject: subject, email: email, emailVerified: verified, name: "Ada", groups: groups)
    }

    private func admit(
        _ desk: TestDesk, _ identity: ProviderIdentity, _ policy: AdmissionPolicy = .init()
    ) async throws -> Member? {
        do {
            return try await desk.services.desk.admit(identity, policy, from: .init(remote: "192.0.2.1")).member
        } catch let error as SignInError where error.code == .notAdmitted {
            return nil
        }
    }

    @Test("a member by a verified address the first time, and by the subject from then on")
    func linked() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        #expect(try await admit(desk, Self.identity("u1", "ADA@acme.example")) == member)
        #expect(try await admit(desk, Self.identity("u1", "married@acme.example", verified: false)) == member)
        #expect(try await admit(desk, Self.identity("u1", nil)) == member)
        let links = try await desk.store.read { try ProviderLinks.list(of: member.id, in: $0) }
        #expect(links.map(\.subject) == ["u1"])
        #expect(try await desk.trail().filter { $0 == "member.provider_linked" }.count == 1)
    }

    @Test("nobody by an address that the provider does not vouch for, nor by one that we do not")
    func unverified() async throws {
        let desk = try await TestDesk()
        try await desk.member()
        try await desk.member("eve@acme.example", verified: false)
        let open = AdmissionPolicy(admitsNewMembers: true)
        #expect(try await admit(desk, Self.identity(verified: false), open) == nil)
        #expect(try await admit(desk, Self.identity("u1", nil), open) == nil)
        #expect(try await admit(desk, Self.identity("u2", "eve@acme.example"), open) == nil)
        #expect(try await desk.count("SELECT count(*) FROM provider_link") == 0)
    }

    @Test("nobody else when an address passes to another person at the provider")
    func reassigned() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        #expect(try await admit(desk, Self.identity("u1")) == member)
        #expect(try await admit(desk, Self.identity("u2")) == nil)
        var other = Self.identity("u2")
        other.provider = "https://other.example"
        #expect(try await admit(desk, other) == member)
        try await desk.store.write { _ = try ProviderLinks.remove(of: member.id, provider: Self.provider, in: $0) }
        #expect(try await admit(desk, Self.identity("u2")) == member)
    }

    struct NewCase: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var policy: AdmissionPolicy
        var email: String
        var isAdmitted: Bool
    }

    static let newCases = [
        NewCase(testDescription: "closed", policy: .init(), email: "new@acme.example", isAdmitted: false),
        NewCase(
            testDescription: "open", policy: .init(admitsNewMembers: true), email: "new@acme.example", isAdmitted: true),
        NewCase(
            testDescription: "our domain", policy: .init(admitsNewMembers: true, domains: ["Acme.Example"]),
            email: "new@acme.example", isAdmitted: true),
        NewCase(
            testDescription: "another domain", policy: .init(admitsNewMembers: true, domains: ["acme.example"]),
            email: "new@other.example", isAdmitted: false),
        NewCase(
            testDescription: "a domain below ours", policy: .init(admitsNewMembers: true, domains: ["acme.example"]),
            email: "new@x.acme.example", isAdmitted: false),
        NewCase(
            testDescription: "a domain that ends like ours",
            policy: .init(admitsNewMembers: true, domains: ["acme.example"]), email: "new@notacme.example",
            isAdmitted: false),
        NewCase(
            testDescription: "our domain as a look-alike",
            policy: .init(admitsNewMembers: true, domains: ["acme.example"]), email: "new@\u{430}cme.example",
            isAdmitted: false),
    ]

    @Test("somebody new where the policy says so", arguments: newCases)
    func newMembers(_ example: NewCase) async throws {
        let desk = try await TestDesk()
        let member = try await admit(desk, Self.identity("u1", example.email), example.policy)
        #expect((member != nil) == example.isAdmitted)
        if let member { #expect(member.role == .member && member.emailVerified && member.name == "Ada") }
    }

    @Test("roles follow the groups at each sign-in, and end the sessions of the old role")
    func roles() async throws {
        let desk = try await TestDesk()
        try await desk.member("owner@acme.example", .owner)
        let policy = AdmissionPolicy(
            admitsNewMembers: true, roles: ["jira-admins": .admin, "it": .owner, "staff": .member])
        let first = try await admit(desk, Self.identity(groups: ["staff", "jira-admins"]), policy)
        #expect(first?.role == .admin)
        let session = try await desk.session(of: try #require(first))
        #expect(try await admit(desk, Self.identity(groups: ["JIRA-ADMINS"]), policy)?.role == .member)
        #expect(try await desk.caller(session: session.secret).member == nil)
        #expect(try await admit(desk, Self.identity(groups: ["it", "staff"]), policy)?.role == .owner)
        #expect(try await admit(desk, Self.identity(groups: []), .init())?.role == .owner)
    }

    @Test("the last owner stays one whatever the groups say")
    func lastOwner() async throws {
        let desk = try await TestDesk()
        try await desk.member("ada@acme.example", .owner)
        let policy = AdmissionPolicy(roles: ["it": .owner])
        #expect(try await admit(desk, Self.identity(groups: []), policy)?.role == .owner)
    }

    @Test("only who is in a group that is asked for")
    func requiredGroups() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        let policy = AdmissionPolicy(requiredGroups: ["drawbridge", "it"])
        #expect(try await admit(desk, Self.identity(groups: ["staff"]), policy) == nil)
        #expect(try await admit(desk, Self.identity(groups: ["staff", "it"]), policy) == member)
        #expect(try await admit(desk, Self.identity(groups: []), policy) == nil)
    }

    @Test("no suspended member, linked or not")
    func suspended() async throws {
        let desk = try await TestDesk()
        let member = try await desk.member()
        #expect(try await admit(desk, Self.identity()) != nil)
        _ = try await desk.services.members.change(member.id, .init(state: .suspended), by: .commandLine)
        #expect(try await admit(desk, Self.identity(), .init(admitsNewMembers: true)) == nil)
        #expect(try await admit(desk, Self.identity("u2"), .init(admitsNewMembers: true)) == nil)
    }
}
