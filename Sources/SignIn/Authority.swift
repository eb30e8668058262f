public import AuditTrail
internal import Workspace

/// On whose behalf members are changed, and how far that reaches.
public struct Authority: Hashable, Sendable {
    /// Who the audit trail says it was.
    public var origin: AuditOrigin
    private let role: Member.Role

    /// Whoever runs a command on the machine: holds the data folder, and so may do all that an owner may.
    public static let commandLine = Authority(origin: .commandLine, role: .owner)
    /// The server, for what its settings tell it to do, such as the roles of a provider's groups.
    public static let system = Authority(origin: .system, role: .owner)

    private init(origin: AuditOrigin, role: Member.Role) {
        self.origin = origin
        self.role = role
    }

    /// The caller, within its role.
    ///
    /// - Throws: ``SignInError``: `notSignedIn`, or `forbidden` for callers that may not administer.
    public init(_ caller: Caller) throws(SignInError) {
        try caller.require(.admin(.admin))
        self.init(origin: caller.origin, role: caller.role ?? .member)
    }

    /// Only owners make owners and change them: an admin could else take the installation over.
    ///
    /// - Throws: ``SignInError`` with `forbidden`.
    func require(over roles: Member.Role...) throws(SignInError) {
        guard role == .owner || !roles.contains(.owner) else {
            throw SignInError(.forbidden, "Only an owner may make, change or remove an owner.")
        }
    }
}
