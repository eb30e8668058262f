internal import AuditTrail
internal import Cryptography
public import Database
internal import FastJSON
internal import IssueModel
internal import Store
public import Workspace

extension SignInDesk {
    /// What a page shows of a link before it is used.
    public struct LinkView: Hashable, Sendable {
        public var link: OneUseLinks.Record
        /// Whom it lets in; `nil` for the setup link.
        public var member: Member?
    }

    /// The link with this secret, as long as it is good.
    ///
    /// - Throws: ``SignInError`` with `linkInvalid`.
    public func view(link secret: String) async throws -> LinkView {
        let now = store.now
        return try await store.read { try Self.view(secret, now, $0) }
    }

    /// Uses an invitation or a reset link: sets the member's password, which ends all their sessions, and lets them in.
    ///
    /// - Returns: `nil` where the second factor is on: the link proves no second factor, so they sign in with the code.
    /// - Throws: ``SignInError``: `linkInvalid`, `weakPassword`, `busy`. A link that was refused for its password stays
    ///   good.
    public func accept(link secret: String, password: String, from client: Client) async throws -> SignedIn? {
        let view = try await view(link: secret)
        guard let member = view.member, view.link.kind != .setup else { throw OneUseLinks.invalid }
        try PasswordRules.check(password, for: member.email)
        let hash = try await hasher.hash(of: password)
        return try await store.write { context in
            let view = try Self.view(secret, context.now, context.connection)
            guard let member = view.member else { throw OneUseLinks.invalid }
            let kind = try OneUseLinks.use(secret, in: context).kind
            try Passwords.set(hash, of: member.id, in: context)
            try AuditTrail.append(
                AuditOrigin(.member(member.id, name: member.email), via: "\(kind.rawValue) link", remote: client.remote)
                    .event(kind == .invitation ? "invitation.accepted" : "password.reset", subject: member.email),
                in: context)
            if try SecondFactors.isOn(for: member.id, in: context.connection) { return nil }
            return try Self.begin(member, kind.rawValue, client, in: context)
        }
    }

    /// Makes the link by which the first owner comes in; the one before is worth nothing from then on.
    ///
    /// - Returns: `nil` where the installation has an active owner.
    public func makeSetupLink() async throws -> OneUseLinks.Created? {
        try await store.write { context in
            guard try !Self.hasOwner(context.connection) else { return nil }
            let link = try OneUseLinks.create(.setup, for: nil, in: context)
            try AuditTrail.append(AuditOrigin.system.event("setup_link.made"), in: context)
            return link
        }
    }

    /// Makes whoever holds the setup link the first owner, and lets them in.
    ///
    /// - Throws: ``SignInError``: `linkInvalid`, also where there is an owner meanwhile; `weakPassword`; `conflict` where
    ///   a member has the address already; `WorkspaceError` for what is no address.
    public func setUp(
        link secret: String, email: String, name: String?, password: String, from client: Client
    ) async throws -> SignedIn {
        guard try await view(link: secret).link.kind == .setup else { throw OneUseLinks.invalid }
        try PasswordRules.check(password, for: email)
        let hash = try await hasher.hash(of: password)
        return try await store.write { context in
            guard try OneUseLinks.use(secret, in: context).kind == .setup, try !Self.hasOwner(context.connection)
            else { throw OneUseLinks.invalid }
            let draft = MemberAdministration.Draft(email: email, name: name, role: .owner)
            var system = Authority.system
            system.origin = AuditOrigin(.anonymous, via: "setup link", remote: client.remote)
            let owner: Member
            if let known = try MemberRecords.find(email, in: context.connection) {
                let change = MemberAdministration.Change(name: name, role: .owner, state: .active, emailVerified: true)
                owner = try MemberAdministration.change(known.id, change, by: system, in: context)
            } else {
                owner = try MemberAdministration.add(draft, by: system, in: context)
            }
            try Passwords.set(hash, of: owner.id, in: context)
            return try Self.begin(owner, "setup", client, in: context)
        }
    }

    /// Whether somebody owns this installation.
    public static func hasOwner(_ connection: Connection) throws -> Bool {
        try connection.first("SELECT 1 FROM member WHERE role = 'owner' AND state = 'active'") { _ in true } ?? false
    }

    private static func view(_ secret: String, _ now: Timestamp, _ connection: Connection) throws -> LinkView {
        let link = try OneUseLinks.find(secret, now: now, in: connection)
        guard let id = link.member else {
            guard try !hasOwner(connection) else { throw OneUseLinks.invalid }
            return LinkView(link: link, member: nil)
        }
        guard let member = try MemberRecords.member(id, in: connection), member.state == .active else {
            throw OneUseLinks.invalid
        }
        return LinkView(link: link, member: member)
    }
}
