public import AccessControl
import AccessEngine
public import HTTPMessages
import IssueModel
public import JiraClient
public import Store

/// Tries a site with a credential, and makes a source of it.
public struct SourceSetup: Sendable {
    let transport: any HTTPTransport
    let gatewayURL: String
    let options: JiraClient.Options
    let time: TimeSource

    /// - Parameter gatewayURL: Defaults to `https://api.atlassian.com`.
    public init(
        transport: any HTTPTransport, gatewayURL: String = "https://api.atlassian.com",
        options: JiraClient.Options = .init(), time: TimeSource = .system
    ) {
        self.transport = transport
        self.gatewayURL = gatewayURL
        self.options = options
        self.time = time
    }

    /// What trying a site found.
    public struct Findings: Sendable {
        public var checks: [SourceCheck] = []
        /// `nil` where the site could not be reached or the credential is refused.
        public var identity: SiteIdentity?
        /// Whether the account may read what decides who sees what.
        public var canMirror = false
        /// What made the site unusable; its kind is the command line's exit code.
        public var failure: SyncFailure?

        public var isUsable: Bool { identity != nil && !checks.contains { $0.outcome == .fail } }

        /// The mode a source gets where its operator names none.
        public func mode(anonymous: Bool) -> Source.AccessMode {
            anonymous ? .public : canMirror ? .mirror : .linked
        }
    }

    /// What a source is made of.
    public struct Request: Sendable {
        public var name: String
        public var address: String
        public var credential: Credential
        public var projects: [String]
        public var jql: String?
        /// `nil` chooses mirror where possible.
        public var mode: Source.AccessMode?

        public init(
            name: String, address: String, credential: Credential, projects: [String] = [], jql: String? = nil,
            mode: Source.AccessMode? = nil
        ) {
            self.name = name
            self.address = address
            self.credential = credential
            self.projects = projects
            self.jql = jql
            self.mode = mode
        }
    }

    /// Tries the site and stores the source if it is usable.
    ///
    /// - Parameter also: What else belongs to the transaction in which it is stored.
    /// - Returns: The source with what was found; warnings do not keep it from being stored.
    /// - Throws: ``SyncFailure`` where a check fails or the name is taken.
    public func add(
        _ request: Request, to store: Store,
        also: @escaping @Sendable (Source, WriteContext) throws -> Void = { _, _ in }
    ) async throws(SyncFailure) -> (Source, Findings) {
        let findings = await test(
            request.address, request.credential, projects: request.projects, jql: request.jql, mode: request.mode)
        guard let identity = findings.identity, findings.isUsable else {
            throw findings.refusal
        }
        let source = Source(
            name: request.name, url: identity.baseURL, apiURL: identity.apiBase,
            product: Source.Product(rawValue: identity.product.rawValue) ?? .dataCenter, siteID: identity.siteID,
            version: identity.version,
            accessMode: request.mode ?? findings.mode(anonymous: request.credential.isAnonymous),
            credentialKind: request.credential.kind, principal: identity.account?.id, timeZone: identity.timeZone,
            scope: .init(projects: request.projects.map { $0.uppercased() }, jql: request.jql), created: time.now())
        do {
            let key = try store.secretKey()
            let bytes = CredentialRecord.bytes(request.credential)
            let added = try await store.write { context in
                let added = try SourceRecords.add(source, credential: bytes, key: key, in: context)
                try also(added, context)
                return added
            }
            return (added, findings)
        } catch let error as StoreError where error.code == .nameTaken {
            throw SyncFailure(
                .sourceExists, what: "There is a source named \(request.name) already.",
                fix: "Choose another name, or remove that source first.")
        } catch let error as StoreError where error.code == .keptDiffers {
            throw SyncFailure(
                .sourceExists, what: "\(error.message).",
                fix:
                    "Choose another name, or delete what is kept first: drawbridge source remove \(request.name) --purge."
            )
        } catch {
            throw SyncFailure(error, in: .identify)
        }
    }

    /// Why a source cannot have an access mode; `nil` where it can.
    ///
    /// What was read with an account is not what anybody sees, so only a source that is read without one is public.
    public static func refusal(of mode: Source.AccessMode, for source: Source) -> SourceCheck? {
        mode == .public && !source.isAnonymous ? .notPublic : nil
    }

    /// Tries a stored source again, with its own credential and scope.
    public func test(_ source: Source, in store: Store) async throws(SyncFailure) -> Findings {
        let credential: Credential
        do {
            let key = try store.secretKey()
            let stored = try await store.read { try SourceRecords.credential(of: source.id, key: key, in: $0) }
            credential = try CredentialRecord.credential(kind: source.credentialKind, stored)
        } catch {
            throw SyncFailure(error, in: .identify)
        }
        var findings = await test(
            source.url, credential, projects: source.scope.projects, jql: source.scope.jql, mode: source.accessMode)
        // It worked when the source was added, so that it is not mistyped.
        for index in findings.checks.indices where findings.checks[index].diagnosis == .authInvalid {
            findings.checks[index].diagnosis = .authExpired
        }
        return findings
    }
}
