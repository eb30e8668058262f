public import SimulatedData

extension SiteState {
    /// One entry of the feed of new and changed worklogs.
    public struct WorklogEntry: Sendable, Hashable {
        public var id: Int
        public var updated: Milliseconds
        public var ordinal: Int
    }

    /// Worklogs changed at or after `moment`, oldest first.
    ///
    /// Looks only at issues updated since then, for a worklog's change is an update of its issue.
    public func worklogs(changedFrom moment: Milliseconds) -> [WorklogEntry] {
        var entries: [WorklogEntry] = []
        let start = firstUpdate { $0.updated >= moment }
        for position in start..<byUpdated.count {
            let ordinal = Int(byUpdated[position])
            guard rows[ordinal].state != .deleted else { continue }
            if let known = overlay[ordinal] {
                for worklog in known.worklogs where worklog.updated >= moment {
                    entries.append(WorklogEntry(id: worklog.id, updated: worklog.updated, ordinal: ordinal))
                }
                continue
            }
            let count = worklogSeconds(of: ordinal).count
            guard count > 0 else { continue }
            let maker = ContentMaker(self, ordinal)
            for index in 0..<count {
                let time = maker.moment(Double(index + 1) / Double(count + 1))
                guard time >= moment else { continue }
                entries.append(WorklogEntry(id: PartID.make(ordinal, 200 + index), updated: time, ordinal: ordinal))
            }
        }
        entries.sort { ($0.updated, $0.id) < ($1.updated, $1.id) }
        return entries
    }
}
