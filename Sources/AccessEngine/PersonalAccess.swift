public import HTTPMessages
import IssueModel
public import JiraClient
public import Store
public import Workspace

/// Signs in at a source's site with members' own credentials.
public struct PersonalAccess: Sendable {
    let store: Store
    let transport: any HTTPTransport
    /// Atlassian's gateway, for tokens with scopes.
    let gatewayURL: String
    let options: JiraClient.Options
    let time: TimeSource

    /// - Parameter gatewayURL: Defaults to `https://api.atlassian.com`.
    public init(
        store: Store, transport: any HTTPTransport, gatewayURL: String = "https://api.atlassian.com",
        options: JiraClient.Options = JiraClient.Options(), time: TimeSource = .system
    ) {
        self.store = store
        self.transport = transport
        self.gatewayURL = gatewayURL
        self.options = options
        self.time = time
    }

    /// Signs in with a kept credential and checks that it is still the same site and the same account.
    ///
    /// - Throws: ``PersonalRefusal`` where it is not, or where what is kept cannot be used; `JiraError`.
    public func signIn(_ record: PersonalCredentials.Record, to source: Source) async throws -> JiraClient {
        let credential: Credential
        do {
            let bytes = try PersonalCredentials.open(record, key: try store.secretKey())
            credential = try CredentialRecord.credential(kind: record.kind, bytes)
        } catch {
            throw PersonalRefusal("credential_unusable", "The kept credential cannot be opened. Link the member again.")
        }
        let probe = SiteProbe(transport: transport, apiURL: gatewayURL, time: time)
        let identity = try await probe.identify(try SiteAddress(source.url), credential)
        guard identity.isSite(of: source) else {
            throw PersonalRefusal(
                "other_site", "Another site answers at the source's address than the one the member was linked at.")
        }
        guard identity.account?.id == record.account else {
            throw PersonalRefusal(
                "other_account", "The credential now belongs to another account than the one the member was linked to.")
        }
        return JiraClient(identity, credential, transport: transport, options: options, time: time)
    }
}

/// Why a member's own credential no longer counts, though Jira did not refuse it.
public struct PersonalRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// `other_site`, `other_account` or `credential_unusable`.
    public var code: String
    /// Names no account, no address and no secret, so it is safe to log.
    public var description: String

    init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}
