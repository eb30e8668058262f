import Foundation
public import IssueModel
public import Journal

extension SyncSchedule.QuietHours {
    /// Whether the machine knows the zone.
    public var isZoneKnown: Bool { TimeZone(identifier: zone) != nil }

    /// When the quiet hours that `moment` lies in end; `nil` outside of them.
    ///
    /// A zone that is not known counts as UTC. Where clocks are put forward or back, the hours follow the clock on the wall.
    public func end(at moment: Timestamp) -> Timestamp? {
        guard from != to else { return nil }
        guard contains(minute(of: moment)) else { return nil }
        // The wall clock's distance to the end, then mended by what the clock is put forward or back until then.
        let left = (to - minute(of: moment) + 1_440) % 1_440
        let floor = moment.rawValue - (moment.rawValue % 60_000 + 60_000) % 60_000
        let naive = Timestamp(milliseconds: floor + Int64(left) * 60_000)
        let shift = offset(at: naive) - offset(at: moment)
        let mended = Timestamp(milliseconds: naive.rawValue - shift * 1_000)
        return mended > moment ? mended : naive
    }

    private func contains(_ minute: Int) -> Bool {
        from < to ? (from..<to).contains(minute) : minute >= from || minute < to
    }

    /// The minute of the day on the wall.
    private func minute(of moment: Timestamp) -> Int {
        let seconds = (moment.rawValue - ((moment.rawValue % 1_000) + 1_000) % 1_000) / 1_000 + offset(at: moment)
        return Int(((seconds % 86_400) + 86_400) % 86_400) / 60
    }

    /// Seconds east of UTC.
    private func offset(at moment: Timestamp) -> Int64 {
        guard let zone = TimeZone(identifier: zone) else { return 0 }
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.rawValue) / 1_000)))
    }
}
