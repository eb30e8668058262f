internal import IssueModel
internal import AuditTrail
internal import Database
internal import FastJSON
internal import Store
public import Workspace

extension Accounts {
    /// Makes a token for the caller.
    ///
    /// - Throws: ``SignInError``: `forbidden` for a token without the scope `admin`, which makes no other tokens; and as
    ///   ``ApiTokens/create(for:name:scopes:days:in:)``.
    public func createToken(
        for caller: Caller, name: String, scopes: Set<Scope>, days: Int = ApiTokens.defaultDays
    ) async throws -> ApiTokens.Created {
        let member = try caller.signedIn()
        if case .token = caller.via {
            guard caller.scopes.contains(.admin) else {
                throw SignInError(.forbidden, "A token makes other tokens only with the scope admin.")
            }
        }
        return try await createToken(for: member, name: name, scopes: scopes, days: days, origin: caller.origin)
    }

    /// Makes a token for a member, on the operator's word.
    public func createToken(
        for member: Member, name: String, scopes: Set<Scope>, days: Int = ApiTokens.defaultDays, by authority: Authority
    ) async throws -> ApiTokens.Created {
        try await createToken(for: member, name: name, scopes: scopes, days: days, origin: authority.origin)
    }

    private func createToken(
        for member: Member, name: String, scopes: Set<Scope>, days: Int, origin: AuditOrigin
    ) async throws -> ApiTokens.Created {
        try await store.write { context in
            guard let member = try MemberRecords.member(member.id, in: context.connection), member.state == .active
            else { throw SignInError(.conflict, "The member is suspended or gone.") }
            let created = try ApiTokens.create(for: member, name: name, scopes: scopes, days: days, in: context)
            let words = created.record.scopes.sorted().map { JSONValue.string($0.rawValue) }
            try AuditTrail.append(
                origin.event(
                    "token.created", subject: member.email,
                    details: [
                        "token": .integer(created.record.id.rawValue), "name": .string(name), "scopes": .array(words),
                        "expires": .string(created.record.expires.rfc3339),
                    ]), in: context)
            return created
        }
    }

    /// Ends one of the caller's tokens; an admin may end anybody's but an owner's, an owner every one.
    ///
    /// - Throws: ``SignInError`` with `notFound`, also where the caller may not know of it.
    public func revokeToken(_ id: TokenID, by caller: Caller) async throws {
        let own = try caller.signedIn().id
        let authority = try? Authority(caller)
        try await revokeToken(id, origin: caller.origin) { owner in
            owner.id == own || (try? authority?.require(over: owner.role)) != nil
        }
    }

    /// Ends a token, on the operator's word.
    public func revokeToken(_ id: TokenID, by authority: Authority) async throws {
        try await revokeToken(id, origin: authority.origin) { _ in true }
    }

    private func revokeToken(
        _ id: TokenID, origin: AuditOrigin, where mayRevoke: @escaping @Sendable (Member) -> Bool
    ) async throws {
        try await store.write { context in
            guard let record = try ApiTokens.token(id, in: context.connection),
                let owner = try MemberRecords.member(record.member, in: context.connection), mayRevoke(owner)
            else { throw SignInError(.notFound, "There is no such token.") }
            try ApiTokens.revoke(id, in: context)
            try AuditTrail.append(
                origin.event(
                    "token.revoked", subject: owner.email,
                    details: ["token": .integer(id.rawValue), "name": .string(record.name)]), in: context)
        }
    }
}
