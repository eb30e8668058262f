import AccessControl
import Cryptography
import Database
import IssueModel
import Store
import Workspace

/// A store with the workspace's tables and two sources, in a folder that goes away with the test.
struct TestWorkspace: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let key: SecretKey
    /// A Cloud site, and a Data Center.
    let work: Source
    let other: Source

    static let now = Timestamp(milliseconds: 1_790_000_000_000)

    init() async throws {
        folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.file("data"), for: .writing)
        let key = try data.secretKey()
        self.key = key
        store = try await Store(
            folder: data, options: .init(execution: .threads(readers: 2)), migrations: Workspace.migrations,
            clock: { Self.now })
        (work, other) = try await store.write { context in
            func add(_ name: String, _ product: Source.Product) throws -> Source {
                let url = "https://\(name).example"
                let source = Source(
                    name: name, url: url, apiURL: url, product: product, accessMode: .mirror,
                    credentialKind: "anonymous", created: Self.now)
                return try SourceRecords.add(source, credential: nil, key: key, in: context)
            }
            return (try add("work", .cloud), try add("other", .dataCenter))
        }
    }

    /// Makes these the accounts of a source.
    func have(_ accounts: [Account], in source: Source? = nil) async throws {
        let id = (source ?? work).id
        try await store.write { _ = try PeopleRecords.replaceAccounts(accounts, source: id, in: $0) }
    }

    @discardableResult
    func add(_ email: String, verified: Bool = true) async throws -> Member {
        try await store.write {
            try MemberRecords.add(Member(email: email, emailVerified: verified, added: Self.now), in: $0)
        }
    }

    func state(_ member: Member, in source: Source? = nil) async throws -> LinkState {
        let id = (source ?? work).id
        return try await store.read { try IdentityLinks.link(of: member, source: id, in: $0) }
    }

    func reader(_ member: Member) async throws -> Reader {
        try await store.read { try MemberReader.reader(for: member, in: $0) }
    }

    func link(_ member: Member, to account: String, in source: Source? = nil) async throws {
        let source = source ?? work
        try await store.write {
            try IdentityLinks.set(AccountID(account), for: member, source: source, at: Self.now, in: $0)
        }
    }

    /// Links as a credential does that signed in.
    func prove(_ member: Member, is account: String, secret: String) async throws {
        let (source, key) = (work, key)
        try await store.write { context in
            try IdentityLinks.prove(AccountID(account), for: member, source: source, at: Self.now, in: context)
            try PersonalCredentials.put(
                Array(secret.utf8), kind: "api_token", apiURL: source.apiURL, account: AccountID(account),
                of: member.id, source: source.id, key: key, at: Self.now, in: context)
        }
    }

    func unlink(_ member: Member) async throws {
        let id = work.id
        try await store.write { try IdentityLinks.refuse(member, source: id, at: Self.now, in: $0) }
    }

    func credential(_ member: Member) async throws -> PersonalCredentials.Record? {
        let id = work.id
        return try await store.read { try PersonalCredentials.get(of: member.id, source: id, in: $0) }
    }

    func accessVersion() async throws -> Int64 { try await store.read { try Settings.accessVersion(in: $0) } }

    /// The code of the ``WorkspaceError`` that `body` throws; `nil` where it throws none.
    func refusal(_ body: () async throws -> Void) async throws -> WorkspaceError.Code? {
        do {
            try await body()
            return nil
        } catch let error as WorkspaceError {
            return error.code
        }
    }
}

extension Account {
    static func sample(
        _ id: String, _ email: String?, name: String? = nil, kind: Kind = .person, active: Bool = true
    ) -> Account {
        Account(id: AccountID(id), displayName: name ?? "Person \(id)", email: email, kind: kind, isActive: active)
    }
}
