import AccessControl
import Cryptography
import Database
import IssueModel
import Store
import Testing
import Workspace

@Suite("Members") struct MemberTests {
    @Test("a member comes back as it was added, by any case of its ASCII letters") func roundTrip() async throws {
        let test = try await TestWorkspace()
        let added = try await test.store.write {
            try MemberRecords.add(
                Member(
                    email: "Ada@Acme.example", name: "Ada", role: .owner, emailVerified: false,
                    added: TestWorkspace.now), in: $0)
        }
        try await test.add("zoe@acme.example")
        let found = try await test.store.read { connection in
            (
                try MemberRecords.find("ada@ACME.example", in: connection),
                try MemberRecords.member(added.id, in: connection), try MemberRecords.list(in: connection)
            )
        }
        #expect(found.0 == added && found.1 == added)
        #expect(found.2.map(\.email) == ["Ada@Acme.example", "zoe@acme.example"])
        #expect(try await test.refusal { try await test.add("ADA@acme.example") } == .memberExists)
        #expect(
            try await test.refusal {
                try await test.store.read { _ = try MemberRecords.member(named: "eve@acme.example", in: $0) }
            } == .unknownMember)
    }

    @Test(
        "what is not exactly an address is refused, not mended",
        arguments: [
            "", "ada", "@acme.example", "ada@", "a@b@c", " ada@acme.example", "ada@acme.example ", "ada @acme.example",
            "ada@acme.example\n", "a\u{0}da@acme.example", "ada\u{200B}@acme.example", "ada\u{A0}@acme.example",
            "Ada <ada@acme.example>", "\(String(repeating: "a", count: 250))@acme.example",
        ])
    func invalid(_ email: String) async throws {
        let test = try await TestWorkspace()
        #expect(try await test.refusal { try await test.add(email) } == .invalidEmail)
    }

    @Test("every change of a member or a link moves the access version, and nothing else does")
    func versions() async throws {
        let test = try await TestWorkspace()
        try await test.have([.sample("1", "ada@acme.example"), .sample("2", nil)])
        let member = try await test.add("ada@acme.example")
        var changed = member
        changed.emailVerified = false
        let suspended = changed
        let source = test.work
        let changes: [(Bool, @Sendable (WriteContext) throws -> Void)] = [
            (true, { try MemberRecords.update(suspended, in: $0) }),
            (
                true,
                { try IdentityLinks.set(AccountID("2"), for: member, source: source, at: TestWorkspace.now, in: $0) }
            ),
            (false, { try PersonalCredentials.remove(of: member.id, source: source.id, in: $0) }),
            (true, { try IdentityLinks.refuse(member, source: source.id, at: TestWorkspace.now, in: $0) }),
            (true, { try IdentityLinks.forgetRefusal(for: member, source: source.id, in: $0) }),
            (false, { try IdentityLinks.forgetRefusal(for: member, source: source.id, in: $0) }),
            (true, { try MemberRecords.remove(member, in: $0) }),
        ]
        for (index, (moves, change)) in changes.enumerated() {
            let before = try await test.accessVersion()
            try await test.store.write(change)
            #expect(try await test.accessVersion() == before + (moves ? 1 : 0), "change \(index)")
        }
        let before = try await test.accessVersion()
        #expect(
            try await test.refusal { try await test.store.write { try MemberRecords.remove(member, in: $0) } } != nil)
        #expect(try await test.accessVersion() == before)
    }

    @Test("a suspended member is nobody, not even a member") func suspended() async throws {
        let test = try await TestWorkspace()
        try await test.have([.sample("1", "ada@acme.example")])
        var member = try await test.add("ada@acme.example")
        member.state = .suspended
        let suspended = member
        try await test.store.write { try MemberRecords.update(suspended, in: $0) }
        #expect(try await test.refusal { _ = try await test.reader(suspended) } == .memberSuspended)
    }

    @Test("a data folder from before members gets their tables and keeps its content") func migration() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("data")
        let id = try await Self.opened(path, []) { context, key in
            let source = Source(
                name: "old", url: "https://old.example", apiURL: "https://old.example", product: .cloud,
                accessMode: .mirror, credentialKind: "anonymous", created: TestWorkspace.now)
            let added = try SourceRecords.add(source, credential: nil, key: key, in: context)
            _ = try PeopleRecords.replaceAccounts([.sample("1", "ada@acme.example")], source: added.id, in: context)
            return added.id
        }
        for _ in 0..<2 {
            let reader = try await Self.opened(path, Workspace.migrations) { context, _ in
                let known = try MemberRecords.find("ada@acme.example", in: context.connection)
                let member = Member(email: "ada@acme.example", added: TestWorkspace.now)
                return try MemberReader.reader(
                    for: try known ?? MemberRecords.add(member, in: context), in: context.connection)
            }
            #expect(reader == .accounts([id: AccountID("1")]))
        }
    }

    /// Opens a data folder, writes, and lets go of it.
    private static func opened<T: Sendable>(
        _ path: String, _ migrations: [Migration],
        _ body: @escaping @Sendable (WriteContext, SecretKey) throws -> T
    ) async throws -> T {
        let store = try await Store(folder: DataFolder(path: path, for: .writing), migrations: migrations)
        let key = try store.secretKey()
        let result = try await store.write { try body($0, key) }
        await store.close()
        return result
    }
}
