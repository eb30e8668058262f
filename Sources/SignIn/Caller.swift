public import AccessControl
public import AuditTrail
public import Database
public import Workspace

/// Our number of a session; never used again for another one.
public struct SessionID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue) }
}

/// Our number of an API token; never used again for another one.
public struct TokenID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue) }
}

/// For whom a request is answered: made by ``Authenticator`` from what the request carries.
public struct Caller: Hashable, Sendable {
    /// The active member; `nil` for whoever is not signed in.
    public let member: Member?
    /// What the session or token allows, within the member's role.
    public let scopes: Set<Scope>
    public let via: Via
    /// The peer's numeric address.
    public let remote: String
    /// What a form of this session's pages carries in the field ``CrossSiteCheck/formField``; `nil` without a session.
    public let formToken: String?

    /// How the caller proved who it is.
    public enum Via: Hashable, Sendable {
        case session(SessionID)
        case token(TokenID)
        case anonymous
    }

    /// - Parameter scopes: Cut down to what the member's role allows.
    public init(member: Member, scopes: Set<Scope>, via: Via, remote: String, formToken: String? = nil) {
        self.member = member
        self.scopes = scopes.intersection(Scope.all(for: member.role))
        self.via = via
        self.remote = remote
        self.formToken = formToken
    }

    private init(anonymousAt remote: String) {
        member = nil
        scopes = []
        via = .anonymous
        self.remote = remote
        formToken = nil
    }

    /// Whoever is not signed in.
    public static func anonymous(remote: String) -> Caller { Caller(anonymousAt: remote) }

    public var role: Member.Role? { member?.role }

    /// Who the caller is when something of Jira is read.
    ///
    /// - Throws: ``SignInError`` with `notSignedIn` for an anonymous caller, who is nobody: not even Jira's anonymous.
    public func reader(in connection: Connection) throws -> Reader {
        try MemberReader.reader(for: try signedIn(), in: connection)
    }

    /// The member who calls.
    ///
    /// - Throws: ``SignInError`` with `notSignedIn` where nobody is signed in.
    public func signedIn() throws(SignInError) -> Member {
        guard let member else { throw .notSignedIn }
        return member
    }

    /// Whether an operation with this rule may be used.
    public func may(_ rule: AccessRule) -> Bool {
        switch rule {
        case .anyone: true
        case .member(let scope): member != nil && scopes.contains(scope)
        case .admin(let scope): (role == .admin || role == .owner) && scopes.contains(scope)
        case .owner(let scope): role == .owner && scopes.contains(scope)
        }
    }

    /// - Throws: ``SignInError``: `notSignedIn` (401) where nobody is signed in, `forbidden` (403) where the role or the
    ///   token's scopes do not suffice.
    public func require(_ rule: AccessRule) throws(SignInError) {
        if may(rule) { return }
        throw member == nil ? .notSignedIn : .forbidden
    }

    /// Who the audit trail says it was.
    public var origin: AuditOrigin {
        let words =
            switch via {
            case .session(let id): "session \(id)"
            case .token(let id): "token \(id)"
            case .anonymous: "request"
            }
        return AuditOrigin(
            member.map { .member($0.id, name: $0.email) } ?? .anonymous, via: words, remote: remote)
    }
}
