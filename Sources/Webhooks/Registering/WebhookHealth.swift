public import Database
internal import FastJSON
public import IssueModel
public import Journal

/// Whether a source's webhooks do what they are for, and what to do where they do not.
///
/// Pure: what happened goes in, findings come out.
public struct WebhookHealth: Hashable, Sendable {
    /// Something that an administrator should see to.
    public struct Finding: Hashable, Sendable {
        /// Stable: `webhook_never_delivered`, `webhook_silent`, `webhook_refusing`, `webhook_failed`, `webhook_lapses`,
        /// `webhook_unsigned`.
        public var code: String
        public var message: String
        public var remedy: String
    }

    public var records: [WebhookRecords.Record]
    /// When a delta last found changes that no delivery had told of.
    public var lastUntold: Timestamp?

    public init(records: [WebhookRecords.Record], lastUntold: Timestamp?) {
        self.records = records
        self.lastUntold = lastUntold
    }

    /// A delivery may take a quarter of an hour, and its repetitions longer, before a delta's find means that none came.
    public static let patience: Int64 = 30 * 60_000

    /// What is wrong, worst first. `name` is the source's.
    public func findings(at now: Timestamp, source name: String) -> [Finding] {
        records.flatMap { findings($0, now, name) }
    }

    private func findings(_ record: WebhookRecords.Record, _ now: Timestamp, _ name: String) -> [Finding] {
        var found: [Finding] = []
        let register = "drawbridge webhook register \(name) --public-url \(record.publicURL)"
        if record.state == .failed {
            found.append(
                Finding(
                    code: "webhook_failed", message: record.problem ?? "The webhook is not set up in Jira.",
                    remedy: "Changes are found by polling meanwhile. Try again: \(register)"))
        } else if record.lastDelivery == nil, now.rawValue - record.created.rawValue > Self.patience,
            record.kind == .manual || (lastUntold?.rawValue ?? 0) - record.created.rawValue > Self.patience
        {
            let hint = record.kind == .manual ? "Has a Jira administrator created it? " : ""
            found.append(
                Finding(
                    code: "webhook_never_delivered", message: "No delivery has come since the webhook was set up.",
                    remedy: "\(hint)Check that Jira reaches \(record.publicURL) (firewall, proxy, certificate)."))
        } else if let last = record.lastDelivery, let untold = lastUntold,
            untold.rawValue - last.rawValue > Self.patience
        {
            found.append(
                Finding(
                    code: "webhook_silent",
                    message: "Issues changed and no delivery told of it; the last came at \(last.rfc3339).",
                    remedy:
                        "Check that Jira reaches \(record.publicURL), and that the webhook is enabled in Jira: \(register)"
                ))
        }
        if record.refused > 0, record.refused > record.deliveries {
            found.append(
                Finding(
                    code: "webhook_refusing",
                    message: "\(record.refused) deliveries were refused, more than were taken (\(record.deliveries)).",
                    remedy: "The secret in Jira is another, or the body is left out. Set it up again: \(register)"))
        }
        if let expires = record.expires, expires.rawValue - now.rawValue < 3 * 86_400_000 {
            found.append(
                Finding(
                    code: "webhook_lapses", message: "Jira ends the webhook at \(expires.rfc3339).",
                    remedy: "It is refreshed while drawbridge serve runs; or now: \(register)"))
        }
        return found
    }
}

extension WebhookHealth {
    /// When a delta last found changes to store.
    ///
    /// What a webhook told of has been read by then, so that the delta finds it unchanged. First readings are no sign.
    public static func lastUntold(source: Int64, in connection: Connection) throws -> Timestamp? {
        try SyncRuns.latest(source: source, limit: 50, in: connection).first { run in
            guard run.outcome == .done, run.kind == "changes",
                let summary = try? JSONValue(parsing: run.summary)
            else { return false }
            return (summary["issues"]?["stored"]?.integer ?? 0) > 0
        }?.ended
    }

    /// The state of a source's webhooks as it is stored.
    public init(source: Int64, in connection: Connection) throws {
        self.init(
            records: try WebhookRecords.all(source: source, in: connection),
            lastUntold: try Self.lastUntold(source: source, in: connection))
    }
}
