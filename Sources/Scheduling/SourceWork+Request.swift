import AccessEngine
import FastJSON
import IssueModel
public import Journal
public import SiteConnection
import SyncEngine

extension SourceWork.Job {
    /// How the job is asked for in ``Requests``.
    public var request: (kind: String, argument: String) {
        guard case .synchronise(let extent) = self else { return (name, "{}") }
        var writer = JSONWriter()
        writer.object { json in
            json.member("extent", extent.name)
            if case .project(let key) = extent { json.member("project", key) }
            guard case .issues(let ids) = extent else { return }
            json.key("issues")
            json.array { json in ids.forEach { json.integer(Int($0.rawValue)) } }
        }
        return ("sync", writer.text)
    }

    /// The job that a request asks for; `nil` where it is none that this version knows.
    public init?(_ request: Requests.Request) {
        switch request.kind {
        case "sync":
            guard let argument = try? JSONValue(parsing: request.argument),
                let extent = SyncExtent(argument)
            else { return nil }
            self = .synchronise(extent)
        case "access": self = .access
        case "census": self = .census
        case "audit": self = .audit
        case "webhooks": self = .webhooks
        case "upkeep": self = .upkeep
        default: return nil
        }
    }
}

extension SyncExtent {
    fileprivate init?(_ argument: JSONValue) {
        switch argument["extent"]?.string {
        case "update", nil: self = .all
        case "full": self = .full
        case "changes": self = .changes
        case "catalogue": self = .catalogue
        case "pending": self = .pending
        case "issues":
            let ids = (argument["issues"]?.array ?? []).compactMap(\.integer)
            self = .issues(ids.map { IssueID(Int64($0)) })
        case "project":
            guard let key = argument["project"]?.string else { return nil }
            self = .project(key)
        default: return nil
        }
    }
}

/// What is told to whoever asked for a job.
public struct SourceAnswer: Hashable, Sendable {
    public var outcome: SourceWork.Outcome?
    public var failure: SyncFailure?

    public init(_ result: Result<SourceWork.Outcome, SyncFailure>) {
        switch result {
        case .success(let outcome): self.outcome = outcome
        case .failure(let failure): self.failure = failure
        }
    }

    /// The summary, also that of a run that failed.
    public var summary: SyncSummary? { outcome?.summary ?? failure?.summary }

    var json: String {
        var writer = JSONWriter()
        writer.object { json in
            if let summary {
                json.key("summary")
                summary.write(to: &json)
            }
            if let outcome {
                json.member("more", outcome.hasMore)
                json.key("warnings")
                json.array { json in outcome.warnings.forEach { json.string($0) } }
            }
            guard let failure else { return }
            json.key("failure")
            json.object { json in
                json.member("code", failure.code.rawValue)
                json.member("what", failure.what)
                json.member("why", failure.personalWhy)
                json.member("fix", failure.fix)
            }
        }
        return writer.text
    }

    /// Reads what a keeper answered.
    public init(json text: String) throws {
        let json = try JSONValue(parsing: text)
        let summary = json["summary"].map { SyncSummary($0) }
        guard let failed = json["failure"], let code = failed["code"]?.string else {
            outcome = SourceWork.Outcome(
                summary: summary, hasMore: json["more"]?.bool ?? false,
                warnings: (json["warnings"]?.array ?? []).compactMap(\.string))
            return
        }
        failure = SyncFailure(
            .init(rawValue: code), what: failed["what"]?.string ?? "", why: failed["why"]?.string ?? "",
            fix: failed["fix"]?.string ?? "", summary: summary)
    }
}

extension SyncSummary {
    /// Reads what `write(to:)` writes; what is missing counts as nothing.
    init(_ json: JSONValue) {
        self.init(source: json["source"]?.string ?? "")
        finished = json["finished"]?.bool ?? false
        phase = json["phase"]?.string.flatMap { SyncPhase(rawValue: $0) } ?? .identify
        issues.read = json["issues"]?["read"]?.integer ?? 0
        issues.stored = json["issues"]?["stored"]?.integer ?? 0
        issues.unchanged = json["issues"]?["unchanged"]?.integer ?? 0
        issues.deleted = json["issues"]?["deleted"]?.integer ?? 0
        issues.quarantined = json["issues"]?["quarantined"]?.integer ?? 0
        comments = json["comments"]?.integer ?? 0
        changes = json["changes"]?.integer ?? 0
        attachments = json["attachments"]?.integer ?? 0
        requests = json["requests"]?.integer ?? 0
        bytes = json["bytes"]?.integer ?? 0
        seconds = json["seconds"]?.double ?? 0
        warnings = (json["warnings"]?.array ?? []).compactMap { warning in
            guard let code = warning["code"]?.string, let message = warning["message"]?.string else { return nil }
            return SyncWarning(.init(rawValue: code), message)
        }
    }
}
