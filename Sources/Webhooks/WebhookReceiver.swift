public import HTTPMessages
public import IssueModel
internal import Journal
public import Observability
public import Store

/// Answers what a site sends to `/webhooks/{source}/{token}`. Knows no server: requests in, responses out.
///
/// A delivery is checked, understood, stored in the inbox and answered; nothing of it waits for Jira, for the search
/// index or for the main database. What came is handed on by ``drain()``.
///
/// | answer | when |
/// |---|---|
/// | 200 | stored, or stored before, or nothing to store |
/// | 400 | the body is not one JSON object |
/// | 401 | the signature or token is missing or wrong |
/// | 404 | no webhook has this address; the same for every address |
/// | 405 | not a `POST` |
/// | 413 | the body is too large; the source's changes are read instead |
/// | 503 | the inbox takes nothing at present; Jira sends it again |
public final class WebhookReceiver: Sendable {
    private let store: Store
    private let inbox: WebhookInbox
    private let gate: WebhookGate
    private let clock: @Sendable () -> Timestamp
    private let log: Log
    private let metrics: Metrics?

    public init(
        store: Store, inbox: WebhookInbox, clock: @escaping @Sendable () -> Timestamp = Store.systemClock,
        log: Log = .silent, metrics: Metrics? = nil
    ) {
        self.store = store
        self.inbox = inbox
        self.clock = clock
        self.log = log
        self.metrics = metrics
        gate = WebhookGate(store: store)
    }

    /// Deliveries by what became of them: stored, duplicate, refused, malformed, too_large, unstorable, no_webhook.
    public static let deliveries = Metric.counter(
        "drawbridge_webhook_deliveries_total", "Webhook deliveries by outcome.")

    /// Reads which webhooks there are, so that the first delivery need not wait for it.
    public func start() async throws { try await gate.load() }

    /// Answers one delivery. `request.url` is the target as sent, path and query.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let path = WebhookPath(WebhookPath.path(of: request.url)) else { return refusal(404, "no_webhook") }
        guard request.method == .post else {
            var response = refusal(405, "no_webhook")
            response.headers["Allow"] = "POST"
            return response
        }
        let now = clock()
        let entry: WebhookGate.Entry?
        do { entry = try await gate.entry(path, at: now) } catch {
            log.error("webhook.gate.unreadable", "Which webhooks there are cannot be read.")
            return refusal(503, "unstorable")
        }
        guard let entry else { return refusal(404, "no_webhook") }
        guard request.body.count <= WebhookPayload.byteLimit else { return await tooLarge(entry, now) }
        let proof = Self.proof(of: request, entry, now)
        guard proof != .wrong else {
            gate.count(entry, at: now, isRefused: true)
            log.warning(
                "webhook.refused", "A delivery proved no right to be believed.", ["source": .int(Int(entry.source))])
            return refusal(401, "refused")
        }
        return await take(request, entry, isSigned: proof == .signed, now)
    }

    private func take(
        _ request: HTTPRequest, _ entry: WebhookGate.Entry, isSigned: Bool, _ now: Timestamp
    ) async -> HTTPResponse {
        let hint: WebhookHint
        do throws(WebhookError) {
            hint = try WebhookPayload(request.body).hint
        } catch {
            gate.count(entry, at: now, isRefused: true, isSigned: isSigned)
            log.warning(
                "webhook.malformed", "A delivery cannot be read. Its webhook may leave the body out.",
                ["source": .int(Int(entry.source))])
            return refusal(400, "malformed")
        }
        let identity = WebhookInbox.identity(of: hint, named: request.headers["X-Atlassian-Webhook-Identifier"])
        let isOutside = hint.project.map { !entry.projects.isEmpty && !entry.projects.contains($0) } ?? false
        do throws(WebhookError) {
            let outcome = try await inbox.accept(
                entry.source, hint, identity: identity, at: now, isOutside: isOutside)
            gate.count(entry, at: now, isRefused: false, isSigned: isSigned)
            metrics?.add(to: Self.deliveries, ["outcome": outcome == .stored ? "stored" : "duplicate"])
            return HTTPResponse(status: 200, headers: Self.plain, body: Array("ok\n".utf8))
        } catch {
            log.error("webhook.unstorable", "A delivery cannot be stored; Jira is asked to send it again.")
            return refusal(503, "unstorable")
        }
    }

    /// It will not be sent again, so that what it was about has to be found otherwise.
    private func tooLarge(_ entry: WebhookGate.Entry, _ now: Timestamp) async -> HTTPResponse {
        gate.count(entry, at: now, isRefused: true)
        do throws(WebhookError) { try await inbox.noteLost(entry.source, at: now) } catch {
            return refusal(503, "unstorable")
        }
        return refusal(413, "too_large")
    }

    private enum Proof { case signed, byAddress, wrong }

    /// Whether a delivery to a known address is Jira's.
    private static func proof(of request: HTTPRequest, _ entry: WebhookGate.Entry, _ now: Timestamp) -> Proof {
        switch entry.authentication {
        case .address: return .byAddress
        case .signature, .signatureOnceSeen:
            guard let value = request.headers[WebhookSignature.header] else {
                return entry.authentication == .signature ? .wrong : .byAddress
            }
            let isValid = WebhookSignature.isValid(value, of: request.body, key: entry.secrets.signingKey)
            return isValid ? .signed : .wrong
        case .token:
            guard let value = request.headers["Authorization"] else { return .wrong }
            let path = WebhookPath.path(of: request.url)
            let query = request.url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            let below = path.firstRange(of: "/webhooks/").map { String(path[$0.lowerBound...]) } ?? String(path)
            let expectation = WebhookToken.Expectation(
                key: entry.secrets.signingKey, issuer: entry.secrets.issuer, method: request.method.rawValue,
                paths: [below, entry.basePath + below, String(path)], query: String(query))
            return WebhookToken.isValid(value, expectation, at: now) ? .signed : .wrong
        }
    }

    private func refusal(_ status: Int, _ outcome: String) -> HTTPResponse {
        metrics?.add(to: Self.deliveries, ["outcome": outcome])
        var response = HTTPResponse(status: status, headers: Self.plain, body: Self.words(for: status))
        if status == 503 { response.headers["Retry-After"] = "60" }
        return response
    }

    private static let plain: HTTPHeaders = ["Content-Type": "text/plain; charset=utf-8"]

    private static func words(for status: Int) -> [UInt8] {
        let words =
            switch status {
            case 400: "The body is not a JSON object.\n"
            case 401: "The signature is missing or wrong.\n"
            case 405: "Only POST.\n"
            case 413: "The body is too large.\n"
            case 503: "Try again later.\n"
            default: "Not found.\n"
            }
        return Array(words.utf8)
    }

    /// Hands over what came to the store, stores the counts, and reads again which webhooks there are.
    ///
    /// To be called when ``WebhookInbox/arrivals`` yields, and now and then without.
    public func drain() async throws -> [Int64: WebhookInbox.Drained] {
        let drained = try await inbox.drain(into: store, at: clock())
        try await gate.storeCounts()
        try await gate.load()
        if inbox.takeDamage() { try await askForChanges() }
        return drained
    }

    /// What a damaged inbox held is lost: every source that webhooks tell of reads what changed.
    private func askForChanges() async throws {
        let now = clock()
        try await store.write { context in
            for source in Set(try WebhookRecords.all(in: context.connection).map(\.source)) {
                try DueReadings.ask(.changes, at: now, source: source, in: context)
            }
        }
    }
}
