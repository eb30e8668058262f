public import FastJSON
public import SiteConnection

/// How far a job of some process is, as its lease tells.
public struct JobProgress: Sendable {
    public let progress: SyncProgress
    public let pacing: JSONValue?

    public init?(_ json: String) {
        guard let value = try? JSONValue(parsing: json) else { return nil }
        pacing = value["pacing"]
        guard let phase = value["phase"]?.string.flatMap({ SyncPhase(rawValue: $0) }) else { return nil }
        progress = SyncProgress(
            phase: phase, done: value["done"]?.integer ?? 0, total: value["total"]?.integer,
            rate: Double(value["rate"]?.integer ?? 0))
    }

    /// What is kept of the pace, also where no job goes on.
    public static func pacing(_ json: String) -> JSONValue? { (try? JSONValue(parsing: json))?["pacing"] }
}
