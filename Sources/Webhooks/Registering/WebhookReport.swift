public import FastJSON
public import IssueModel
internal import Journal
public import Store

/// A source's webhooks as they are shown to whoever runs the installation, as JSON and for people.
public struct WebhookReport: Sendable {
    private let source: Source
    private let records: [WebhookRecords.Record]
    private let findings: [WebhookHealth.Finding]
    private let secrets: [WebhookSecrets]?

    /// - Parameter secrets: In the order of the records, where they are to be told.
    public init(_ health: WebhookHealth, of source: Source, at now: Timestamp, secrets: [WebhookSecrets]? = nil) {
        self.source = source
        records = health.records
        findings = health.findings(at: now, source: source.name)
        self.secrets = secrets
    }

    /// One JSON object: `source`, `webhooks`, `findings`.
    public var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.name)
            json.key("webhooks")
            json.array { json in
                for (index, record) in records.enumerated() {
                    Self.write(record, secrets: secrets?[index], to: &json)
                }
            }
            json.key("findings")
            json.array { json in findings.forEach { $0.write(to: &json) } }
        }
        return json.bytes
    }

    /// What a registration came to, as one JSON object.
    public static func json(_ outcome: WebhookRegistration.Outcome, of source: Source) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.name)
            json.key("webhook")
            write(outcome.record, secrets: nil, to: &json)
            json.key("changes")
            json.array { json in outcome.changes.forEach { json.string($0.rawValue) } }
            json.key("warnings")
            json.array { json in outcome.warnings.forEach { json.string($0) } }
            if let instructions = outcome.instructions {
                json.key("instructions")
                json.object { json in
                    json.member("name", instructions.name)
                    json.member("url", instructions.url)
                    json.member("secret", instructions.secret)
                    json.key("events")
                    json.array { json in instructions.events.forEach { json.string($0) } }
                }
            }
        }
        return json.bytes
    }

    private static func write(_ record: WebhookRecords.Record, secrets: WebhookSecrets?, to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", record.kind.rawValue)
            json.member("state", record.state.rawValue)
            json.member("publicUrl", record.publicURL)
            if let secrets {
                json.member("url", WebhookPath.url(record.publicURL, source: record.source, secrets))
                json.member("secret", secrets.signingKey)
            }
            json.member("authentication", record.authentication.rawValue)
            json.member("problem", record.problem)
            json.member("created", record.created.rfc3339)
            json.member("verified", record.verified?.rfc3339)
            json.member("expires", record.expires?.rfc3339)
            json.member("lastDelivery", record.lastDelivery?.rfc3339)
            json.member("deliveries", record.deliveries)
            json.member("refused", record.refused)
        }
    }

    /// Lines for people. They may hold words of Jira's, and are not yet fit for a terminal.
    public var text: String {
        guard !records.isEmpty else {
            return "'\(source.name)' has no webhooks: changes are found by polling. Set one up: "
                + "drawbridge webhook register \(source.name) --public-url https://…"
        }
        var lines = records.enumerated().flatMap { index, record in describe(record, secrets?[index]) }
        for finding in findings {
            lines.append("warning  " + finding.message)
            lines.append("         " + finding.remedy)
        }
        return lines.joined(separator: "\n")
    }

    private func describe(_ record: WebhookRecords.Record, _ secrets: WebhookSecrets?) -> [String] {
        let kind =
            switch record.kind {
            case .admin: "registered as an administrator"
            case .dynamic: "registered as an app"
            case .manual: "to be entered in Jira by an administrator"
            }
        let trust =
            switch record.authentication {
            case .signature: "deliveries are signed"
            case .signatureOnceSeen: "no signed delivery has come yet; until then the secret address is believed"
            case .token: "deliveries bear a token"
            case .address: "deliveries are believed by their secret address"
            }
        let last = record.lastDelivery.map { "the last at \($0.rfc3339)" } ?? "none came yet"
        var lines = [
            "\(source.name)  \(record.publicURL)/webhooks/\(record.source)/…  \(record.state.rawValue)",
            "    \(kind); \(trust)", "    \(record.deliveries) deliveries, \(last); \(record.refused) refused",
        ]
        if let expires = record.expires { lines.append("    Jira keeps it until \(expires.rfc3339)") }
        if let secrets {
            lines.append("    URL     \(WebhookPath.url(record.publicURL, source: record.source, secrets))")
            lines.append("    Secret  \(secrets.signingKey)")
        }
        if let problem = record.problem { lines.append("    " + problem) }
        return lines
    }
}

extension WebhookHealth.Finding {
    /// As one JSON object: `code`, `message`, `remedy`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("code", code)
            json.member("message", message)
            json.member("remedy", remedy)
        }
    }
}
