/// A time zone by rule, so that the simulated site does not depend on the machine's time zone files.
///
/// The rules are those in force since 2007; earlier moments use the same ones.
public struct SiteTimeZone: Hashable, Sendable {
    /// The name in the IANA database, for example `Europe/Berlin`.
    public let identifier: String
    private let standardMinutes: Int
    private let daylight: Daylight?

    private struct Daylight: Hashable, Sendable {
        var start: Change
        var end: Change
    }

    /// When clocks change: the nth Sunday of a month (0 = the last), at a time of day.
    private struct Change: Hashable, Sendable {
        var month: Int
        var sunday: Int
        var minutes: Int
        var inUTC: Bool
    }

    private init(_ identifier: String, _ standardMinutes: Int, _ daylight: Daylight? = nil) {
        self.identifier = identifier
        self.standardMinutes = standardMinutes
        self.daylight = daylight
    }

    private static let european = Daylight(
        start: Change(month: 3, sunday: 0, minutes: 60, inUTC: true),
        end: Change(month: 10, sunday: 0, minutes: 60, inUTC: true))
    private static let american = Daylight(
        start: Change(month: 3, sunday: 2, minutes: 120, inUTC: false),
        end: Change(month: 11, sunday: 1, minutes: 120, inUTC: false))
    private static let australian = Daylight(
        start: Change(month: 10, sunday: 1, minutes: 120, inUTC: false),
        end: Change(month: 4, sunday: 1, minutes: 180, inUTC: false))

    public static let utc = SiteTimeZone("Etc/UTC", 0)

    private static let newZealand = Daylight(
        start: Change(month: 9, sunday: 0, minutes: 120, inUTC: false),
        end: Change(month: 4, sunday: 1, minutes: 180, inUTC: false))

    /// Every zone there is here, from twelve hours behind UTC to fourteen ahead.
    public static let wide: [SiteTimeZone] =
        all + [
            SiteTimeZone("Etc/GMT+12", -720),
            SiteTimeZone("Pacific/Honolulu", -600),
            SiteTimeZone("America/St_Johns", -210, american),
            SiteTimeZone("Pacific/Auckland", 720, newZealand),
            SiteTimeZone("Pacific/Kiritimati", 840),
        ]

    /// The zones people of a new site live in.
    public static let all: [SiteTimeZone] = [
        utc,
        SiteTimeZone("Europe/London", 0, european),
        SiteTimeZone("Europe/Berlin", 60, european),
        SiteTimeZone("Europe/Helsinki", 120, european),
        SiteTimeZone("America/New_York", -300, american),
        SiteTimeZone("America/Los_Angeles", -480, american),
        SiteTimeZone("Asia/Kolkata", 330),
        SiteTimeZone("Asia/Kathmandu", 345),
        SiteTimeZone("Asia/Tokyo", 540),
        SiteTimeZone("Australia/Sydney", 600, australian),
    ]

    /// The zone of that name, or nil when the simulated site does not know it.
    public init?(identifier: String) {
        guard let zone = Self.wide.first(where: { $0.identifier == identifier }) else { return nil }
        self = zone
    }

    /// Minutes to add to UTC for the wall clock at `moment`.
    public func offsetMinutes(at moment: Milliseconds) -> Int {
        guard let daylight else { return standardMinutes }
        let year = CivilTime(utc: moment + Milliseconds(standardMinutes) * 60_000).year
        let start = instant(of: daylight.start, year: year, offset: standardMinutes)
        let end = instant(of: daylight.end, year: year, offset: standardMinutes + 60)
        let isDaylight = start < end ? (start..<end).contains(moment) : moment >= start || moment < end
        return standardMinutes + (isDaylight ? 60 : 0)
    }

    /// The wall-clock time at `moment`.
    public func civil(_ moment: Milliseconds) -> CivilTime {
        CivilTime(utc: moment + Milliseconds(offsetMinutes(at: moment)) * 60_000)
    }

    /// The moment of a wall-clock time: the first of two when clocks go back; moved on by the gap when they go forward.
    public func moment(of civil: CivilTime) -> Milliseconds {
        let asUTC = civil.utcMilliseconds
        let early = offsetMinutes(at: asUTC - 86_400_000)
        let late = offsetMinutes(at: asUTC + 86_400_000)
        let candidates = [early, late].map { (offset: $0, moment: asUTC - Milliseconds($0) * 60_000) }
        let exact = candidates.filter { offsetMinutes(at: $0.moment) == $0.offset }.map(\.moment).min()
        return exact ?? candidates[0].moment
    }

    /// The start of the day, in this zone, that holds `moment`, moved by whole days.
    public func startOfDay(_ moment: Milliseconds, days: Int = 0) -> Milliseconds {
        let today = civil(moment)
        let date = CivilTime.civil(fromDay: CivilTime.day(today.year, today.month, today.day) + days)
        return self.moment(of: CivilTime(date.year, date.month, date.day))
    }

    /// Jira's form of a moment, for example `2026-09-23T00:18:35.652+0530`.
    public func jiraTimestamp(_ moment: Milliseconds) -> String {
        let offset = offsetMinutes(at: moment)
        let civil = CivilTime(utc: moment + Milliseconds(offset) * 60_000)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(28)
        bytes.appendDigits(civil.year, width: 4)
        for (mark, value) in [("-", civil.month), ("-", civil.day), ("T", civil.hour), (":", civil.minute)] {
            bytes.append(contentsOf: mark.utf8)
            bytes.appendDigits(value, width: 2)
        }
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDigits(civil.second, width: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.appendDigits(civil.millisecond, width: 3)
        bytes.append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        bytes.appendDigits(abs(offset) / 60, width: 2)
        bytes.appendDigits(abs(offset) % 60, width: 2)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func instant(of change: Change, year: Int, offset: Int) -> Milliseconds {
        let first = CivilTime(year, change.month, 1)
        var day = 1 + (7 - first.weekday) % 7
        if change.sunday > 0 {
            day += (change.sunday - 1) * 7
        } else {
            let length = CivilTime.daysInMonth(year, change.month)
            while day + 7 <= length { day += 7 }
        }
        let midnight = CivilTime(year, change.month, day).utcMilliseconds
        let minutes = change.inUTC ? change.minutes : change.minutes - offset
        return midnight + Milliseconds(minutes) * 60_000
    }
}
