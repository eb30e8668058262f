public import Database
import FastJSON
public import Store

/// How often a source is kept in step, when it is left alone, and how much of Jira's budget that may take.
public struct SyncSchedule: Hashable, Sendable {
    /// Seconds between two readings of what changed.
    public var changes: Int
    /// Seconds between two readings of names and other things that change without an issue changing.
    public var catalogue: Int
    /// Seconds between two complete listings that find what was deleted.
    public var census: Int
    /// When nothing is asked of Jira but what webhooks told of and who may see what; `nil` is never.
    public var quiet: QuietHours?
    /// The share of Jira's budget that may be used, in percent.
    public var budget: Int
    /// Whether nothing is done by itself.
    public var isManual: Bool

    /// From one minute of the day to another, in a time zone; past midnight where the end is before the beginning.
    public struct QuietHours: Hashable, Sendable {
        /// Minutes since midnight, 0 to 1,439.
        public var from: Int
        public var to: Int
        /// An IANA name, or `UTC`.
        public var zone: String

        public init(from: Int, to: Int, zone: String) {
            (self.from, self.to, self.zone) = (min(max(from, 0), 1_439), min(max(to, 0), 1_439), zone)
        }
    }

    /// The pauses there may be, in seconds: a second to a day between changes, a minute to a week for the catalogue,
    /// ten minutes to a month for the census.
    public static let changesRange = 1...86_400
    public static let catalogueRange = 60...604_800
    public static let censusRange = 600...2_592_000
    public static let budgetRange = 1...100

    /// Values outside their ranges are moved to the nearest end.
    public init(
        changes: Int = 60, catalogue: Int = 900, census: Int = 86_400, quiet: QuietHours? = nil, budget: Int = 100,
        isManual: Bool = false
    ) {
        func clamp(_ value: Int, _ range: ClosedRange<Int>) -> Int {
            min(max(value, range.lowerBound), range.upperBound)
        }
        self.changes = clamp(changes, Self.changesRange)
        self.catalogue = clamp(catalogue, Self.catalogueRange)
        self.census = clamp(census, Self.censusRange)
        self.quiet = quiet
        self.budget = clamp(budget, Self.budgetRange)
        self.isManual = isManual
    }
}

extension SyncSchedule {
    /// The schedule of a source.
    public static func of(source: Int64, in connection: Connection) throws -> SyncSchedule {
        let stored = try connection.first("SELECT schedule FROM source WHERE id = ?", source) { $0.text(0) }
        return try stored.map { try SyncSchedule(json: $0) } ?? SyncSchedule()
    }

    /// Makes this the schedule of a source. Its keeper follows it within seconds.
    public func store(source: Int64, in context: WriteContext) throws {
        try context.connection.execute("UPDATE source SET schedule = ? WHERE id = ?", json, source)
    }

    /// As the command line shows it.
    public var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("changes", changes)
            object.member("catalogue", catalogue)
            object.member("census", census)
            object.member("budget", budget)
            object.member("manual", isManual)
            guard let quiet else { return }
            object.key("quiet")
            object.object {
                $0.member("from", quiet.from)
                $0.member("to", quiet.to)
                $0.member("zone", quiet.zone)
            }
        }
        return writer.text
    }

    init(json: String) throws {
        let value = try JSONValue(parsing: json)
        let standard = SyncSchedule()
        let quiet = value["quiet"].flatMap { quiet -> QuietHours? in
            guard let from = quiet["from"]?.integer, let to = quiet["to"]?.integer else { return nil }
            return QuietHours(from: from, to: to, zone: quiet["zone"]?.string ?? "UTC")
        }
        self.init(
            changes: value["changes"]?.integer ?? standard.changes,
            catalogue: value["catalogue"]?.integer ?? standard.catalogue,
            census: value["census"]?.integer ?? standard.census, quiet: quiet,
            budget: value["budget"]?.integer ?? standard.budget, isManual: value["manual"]?.bool ?? false)
    }
}
