internal import AuditTrail
internal import Cryptography
internal import Database
internal import FastJSON
internal import IssueModel
public import Store
internal import Workspace

/// What members do with what is their own: password, second factor, sessions and tokens.
public struct Accounts: Sendable {
    let store: Store
    let hasher: PasswordHasher

    public init(store: Store, hasher: PasswordHasher) {
        self.store = store
        self.hasher = hasher
    }

    /// Changes the caller's password. Ends every other session, and gives this one a new secret.
    ///
    /// - Throws: ``SignInError``: `forbidden` for a caller without a session, `wrongCredentials`, `weakPassword`,
    ///   `throttled`, `conflict` where the member has no password.
    public func changePassword(
        of caller: Caller, from current: String, to new: String, agent: String
    ) async throws -> SignInDesk.SignedIn {
        let member = try Self.inSession(caller)
        try PasswordRules.check(new, for: member.email)
        try await prove(current, of: caller)
        let hash = try await hasher.hash(of: new)
        return try await store.write { context in
            try Passwords.set(hash, of: member.id, in: context)
            try AuditTrail.append(caller.origin.event("password.changed", subject: member.email), in: context)
            return try SignInDesk.begin(member, "password", SignInDesk.Client(caller, agent: agent), in: context)
        }
    }

    /// Draws the secret of a second factor; see ``confirmSecondFactor(of:code:)``.
    ///
    /// - Parameter issuer: What the app shows beside the address.
    public func offerSecondFactor(
        to caller: Caller, password: String, issuer: String = "Drawbridge"
    ) async throws -> SecondFactors.Offer {
        let member = try Self.inSession(caller)
        try await prove(password, of: caller)
        let key = try store.secretKey()
        return try await store.write { context in
            let offer = try SecondFactors.offer(to: member, issuer: issuer, key: key, in: context)
            try AuditTrail.append(caller.origin.event("second_factor.offered", subject: member.email), in: context)
            return offer
        }
    }

    /// Turns the second factor on, with the app's first code.
    ///
    /// - Returns: The recovery codes, shown this once.
    /// - Throws: ``SignInError`` with `invalid` for a wrong code.
    public func confirmSecondFactor(of caller: Caller, code: String) async throws -> [String] {
        let member = try Self.inSession(caller)
        let key = try store.secretKey()
        let codes = try await store.write { context -> [String]? in
            guard let codes = try SecondFactors.confirm(code, for: member.id, key: key, in: context) else { return nil }
            try AuditTrail.append(caller.origin.event("second_factor.turned_on", subject: member.email), in: context)
            return codes
        }
        guard let codes else {
            throw SignInError(
                .invalid, "The code is wrong. Check that the clocks of this server and the phone are right.")
        }
        return codes
    }

    /// Turns the caller's second factor off.
    ///
    /// - Parameter code: Of the app, or a recovery code.
    public func removeSecondFactor(of caller: Caller, password: String, code: String) async throws {
        let member = try Self.inSession(caller)
        try await proveBoth(password, code, of: caller) { context in
            try SecondFactors.remove(of: member.id, in: context)
            try AuditTrail.append(caller.origin.event("second_factor.turned_off", subject: member.email), in: context)
        }
    }

    /// New recovery codes in the place of those that are left.
    public func renewRecoveryCodes(of caller: Caller, password: String, code: String) async throws -> [String] {
        let member = try Self.inSession(caller)
        return try await proveBoth(password, code, of: caller) { context in
            let codes = try SecondFactors.renewRecoveryCodes(of: member.id, in: context)
            try AuditTrail.append(caller.origin.event("recovery_codes.renewed", subject: member.email), in: context)
            return codes
        }
    }

    /// Ends one of the caller's sessions.
    ///
    /// - Throws: ``SignInError`` with `notFound`, also for somebody else's.
    public func endSession(_ id: SessionID, of caller: Caller) async throws {
        let member = try caller.signedIn()
        try await store.write { context in
            guard try Sessions.revoke(id, of: member.id, in: context) else {
                throw SignInError(.notFound, "There is no such session.")
            }
            try AuditTrail.append(
                caller.origin.event(
                    "session.ended", subject: member.email, details: ["session": .integer(id.rawValue)]), in: context)
        }
    }

    /// Ends all of the caller's sessions but the one that calls.
    ///
    /// - Returns: How many ended.
    public func endOtherSessions(of caller: Caller) async throws -> Int {
        let member = try caller.signedIn()
        var kept: SessionID?
        if case .session(let id) = caller.via { kept = id }
        return try await store.write { [kept] context in
            let count = try Sessions.revokeAll(of: member.id, except: kept, in: context)
            try AuditTrail.append(
                caller.origin.event(
                    "session.others_ended", subject: member.email, details: ["count": .integer(Int64(count))]),
                in: context)
            return count
        }
    }

    static func inSession(_ caller: Caller) throws(SignInError) -> Member {
        let member = try caller.signedIn()
        guard case .session = caller.via else {
            throw SignInError(.forbidden, "This takes a session: sign in with the browser. No API token may do it.")
        }
        return member
    }

    /// Asks for the password again, for what a session that somebody left open must not do. Failures are counted as at
    /// sign-in.
    private func prove(_ password: String, of caller: Caller) async throws {
        let member = try caller.signedIn()
        guard password.utf8.count <= PasswordRules.byteLimit else { throw Self.wrongPassword }
        let desk = SignInDesk(store: store, hasher: hasher)
        try await desk.countTry(email: member.email, SignInDesk.Client(remote: caller.remote))
        let hash = try await store.read { try Passwords.hash(of: member.id, in: $0) }
        guard let hash else {
            throw SignInError(.conflict, "You have no password here: you come in by single sign-on.")
        }
        guard try await hasher.matches(password, hash) else { throw Self.wrongPassword }
        try await store.write {
            try SignInThrottle.succeed(email: member.email, remote: caller.remote, in: $0)
        }
    }

    private func proveBoth<Value: Sendable>(
        _ password: String, _ code: String, of caller: Caller,
        then body: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws -> Value {
        let member = try Self.inSession(caller)
        try await prove(password, of: caller)
        let key = try store.secretKey()
        let desk = SignInDesk(store: store, hasher: hasher)
        try await desk.countTry(email: member.email, SignInDesk.Client(remote: caller.remote))
        let value = try await store.write { context -> Value? in
            guard try SecondFactors.isOn(for: member.id, in: context.connection) else {
                throw SignInError(.conflict, "The second factor is off.")
            }
            guard try SecondFactors.verify(code, of: member.id, key: key, in: context) else { return nil }
            try SignInThrottle.succeed(email: member.email, remote: caller.remote, in: context)
            return try body(context)
        }
        guard let value else { throw SignInError(.invalid, "The code is wrong or was used already.") }
        return value
    }

    private static let wrongPassword = SignInError(.wrongCredentials, "The password is wrong.")
}
