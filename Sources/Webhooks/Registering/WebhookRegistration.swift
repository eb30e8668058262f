internal import Cryptography
public import IssueModel
public import JiraClient
internal import JiraOAuth
public import Journal
public import Observability
public import Store

/// Has a site tell of changes: registers webhooks where the source's account may, says what to do by hand where not, and
/// keeps them as they should be.
///
/// A webhook is recognised in Jira by the secret part of its address, so a second registration finds the first, whatever
/// became of its name. Nothing here is needed for the copy to be right: what no webhook tells is found by the deltas.
public struct WebhookRegistration: Sendable {
    let store: Store
    let client: JiraClient
    let clock: @Sendable () -> Timestamp
    let log: Log

    public init(
        store: Store, client: JiraClient, clock: @escaping @Sendable () -> Timestamp = Store.systemClock,
        log: Log = .silent
    ) {
        self.store = store
        self.client = client
        self.clock = clock
        self.log = log
    }

    /// How a site is asked.
    public enum Way: Hashable, Sendable {
        /// As an administrator; by hand where the account is none.
        case admin
        /// As an OAuth app, with its client secret, which signs deliveries, and its client id, which issues their tokens.
        case app(clientSecret: String, clientID: String?)
    }

    /// What a registration came to.
    public struct Outcome: Hashable, Sendable {
        public var record: WebhookRecords.Record
        public var changes: [Change]
        /// What is to be done by hand, where the account may not.
        public var instructions: WebhookInstructions?
        /// What to know, for people.
        public var warnings: [String]

        public init(
            record: WebhookRecords.Record, changes: [Change] = [], instructions: WebhookInstructions? = nil,
            warnings: [String] = []
        ) {
            self.record = record
            self.changes = changes
            self.instructions = instructions
            self.warnings = warnings
        }
    }

    public enum Change: String, Hashable, Sendable {
        case created
        /// It was switched off, or other than it should be.
        case repaired
        /// Its end was put off.
        case refreshed
        /// A second one for the same address is gone.
        case removedSpare = "removed_spare"
    }

    /// Registers a source's webhook, or mends the one that is there. Asking again changes nothing that is right.
    ///
    /// - Parameter publicURL: Where this installation is reached from Jira.
    /// - Throws: ``WebhookError`` for an address that Jira could not call; `JiraError` where Jira does not answer.
    public func register(_ source: Source, publicURL: String, way: Way = .admin) async throws -> Outcome {
        let address = try PublicAddress(publicURL, isCloud: source.product == .cloud)
        var outcome: Outcome
        switch way {
        case .admin:
            let (record, secrets) = try await record(of: source, address, isDynamic: false) { try WebhookSecrets() }
            outcome = try await settleAdmin(record, secrets, source, isRegistering: true)
        case .app(let clientSecret, let clientID):
            guard source.product == .cloud else {
                throw WebhookError(
                    .unsupported, "Only Jira Cloud has webhooks of apps. Register it as an administrator")
            }
            let (record, secrets) = try await record(of: source, address, isDynamic: true) {
                try WebhookSecrets(signingKey: clientSecret, issuer: clientID)
            }
            outcome = try await settleDynamic(record, secrets, source)
        }
        if let warning = address.warning { outcome.warnings.append(warning) }
        return outcome
    }

    /// Looks after every webhook of a source: one that Jira lost or switched off is set up again, one that would lapse is
    /// refreshed. To be called when ``due(_:)`` says so; costs a request or two.
    ///
    /// - Parameter publicURL: Where this installation is reached from Jira: a source without a webhook, or with one for another
    ///   address, gets one. Without it only what was registered is looked after.
    public func maintain(_ source: Source, publicURL: String? = nil) async throws -> [Outcome] {
        let key = try store.secretKey()
        var outcomes: [Outcome] = []
        var known = try await records(of: source)
        if let publicURL {
            let address = try PublicAddress(publicURL, isCloud: source.product == .cloud)
            let right = known.contains { $0.kind == .dynamic || $0.publicURL == address.url }
            if !right {
                var outcome = try await register(source, publicURL: publicURL, way: try await way(for: source))
                if outcome.instructions != nil {
                    outcome.warnings.append(
                        "A Jira administrator has to enter the webhook: drawbridge webhook register \(source.name) --public-url \(address.url) says how."
                    )
                }
                outcomes.append(outcome)
                known.removeAll { $0.kind != .dynamic }
            }
        }
        for record in known {
            let secrets = try WebhookSecrets(opening: record.sealed, with: key, source: source.id)
            switch record.kind {
            case .admin: outcomes.append(try await settleAdmin(record, secrets, source, isRegistering: false))
            case .dynamic: outcomes.append(try await settleDynamic(record, secrets, source))
            case .manual: break
            }
        }
        for outcome in outcomes where outcome.changes.contains(.created) || outcome.changes.contains(.repaired) {
            log.warning(
                "webhook.repaired", "A webhook was missing in Jira, or other than it should be, and was set up again.",
                ["source": .string(source.name)])
        }
        return outcomes
    }

    /// When webhooks are next to be looked after; `nil` where there is nothing to look after.
    public static func due(_ records: [WebhookRecords.Record]) -> Timestamp? {
        records.compactMap { record -> Timestamp? in
            guard record.kind != .manual else { return nil }
            let last = record.verified ?? record.created
            let wait = record.state == .active ? verifyEvery : retryAfter
            let verify = Timestamp(milliseconds: last.rawValue + wait)
            let refresh = record.expires.map { Timestamp(milliseconds: $0.rawValue - halfLife) }
            return min(verify, max(refresh ?? verify, last))
        }.min()
    }

    /// Six hours: how long a webhook that somebody switched off may go unnoticed.
    static let verifyEvery: Int64 = 6 * 3_600_000
    static let retryAfter: Int64 = 3_600_000
    /// Half of the thirty days that Jira gives an app's webhook.
    static let halfLife: Int64 = 15 * 86_400_000

    /// Removes a source's webhooks here and, where the account may, in Jira.
    ///
    /// - Returns: What remains to be done by hand.
    public func remove(_ source: Source) async throws -> [String] {
        var remains: [String] = []
        for record in try await records(of: source) {
            do throws(JiraError) {
                try await removeFromJira(record)
            } catch {
                guard error.mayNot || record.kind == .manual else { throw error }
                remains.append(
                    "Jira did not let this account remove the webhook: a Jira administrator deletes the one whose address begins with \(record.publicURL)/webhooks/\(source.id)/."
                )
            }
            try await store.write { try WebhookRecords.remove(record.id, in: $0) }
        }
        return remains
    }

    private func removeFromJira(_ record: WebhookRecords.Record) async throws(JiraError) {
        switch record.kind {
        case .dynamic:
            let ids = Self.ids(record.jiraID)
            try await client.deleteDynamicWebhooks(ids)
        case .admin, .manual:
            for webhook in try await client.adminWebhooks() where Self.isAddress(webhook.url, of: record) {
                try await client.deleteAdminWebhook(webhook.id)
            }
        }
    }

    /// As the app whose grant a source is read with; else as an administrator.
    public func way(for source: Source) async throws -> Way {
        guard source.credentialKind == "oauth" else { return .admin }
        let key = try store.secretKey()
        let app = try await store.read { connection in
            try GrantRecords.grant(ofSource: source, key: key, in: connection)
                .flatMap { try GrantRecords.app($0.app, key: key, in: connection) }
        }
        return app.map { .app(clientSecret: $0.clientSecret, clientID: $0.clientID) } ?? .admin
    }

    func records(of source: Source) async throws -> [WebhookRecords.Record] {
        try await store.read { try WebhookRecords.all(source: source.id, in: $0) }
    }

    /// The record of a source's webhook with its secrets: stored before Jira is asked, so that a webhook Jira made is
    /// recognised whatever happens in between.
    private func record(
        of source: Source, _ address: PublicAddress, isDynamic: Bool,
        _ make: @Sendable () throws -> WebhookSecrets
    ) async throws -> (WebhookRecords.Record, WebhookSecrets) {
        let key = try store.secretKey()
        if var known = try await records(of: source).first(where: { ($0.kind == .dynamic) == isDynamic }),
            let secrets = try? WebhookSecrets(opening: known.sealed, with: key, source: source.id),
            try !isDynamic || make().signingKey == secrets.signingKey
        {
            known.publicURL = address.url
            return (known, secrets)
        }
        let secrets = try make()
        let new = WebhookRecords.Record(
            source: source.id, kind: isDynamic ? .dynamic : .admin, publicURL: address.url, pathHash: secrets.pathHash,
            sealed: try secrets.sealed(with: key, source: source.id),
            authentication: isDynamic ? .token : .signatureOnceSeen, state: .waiting, created: clock())
        return (try await store.write { try WebhookRecords.add(new, in: $0) }, secrets)
    }

    func save(_ record: WebhookRecords.Record) async throws {
        try await store.write { try WebhookRecords.update(record, in: $0) }
    }

    static func isAddress(_ url: String?, of record: WebhookRecords.Record) -> Bool {
        guard let url, let path = WebhookPath(WebhookPath.path(of: url)) else { return false }
        return path.source == record.source && path.hash == record.pathHash
    }

    static func ids(_ text: String?) -> [Int64] {
        (text ?? "").split(separator: ",").compactMap { Int64($0) }
    }
}

extension JiraError {
    /// Whether Jira's answer means that this account does not get to webhooks, rather than that something is broken.
    var mayNot: Bool {
        concernsAccess && code != .captchaRequired && code != .accessBlocked
            || [.notFound, .unsupported, .gone, .notJira].contains(code)
    }
}
