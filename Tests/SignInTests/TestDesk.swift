import AuditTrail
import Cryptography
import Database
import HTTPMessages
import IssueModel
import SignIn
import Store
import Synchronization
import Testing
import Workspace

/// An installation with a clock that a test sets, in a folder that goes away with the test.
final class TestDesk: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let services: SignInServices
    let clock: TestClock

    static let password = "a long enough phrase"

    init(_ configuration: Authenticator.Configuration = .init()) async throws {
        folder = try TemporaryFolder()
        let clock = TestClock()
        self.clock = clock
        let data = try DataFolder(path: folder.file("data"), for: .writing)
        _ = try data.secretKey()
        store = try await Store(
            folder: data, options: .init(execution: .threads(readers: 2)), migrations: Self.migrations,
            clock: { clock.now })
        services = SignInServices(store: store, configuration: configuration)
    }

    static let migrations = Workspace.migrations + AuditTrail.migrations + SignIn.migrations

    /// The same data folder as another process sees it, which remembers nothing of this one.
    func inAnotherProcess() async throws -> SignInServices {
        let clock = clock
        let store = try await Store(
            folder: DataFolder(path: folder.file("data"), for: .requesting), migrations: Self.migrations,
            clock: { clock.now })
        return SignInServices(store: store)
    }

    @discardableResult
    func member(
        _ email: String = "ada@acme.example", _ role: Member.Role = .member, password: String? = nil,
        verified: Bool = true
    ) async throws -> Member {
        try await services.members.add(
            .init(email: email, role: role, emailVerified: verified), password: password, by: .commandLine)
    }

    /// A session without the work of a password.
    func session(of member: Member, remote: String = "192.0.2.1") async throws -> Sessions.Started {
        try await store.write {
            try Sessions.start(member, method: "password", remote: remote, agent: "test", in: $0)
        }
    }

    func token(of member: Member, _ scopes: Set<Scope> = [.read], days: Int = 30) async throws -> ApiTokens.Created {
        try await services.accounts.createToken(
            for: member, name: "test", scopes: scopes, days: days, by: .commandLine)
    }

    /// Who calls with these headers.
    func caller(_ method: HTTPMethod = .get, _ headers: HTTPHeaders, body: String = "") async throws -> Caller {
        try await services.authenticator.caller(
            of: HTTPRequest(method, "/api/v1/things", headers: headers, body: Array(body.utf8)), remote: "192.0.2.1")
    }

    func caller(session secret: String) async throws -> Caller {
        try await caller(.get, ["Cookie": "drawbridge_session=\(secret)"])
    }

    func caller(token: String) async throws -> Caller {
        try await caller(.get, ["Authorization": "Bearer \(token)"])
    }

    func signIn(
        _ email: String = "ada@acme.example", _ password: String = TestDesk.password, code: String? = nil,
        remote: String = "192.0.2.1"
    ) async throws -> SignInDesk.SignedIn {
        try await services.desk.signIn(
            email: email, password: password, code: code, from: .init(remote: remote, agent: "test"))
    }

    /// The actions on the trail, oldest first.
    func trail() async throws -> [String] {
        try await store.read { try AuditTrail.list(limit: 1_000, in: $0).reversed().map(\.action) }
    }

    func count(_ sql: String) async throws -> Int {
        try await store.read { try $0.first(sql) { $0.int(0) } ?? 0 }
    }
}

/// A wall clock that a test sets.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_790_000_000_000)

    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    func advance(days: Int64 = 0, hours: Int64 = 0, minutes: Int64 = 0, seconds: Int64 = 0) {
        let step = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000
        milliseconds.withLock { $0 += step }
    }
}

/// The code of the ``SignInError`` that `body` throws; `nil` where it throws none.
func refusal(_ body: () async throws -> Void) async throws -> SignInError? {
    do {
        try await body()
        return nil
    } catch let error as SignInError {
        return error
    }
}
