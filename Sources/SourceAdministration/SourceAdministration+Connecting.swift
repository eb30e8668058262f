internal import AccessControl
public import AuditTrail
internal import FastJSON
public import IssueModel
public import JiraClient
internal import Secrets
public import SiteConnection
public import Store

extension SourceAdministration {
    /// Tries a site and connects it if it is usable; see `SourceSetup.add`.
    ///
    /// - Parameter expires: When the credential ends, where that is known.
    public func add(
        _ request: SourceSetup.Request, expires: Timestamp? = nil, by origin: AuditOrigin
    ) async throws -> (source: Source, findings: SourceSetup.Findings) {
        let (source, findings) = try await setup.add(request, to: store) { source, context in
            let details: JSONValue = .object([
                .init("url", .string(source.url)), .init("accessMode", .string(source.accessMode.rawValue)),
                .init("credential", .string(source.credentialKind)),
            ])
            try CredentialExpiry.set(expires, of: source.id, at: context.now, in: context.connection)
            try AuditTrail.append(origin.event("source.added", subject: source.name, details: details), in: context)
        }
        return (source, findings)
    }

    /// Notes when a source's credential ends; `nil` where nobody knows.
    public func setExpiry(_ expires: Timestamp?, of name: String, by origin: AuditOrigin) async throws {
        let source = try await present(name)
        try await store.write { context in
            try CredentialExpiry.set(expires, of: source.id, at: context.now, in: context.connection)
            let details: JSONValue = .object([.init("expires", expires.map { .string($0.rfc3339) } ?? .null)])
            try AuditTrail.append(
                origin.event("source.credential_expiry_set", subject: source.name, details: details), in: context)
        }
    }

    /// Tries a stored source again, with its own credential and scope.
    public func test(_ name: String) async throws -> SourceSetup.Findings {
        try await setup.test(try await present(name), in: store)
    }

    /// Gives a source another credential, if it works; what was copied stays.
    ///
    /// - Parameter expires: When it ends, where that is known; what was known of the one before is forgotten.
    public func replaceCredential(
        of name: String, with credential: Credential, expires: Timestamp? = nil, by origin: AuditOrigin
    ) async throws -> SourceSetup.Findings {
        let source = try await source(named: name)
        return try await setup.replaceCredential(of: source, with: credential, in: store) { context in
            let details: JSONValue = .object([.init("credential", .string(credential.kind))])
            try CredentialExpiry.set(expires, of: source.id, at: context.now, in: context.connection)
            try AuditTrail.append(
                origin.event("source.credential_replaced", subject: source.name, details: details), in: context)
        }
    }

    /// Follows a site to another address.
    ///
    /// - Returns: The source with its new address, and what was found there.
    public func move(
        _ name: String, to address: String, by origin: AuditOrigin
    ) async throws -> (source: Source, findings: SourceSetup.Findings) {
        let source = try await present(name)
        let findings = try await setup.move(source, to: address, in: store) { moved, context in
            let details: JSONValue = .object([
                .init("from", .string(source.url)), .init("to", .string(moved.url)),
            ])
            try AuditTrail.append(origin.event("source.moved", subject: moved.name, details: details), in: context)
        }
        return (try await self.source(named: name), findings)
    }
}
