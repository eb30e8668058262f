internal import AuditTrail
internal import Database
internal import FastJSON
internal import Store
internal import Workspace

extension SignInDesk {
    /// Lets in whom an identity provider vouches for.
    ///
    /// The person is the member that this subject was linked to before. Where none was, the member with the same address
    /// is linked, if the provider vouches for the address, somebody here does too, and no other subject of this provider
    /// is that member. Where there is no such member, the policy says whether the person becomes one.
    ///
    /// - Parameter identity: From a token whose signature, issuer, audience, nonce and times were checked.
    /// - Throws: ``SignInError`` with `notAdmitted`, in words for the person.
    public func admit(
        _ identity: ProviderIdentity, _ policy: AdmissionPolicy, from client: Client
    ) async throws -> SignedIn {
        guard !identity.subject.isEmpty, identity.subject.utf8.count <= 255, !identity.provider.isEmpty else {
            throw Self.notAdmitted("The identity provider named nobody.")
        }
        guard policy.admits(groups: identity.groups) else {
            throw Self.notAdmitted("Your account at the identity provider is in none of the groups that may come in.")
        }
        return try await store.write { context in
            var authority = Authority.system
            authority.origin = AuditOrigin(.system, via: "single sign-on", remote: client.remote)
            var member = try Self.member(for: identity, policy, by: authority, in: context)
            guard member.state == .active else { throw Self.notAdmitted("Your access to this server is suspended.") }
            if let role = policy.role(for: identity.groups), role != member.role {
                member = try Self.give(role, to: member, by: authority, in: context)
            }
            return try Self.begin(member, "single sign-on", client, in: context)
        }
    }

    /// The last owner stays one whatever the groups say: else a wrong mapping would leave nobody to mend it.
    private static func give(
        _ role: Member.Role, to member: Member, by authority: Authority, in context: WriteContext
    ) throws -> Member {
        do {
            return try MemberAdministration.change(member.id, .init(role: role), by: authority, in: context)
        } catch let error as SignInError where error.code == .lastOwner {
            return member
        }
    }

    private static func member(
        for identity: ProviderIdentity, _ policy: AdmissionPolicy, by authority: Authority, in context: WriteContext
    ) throws -> Member {
        let connection = context.connection
        if let id = try ProviderLinks.member(
            provider: identity.provider, subject: identity.subject, in: connection)
        {
            guard let member = try MemberRecords.member(id, in: connection) else {
                throw SignInError(.damaged, "A link of single sign-on names a member who is not there.")
            }
            return member
        }
        guard let email = identity.email, identity.emailVerified else {
            throw notAdmitted(
                "The identity provider does not vouch for your e-mail address. Ask an administrator to have it verified."
            )
        }
        let member: Member
        if let known = try MemberRecords.find(email, in: connection) {
            guard known.emailVerified,
                try !ProviderLinks.list(of: known.id, in: connection).contains(where: {
                    $0.provider == identity.provider
                })
            else { throw notAdmitted("A member with your address is somebody else. Ask an administrator.") }
            guard known.state == .active else { return known }
            member = known
        } else {
            guard policy.admitsNewMembers, policy.admits(domainOf: email) else {
                throw notAdmitted("You are not a member of this server. Ask an administrator to add you.")
            }
            let name = identity.name.flatMap { name in (try? MemberAdministration.checkName(name)).map { name } }
            let draft = MemberAdministration.Draft(
                email: email, name: name, role: policy.role(for: identity.groups) ?? .member)
            member = try MemberAdministration.add(draft, by: authority, in: context)
        }
        try ProviderLinks.add(
            provider: identity.provider, subject: identity.subject, to: member.id, in: context)
        try AuditTrail.append(
            authority.origin.event(
                "member.provider_linked", subject: member.email, details: ["provider": .string(identity.provider)]),
            in: context)
        return member
    }

    private static func notAdmitted(_ message: String) -> SignInError { SignInError(.notAdmitted, message) }
}
