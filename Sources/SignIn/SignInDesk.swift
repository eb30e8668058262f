internal import AuditTrail
internal import Cryptography
internal import Database
internal import FastJSON
internal import IssueModel
public import Store
public import Workspace

/// Lets members in: by password and second factor, by a link for one use, and by single sign-on.
public struct SignInDesk: Sendable {
    let store: Store
    let hasher: PasswordHasher

    public init(store: Store, hasher: PasswordHasher) {
        self.store = store
        self.hasher = hasher
    }

    /// From where somebody signs in.
    public struct Client: Hashable, Sendable {
        /// The peer's numeric address.
        public var remote: String
        /// What the browser says it is.
        public var agent: String
        /// The session that the browser had; it ends when the new one begins.
        public var replacing: SessionID?

        public init(remote: String, agent: String = "", replacing: SessionID? = nil) {
            self.remote = remote
            self.agent = agent
            self.replacing = replacing
        }

        /// From the caller's browser.
        public init(_ caller: Caller, agent: String) {
            self.init(remote: caller.remote, agent: agent)
            if case .session(let id) = caller.via { replacing = id }
        }
    }

    /// A member who is in.
    public struct SignedIn: Hashable, Sendable {
        public var member: Member
        public var session: Sessions.Started
    }

    /// Signs a member in by password, and a code where the second factor is on.
    ///
    /// An unknown address, a wrong password, a member without one and a suspended member are answered in the same words
    /// after the same work.
    ///
    /// - Parameter code: Of the authenticator app, or a recovery code; `nil` for the first try.
    /// - Throws: ``SignInError``: `wrongCredentials`, `secondFactorNeeded` (only after the right password), `throttled`,
    ///   `busy`.
    public func signIn(
        email: String, password: String, code: String? = nil, from client: Client
    ) async throws -> SignedIn {
        guard email.utf8.count <= 254, password.utf8.count <= PasswordRules.byteLimit, (code ?? "").utf8.count <= 100
        else { throw Self.wrong }
        try await countTry(email: email, client)
        let (member, hash) = try await store.read { connection -> (Member?, PasswordHash?) in
            let member = try MemberRecords.find(email, in: connection)
            // One reading more or less would tell which addresses are members'.
            return (member, try Passwords.hash(of: member?.id ?? MemberID(0), in: connection))
        }
        let isRight = try await hasher.matches(password, hash)
        guard isRight, let member, let hash, member.state == .active else { throw Self.wrong }
        let key = try store.secretKey()
        let outcome = try await store.write { context -> Result<SignedIn, SignInError> in
            // Between the reading and now, the password may have changed, or the member.
            guard let member = try MemberRecords.member(member.id, in: context.connection), member.state == .active,
                try Passwords.hash(of: member.id, in: context.connection) == hash
            else { return .failure(Self.wrong) }
            if try SecondFactors.isOn(for: member.id, in: context.connection) {
                guard let code else { return .failure(Self.codeNeeded) }
                // A code that was used stays used, whatever comes after: so this is no thrown error.
                guard try SecondFactors.verify(code, of: member.id, key: key, in: context) else {
                    return .failure(Self.codeWrong)
                }
            }
            try SignInThrottle.succeed(email: email, remote: client.remote, in: context)
            return .success(try Self.begin(member, "password", client, in: context))
        }
        return try outcome.get()
    }

    /// Ends the caller's session.
    public func signOut(_ caller: Caller) async throws {
        guard case .session(let id) = caller.via, let member = caller.member else { throw SignInError.notSignedIn }
        try await store.write { context in
            try Sessions.revoke(id, of: member.id, in: context)
            try AuditTrail.append(caller.origin.event("session.ended", subject: member.email), in: context)
        }
    }

    /// Counts a try of somebody who may not be who they say; a success takes it back.
    func countTry(email: String, _ client: Client) async throws {
        try await store.write { context in
            let slowed = try SignInThrottle.begin(email: email, remote: client.remote, in: context)
            guard slowed else { return }
            try AuditTrail.append(
                AuditOrigin(.anonymous, via: "sign-in", remote: client.remote)
                    .event("sign_in.slowed", subject: email.contains("@") ? email : ""), in: context)
        }
    }

    static func begin(
        _ member: Member, _ method: String, _ client: Client, in context: WriteContext
    ) throws -> SignedIn {
        if let replaced = client.replacing { try Sessions.end(replaced, in: context) }
        let session = try Sessions.start(
            member, method: method, remote: client.remote, agent: client.agent, in: context)
        try AuditTrail.append(
            AuditOrigin(.member(member.id, name: member.email), via: "session \(session.id)", remote: client.remote)
                .event("session.started", subject: member.email, details: ["method": .string(method)]), in: context)
        return SignedIn(member: member, session: session)
    }

    static let wrong = SignInError(.wrongCredentials, "The e-mail address or the password is wrong.")
    static let codeNeeded = SignInError(.secondFactorNeeded, "Enter the code that your authenticator app shows.")
    static let codeWrong = SignInError(
        .secondFactorNeeded, "The code is wrong or was used already. Wait for the next one, or use a recovery code.")
}
