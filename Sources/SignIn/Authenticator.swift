internal import Cryptography
internal import Database
public import HTTPMessages
internal import IssueModel
public import Store
internal import Workspace

/// Finds out who is calling: the only way in, for every surface.
///
/// Looks at `Authorization: Bearer`, then `X-API-TOKEN`, then the session's cookie. Where a token is presented the cookie
/// counts for nothing. What is unknown, expired, revoked or of a suspended member makes an anonymous caller, so that
/// nobody can tell these apart.
public final class Authenticator: Sendable {
    /// How callers are known.
    public struct Configuration: Hashable, Sendable {
        /// Scheme, host and port under which people reach this server: `https://drawbridge.acme.com`.
        public var publicOrigin: String?
        /// Whether people reach the server over TLS only. Defaults to what the public address says.
        public var isSecure: Bool
        public var limits: Sessions.Limits

        public init(publicOrigin: String? = nil, isSecure: Bool? = nil, limits: Sessions.Limits = Sessions.Limits()) {
            self.publicOrigin = publicOrigin
            self.isSecure = isSecure ?? (publicOrigin?.lowercased().hasPrefix("https://") ?? false)
            self.limits = limits
        }
    }

    public let configuration: Configuration
    private let store: Store

    /// - Parameter store: With the migrations of `Workspace`, `AuditTrail` and `SignIn`. Its clock counts.
    public init(store: Store, configuration: Configuration = Configuration()) {
        self.store = store
        self.configuration = configuration
    }

    /// The cookie of this server's sessions.
    public var cookie: SessionCookie { SessionCookie(isSecure: configuration.isSecure) }

    /// The check of requests that no session authorises, such as signing in.
    public var crossSiteCheck: CrossSiteCheck { CrossSiteCheck(publicOrigin: configuration.publicOrigin) }

    /// Who sends the request.
    ///
    /// - Parameters:
    ///   - remote: The peer's numeric address, behind a trusted proxy the one that the proxy tells.
    ///   - isUse: Whether the session or token counts as used; not where the server looks again on its own account.
    /// - Throws: ``SignInError`` with `crossSite` where a session's request that changes something did not come from our
    ///   own pages; `DatabaseError`.
    public func caller(of request: HTTPRequest, remote: String, isUse: Bool = true) async throws -> Caller {
        switch presented(in: request.headers) {
        case .token(let text): return try await caller(token: text, remote: remote, isUse)
        case .session(let secret):
            let caller = try await caller(session: secret, remote: remote, isUse)
            if case .session = caller.via {
                try crossSiteCheck.require(request, formToken: caller.formToken)
            }
            return caller
        case .nothing: return .anonymous(remote: remote)
        }
    }

    private enum Presented {
        case token(String), session(String), nothing
    }

    private func presented(in headers: HTTPHeaders) -> Presented {
        let bearers = headers.values(of: "Authorization").map(Self.bearer)
        let tokens = Set(bearers + headers.values(of: "X-API-TOKEN"))
        // Two that contradict each other are none: no proxy and no server may read different ones.
        if tokens.count > 1 { return .token("") }
        if let token = tokens.first { return .token(token) }
        return cookie.secret(in: headers).map { .session($0) } ?? .nothing
    }

    /// The token of `Bearer TOKEN` (RFC 6750 §2.1); empty for another scheme.
    private static func bearer(_ value: String) -> String {
        let parts = value.split(separator: " ")
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : ""
    }

    private func caller(token text: String, remote: String, _ isUse: Bool) async throws -> Caller {
        let now = store.now
        let found = try await store.read { connection -> (caller: Caller, isNoteDue: Bool)? in
            guard let (record, isNoteDue) = try ApiTokens.find(text, now: now, in: connection),
                let member = try MemberRecords.member(record.member, in: connection), member.state == .active
            else { return nil }
            return (Caller(member: member, scopes: record.scopes, via: .token(record.id), remote: remote), isNoteDue)
        }
        guard let found else { return .anonymous(remote: remote) }
        if isUse, found.isNoteDue, case .token(let id) = found.caller.via {
            try await note { try ApiTokens.noteUse(id, in: $0) }
        }
        return found.caller
    }

    private func caller(session secret: String, remote: String, _ isUse: Bool) async throws -> Caller {
        let (now, limits) = (store.now, configuration.limits)
        let (finding, member) = try await store.read { connection in
            let finding = try Sessions.find(secret, limits: limits, now: now, in: connection)
            guard case .good(_, let id, _) = finding else { return (finding, nil as Member?) }
            return (finding, try MemberRecords.member(id, in: connection))
        }
        switch finding {
        case .unknown: return .anonymous(remote: remote)
        case .over(let id):
            try await note { try Sessions.end(id, in: $0) }
            return .anonymous(remote: remote)
        case .good(let id, _, let isNoteDue):
            guard let member, member.state == .active else { return .anonymous(remote: remote) }
            if isUse, isNoteDue { try await note { try Sessions.noteUse(id, in: $0) } }
            return Caller(
                member: member, scopes: Scope.all(for: member.role), via: .session(id), remote: remote,
                formToken: Self.formToken(of: secret))
        }
    }

    /// Follows from the secret, so that it need not be kept, and does not lead back to it.
    public static func formToken(of secret: String) -> String {
        Base64URL.encode(Digest.hmacSHA256(Array("form token".utf8), key: Array(secret.utf8)))
    }

    /// Notes what only bookkeeping needs: a full disk must not keep people from reading.
    private func note(_ body: @escaping @Sendable (WriteContext) throws -> Void) async throws {
        do {
            try await store.write(body)
        } catch let error as DatabaseError where [.full, .readOnly, .busy].contains(error.code) {
            return
        }
    }
}
