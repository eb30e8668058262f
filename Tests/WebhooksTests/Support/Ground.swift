import AccessControl
import Cryptography
import Database
import Foundation
import HTTPMessages
import IssueModel
import Journal
import Store
import Synchronization
import Webhooks

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "drawbridge-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// A clock that stands still until it is set.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func set(_ moment: Timestamp) { time.withLock { $0 = moment } }

    func advance(hours: Int64 = 0, minutes: Int64 = 0, milliseconds: Int64 = 0) {
        time.withLock {
            $0 = Timestamp(milliseconds: $0.rawValue + hours * 3_600_000 + minutes * 60_000 + milliseconds)
        }
    }
}

/// A store with one source and an inbox beside it, that go away with the test.
struct Ground: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let clock = TestClock()
    let source: Source
    let inbox: WebhookInbox
    let receiver: WebhookReceiver

    static let publicURL = "https://drawbridge.example.com/hooks"

    init(
        product: Source.Product = .cloud, scope: Source.Scope = .init(), inbox options: WebhookInbox.Options = .init()
    ) async throws {
        folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.file("data"), for: .writing)
        let key = try data.secretKey()
        let clock = clock
        store = try await Store(folder: data, options: .init(execution: .threads(readers: 2)), clock: { clock.now })
        source = try await store.write { context in
            try SourceRecords.add(
                Source(
                    name: "work", url: "https://acme.atlassian.net", apiURL: "https://acme.atlassian.net",
                    product: product, accessMode: .mirror, credentialKind: "api_token", scope: scope,
                    created: Timestamp(milliseconds: 1)),
                credential: Array("token".utf8), key: key, in: context)
        }
        inbox = try await WebhookInbox(path: folder.file("inbox.sqlite"), options: options)
        receiver = WebhookReceiver(store: store, inbox: inbox, clock: { clock.now })
    }

    /// Adds a webhook as a registration would.
    func addWebhook(
        _ authentication: WebhookRecords.Authentication = .signature, signingKey: String? = nil, source: Int64? = nil,
        kind: WebhookRecords.Kind = .admin, state: WebhookRecords.State = .active
    ) async throws -> WebhookSecrets {
        let secrets = try WebhookSecrets(signingKey: signingKey)
        let source = source ?? self.source.id
        let record = WebhookRecords.Record(
            source: source, kind: kind, publicURL: Self.publicURL, pathHash: secrets.pathHash,
            sealed: try secrets.sealed(with: try store.secretKey(), source: source), authentication: authentication,
            state: state, created: clock.now)
        _ = try await store.write { try WebhookRecords.add(record, in: $0) }
        return secrets
    }

    func records() async throws -> [WebhookRecords.Record] {
        try await store.read { [source] in try WebhookRecords.all(source: source.id, in: $0) }
    }

    func pending() async throws -> [PendingIssues.Entry] {
        let now = clock.now
        return try await store.read { [source] in
            try PendingIssues.due(at: now, source: source.id, limit: 100_000, in: $0)
        }
    }

    func asked(_ kind: DueReadings.Kind) async throws -> Timestamp? {
        try await store.read { [source] in try DueReadings.asked(kind, source: source.id, in: $0) }
    }

    /// A delivery as Jira sends it, signed unless `key` is empty.
    func delivery(
        _ body: String, _ secrets: WebhookSecrets, key: String? = nil, identifier: String? = nil
    ) -> HTTPRequest {
        let bytes = Array(body.utf8)
        var request = HTTPRequest(.post, "/webhooks/\(source.id)/\(secrets.token)", body: bytes)
        let key = key ?? secrets.signingKey
        if !key.isEmpty { request.headers["x-hub-signature"] = WebhookSignature.value(for: bytes, key: key) }
        if let identifier { request.headers["x-atlassian-webhook-identifier"] = identifier }
        return request
    }

    /// Puts a delivery straight into the inbox.
    @discardableResult
    func accept(_ body: String, identifier: String? = nil) async throws -> WebhookInbox.Acceptance {
        let hint = try WebhookPayload(Array(body.utf8)).hint
        return try await inbox.accept(
            source.id, hint, identity: WebhookInbox.identity(of: hint, named: identifier), at: clock.now)
    }
}

/// Bodies in the shape that Jira writes.
enum Body {
    static func updated(_ issue: Int, at time: Int = 1_700_000_000_000, project: String = "PAY") -> String {
        #"""
        {"timestamp":\#(time),"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_updated",
         "issue":{"id":"\#(issue)","self":"https://acme.atlassian.net/rest/api/2/issue/\#(issue)","key":"\#(project)-\#(issue)",
         "fields":{"summary":"Nobody keeps this"}},"changelog":{"id":"\#(time % 100_000)","items":[]}}
        """#
    }

    static func deleted(_ issue: Int, at time: Int = 1_700_000_000_000) -> String {
        #"{"timestamp":\#(time),"webhookEvent":"jira:issue_deleted","user":{"accountId":"a"},"issue":{"id":"\#(issue)","key":"PAY-\#(issue)"}}"#
    }

    static func event(_ name: String, _ members: String, at time: Int = 1_700_000_000_000) -> String {
        #"{"timestamp":\#(time),"webhookEvent":"\#(name)",\#(members)}"#
    }
}
