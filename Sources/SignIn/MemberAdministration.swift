internal import AuditTrail
internal import Cryptography
internal import Database
internal import FastJSON
internal import IssueModel
public import Store
public import Workspace

/// Adds, changes and removes members, for the API and the command line alike: with the rules of roles, and on the trail.
public struct MemberAdministration: Sendable {
    let store: Store
    let hasher: PasswordHasher

    public init(store: Store, hasher: PasswordHasher) {
        self.store = store
        self.hasher = hasher
    }

    /// What a member shall be.
    public struct Draft: Hashable, Sendable {
        public var email: String
        /// What to call the person; the address where `nil`.
        public var name: String?
        public var role: Member.Role
        /// Whether whoever adds the member vouches that the address is this person's.
        public var emailVerified: Bool

        public init(email: String, name: String? = nil, role: Member.Role = .member, emailVerified: Bool = true) {
            self.email = email
            self.name = name
            self.role = role
            self.emailVerified = emailVerified
        }
    }

    /// Adds a member.
    ///
    /// - Parameter password: The first one; `nil` for a member who comes in by single sign-on, an invitation or not at all.
    /// - Throws: `WorkspaceError` for an address that is none or is taken; ``SignInError`` with `forbidden` or
    ///   `weakPassword`.
    @discardableResult
    public func add(_ draft: Draft, password: String? = nil, by authority: Authority) async throws -> Member {
        try authority.require(over: draft.role)
        var hash: PasswordHash?
        if let password {
            try PasswordRules.check(password, for: draft.email)
            hash = try await hasher.hash(of: password)
        }
        return try await store.write { [hash] context in
            let member = try Self.add(draft, by: authority, in: context)
            if let hash { try Passwords.set(hash, of: member.id, in: context) }
            return member
        }
    }

    /// Adds a member who sets a password of their own with the link.
    public func invite(
        _ draft: Draft, by authority: Authority
    ) async throws -> (member: Member, link: OneUseLinks.Created) {
        try authority.require(over: draft.role)
        return try await store.write { context in
            let member = try Self.add(draft, by: authority, in: context)
            return (member, try Self.link(.invitation, for: member, by: authority, in: context))
        }
    }

    /// Makes a new link for a member: an invitation where the member has no password yet, else for a new password.
    ///
    /// - Throws: ``SignInError`` with `conflict` for a suspended member.
    public func makeLink(
        for id: MemberID, by authority: Authority
    ) async throws -> (member: Member, link: OneUseLinks.Created) {
        try await store.write { context in
            let member = try Self.member(id, by: authority, in: context)
            guard member.state == .active else {
                throw SignInError(.conflict, "The member is suspended. Let them in again first.")
            }
            let kind: OneUseLinks.Kind =
                try Passwords.changed(of: id, in: context.connection) == nil ? .invitation : .reset
            return (member, try Self.link(kind, for: member, by: authority, in: context))
        }
    }

    /// What to change; `nil` leaves a value as it is.
    public struct Change: Hashable, Sendable {
        public var name: String?
        public var role: Member.Role?
        public var state: Member.State?
        public var emailVerified: Bool?

        public init(
            name: String? = nil, role: Member.Role? = nil, state: Member.State? = nil, emailVerified: Bool? = nil
        ) {
            self.name = name
            self.role = role
            self.state = state
            self.emailVerified = emailVerified
        }
    }

    /// Changes a member. Another role, or being suspended, ends every session at once; tokens rest while suspended, and
    /// allow no more than the new role. Who becomes an owner needs a new link, should there be one.
    ///
    /// - Throws: ``SignInError`` with `lastOwner`, `forbidden` or `notFound`.
    public func change(_ id: MemberID, _ change: Change, by authority: Authority) async throws -> Member {
        try await store.write { try Self.change(id, change, by: authority, in: $0) }
    }

    /// Removes a member with everything that is theirs.
    ///
    /// - Throws: ``SignInError`` with `lastOwner`, `forbidden` or `notFound`.
    @discardableResult
    public func remove(_ id: MemberID, by authority: Authority) async throws -> Member {
        try await store.write { context in
            let member = try Self.member(id, by: authority, in: context)
            try Self.requireAnotherOwner(than: member, in: context)
            try MemberRecords.remove(member, in: context)
            try AuditTrail.append(authority.origin.event("member.removed", subject: member.email), in: context)
            return member
        }
    }

    /// Ends every session of a member.
    ///
    /// - Returns: How many ended.
    public func endSessions(of id: MemberID, by authority: Authority) async throws -> Int {
        try await store.write { context in
            let member = try Self.member(id, by: authority, in: context)
            let count = try Sessions.revokeAll(of: id, in: context)
            try AuditTrail.append(
                authority.origin.event(
                    "member.sessions_ended", subject: member.email, details: ["count": .integer(Int64(count))]),
                in: context)
            return count
        }
    }

    /// Turns a member's second factor off, for one who lost the app and the recovery codes. Ends every session.
    public func removeSecondFactor(of id: MemberID, by authority: Authority) async throws -> Bool {
        try await store.write { context in
            let member = try Self.member(id, by: authority, in: context)
            guard try SecondFactors.remove(of: id, in: context) else { return false }
            try Sessions.revokeAll(of: id, in: context)
            try AuditTrail.append(
                authority.origin.event("member.second_factor_removed", subject: member.email), in: context)
            return true
        }
    }
}

extension MemberAdministration {
    static func add(_ draft: Draft, by authority: Authority, in context: WriteContext) throws -> Member {
        if let name = draft.name { try checkName(name) }
        let member = Member(
            email: draft.email, name: draft.name, role: draft.role, emailVerified: draft.emailVerified,
            added: context.now)
        let added = try MemberRecords.add(member, in: context)
        try AuditTrail.append(
            authority.origin.event(
                "member.added", subject: added.email,
                details: ["role": .string(added.role.rawValue), "emailVerified": .bool(added.emailVerified)]),
            in: context)
        return added
    }

    static func change(
        _ id: MemberID, _ change: Change, by authority: Authority, in context: WriteContext
    ) throws -> Member {
        let before = try member(id, by: authority, in: context)
        var after = before
        if let name = change.name {
            try checkName(name)
            after.name = name
        }
        after.role = change.role ?? before.role
        after.state = change.state ?? before.state
        after.emailVerified = change.emailVerified ?? before.emailVerified
        guard after != before else { return before }
        try authority.require(over: after.role)
        if after.role != .owner || after.state != .active { try requireAnotherOwner(than: before, in: context) }
        try MemberRecords.update(after, in: context)
        if after.role != before.role || after.state != before.state {
            try Sessions.revokeAll(of: id, in: context)
        }
        // Whoever kept a link to a member's password must not hold one to an owner's: only owners may make those.
        if after.role == .owner, before.role != .owner { try OneUseLinks.withdrawAll(of: id, in: context) }
        var details: [JSONValue.Member] = []
        if after.role != before.role {
            details.append(.init("role", .array([.string(before.role.rawValue), .string(after.role.rawValue)])))
        }
        if after.state != before.state { details.append(.init("state", .string(after.state.rawValue))) }
        if after.name != before.name { details.append(.init("name", .string(after.name))) }
        if after.emailVerified != before.emailVerified {
            details.append(.init("emailVerified", .bool(after.emailVerified)))
        }
        try AuditTrail.append(
            authority.origin.event("member.changed", subject: after.email, details: .object(details)), in: context)
        return after
    }

    private static func link(
        _ kind: OneUseLinks.Kind, for member: Member, by authority: Authority, in context: WriteContext
    ) throws -> OneUseLinks.Created {
        let link = try OneUseLinks.create(kind, for: member.id, in: context)
        let action = kind == .invitation ? "member.invited" : "member.reset_link_made"
        try AuditTrail.append(authority.origin.event(action, subject: member.email), in: context)
        return link
    }

    private static func member(
        _ id: MemberID, by authority: Authority, in context: WriteContext
    ) throws -> Member {
        guard let member = try MemberRecords.member(id, in: context.connection) else {
            throw SignInError(.notFound, "There is no such member.")
        }
        try authority.require(over: member.role)
        return member
    }

    private static func requireAnotherOwner(than member: Member, in context: WriteContext) throws {
        guard member.role == .owner, member.state == .active else { return }
        let others = try context.connection.first(
            "SELECT 1 FROM member WHERE role = 'owner' AND state = 'active' AND id <> ?", member.id.rawValue
        ) { _ in true }
        guard others != nil else {
            throw SignInError(
                .lastOwner, "\(member.email) is the only active owner. Make somebody else an owner first.")
        }
    }

    /// A name is one line of text that shows as what it is.
    static func checkName(_ name: String) throws(SignInError) {
        let isClean = name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
            // Marks that turn the direction of writing around could make one name look like another.
            default: !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
            }
        }
        guard !name.isEmpty, name.utf8.count <= 200, isClean else {
            throw SignInError(.invalid, "A name is one line of at most 200 bytes.")
        }
    }
}
