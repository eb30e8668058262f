public import FastJSON
import IssueModel

/// How far a census is: which projects are left to be listed. Kept as a checkpoint, so that a restart lists at most one
/// slice again.
struct CensusProgress: Hashable, Sendable {
    /// When it began, by our clock.
    var began: Timestamp
    /// Its row in the history.
    var run: Int64
    /// Projects that are listed together, in the order in which that is done.
    var slices: [[EntityID]]
    /// Slices whose listing did not end cleanly and that have been put to the end.
    var repeated = 0
    var summary = CensusSummary()

    static let phase = "census"

    /// Packs projects into as few listings as the limit allows.
    ///
    /// - Parameter projects: With how many issues are stored of each.
    static func slices(of projects: [(id: EntityID, issues: Int)], limit: Int) -> [[EntityID]] {
        var slices: [[EntityID]] = []
        var room = 0
        for (id, issues) in projects {
            if slices.isEmpty || room < issues || slices[slices.count - 1].count >= mostProjects {
                slices.append([])
                room = limit
            }
            slices[slices.count - 1].append(id)
            room -= issues
        }
        return slices
    }

    /// Keys in one query.
    private static let mostProjects = 1_000

    init(began: Timestamp, run: Int64, slices: [[EntityID]]) {
        (self.began, self.run, self.slices) = (began, run, slices)
    }
}

extension CensusProgress {
    /// Reads what ``json`` writes; `nil` for anything else, and the census begins anew.
    init?(json text: String) {
        guard let json = try? JSONValue(parsing: text), let began = json["began"]?.integer,
            let run = json["run"]?.integer, let slices = json["slices"]?.array
        else { return nil }
        self.init(
            began: Timestamp(milliseconds: Int64(began)), run: Int64(run),
            slices: slices.map { ($0.array ?? []).compactMap { $0.string.map { EntityID($0) } } })
        repeated = json["repeated"]?.integer ?? 0
        if let summary = json["summary"] { self.summary = CensusSummary(json: summary) }
        summary.began = self.began
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("began", Int(began.rawValue))
            writer.member("run", Int(run))
            writer.key("slices")
            writer.array { writer in
                for slice in slices {
                    writer.array { writer in
                        for project in slice { writer.string(project.rawValue) }
                    }
                }
            }
            writer.member("repeated", repeated)
            writer.key("summary")
            summary.write(to: &writer)
        }
        return writer.text
    }
}

extension CensusSummary {
    private static let counts: [(String, any WritableKeyPath<CensusSummary, Int> & Sendable)] = [
        ("listed", \.listed), ("unknown", \.unknown), ("absent", \.absent), ("deleted", \.deleted),
        ("hidden", \.hidden), ("archived", \.archived), ("held", \.held), ("unclean", \.unclean),
        ("requests", \.requests),
    ]

    init(json: JSONValue) {
        for (name, count) in Self.counts { self[keyPath: count] = json[name]?.integer ?? 0 }
    }

    /// Writes the counts as one object.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            for (name, count) in Self.counts { json.member(name, self[keyPath: count]) }
            json.member("complete", isComplete)
        }
    }

    static func += (left: inout CensusSummary, right: AbsenceOutcome) {
        left.deleted += right.deleted
        left.hidden += right.hidden
        left.archived += right.archived
        left.held += right.held
    }
}
