import SimulatedData
import Testing

struct OffsetCase: Sendable, CustomTestStringConvertible {
    var zone: String
    var moment: CivilTime
    var minutes: Int

    var testDescription: String { "\(zone) \(moment.month)/\(moment.day) \(moment.hour):\(moment.minute)" }

    static let all: [OffsetCase] = [
        OffsetCase(zone: "Etc/UTC", moment: CivilTime(2026, 7, 1), minutes: 0),
        OffsetCase(zone: "Europe/Berlin", moment: CivilTime(2026, 3, 29, 0, 59), minutes: 60),
        OffsetCase(zone: "Europe/Berlin", moment: CivilTime(2026, 3, 29, 1, 0), minutes: 120),
        OffsetCase(zone: "Europe/Berlin", moment: CivilTime(2026, 10, 25, 0, 59), minutes: 120),
        OffsetCase(zone: "Europe/Berlin", moment: CivilTime(2026, 10, 25, 1, 0), minutes: 60),
        OffsetCase(zone: "America/New_York", moment: CivilTime(2026, 3, 8, 6, 59), minutes: -300),
        OffsetCase(zone: "America/New_York", moment: CivilTime(2026, 3, 8, 7, 0), minutes: -240),
        OffsetCase(zone: "America/New_York", moment: CivilTime(2026, 11, 1, 5, 59), minutes: -240),
        OffsetCase(zone: "America/New_York", moment: CivilTime(2026, 11, 1, 6, 0), minutes: -300),
        OffsetCase(zone: "Australia/Sydney", moment: CivilTime(2026, 1, 15), minutes: 660),
        OffsetCase(zone: "Australia/Sydney", moment: CivilTime(2026, 4, 4, 15, 59), minutes: 660),
        OffsetCase(zone: "Australia/Sydney", moment: CivilTime(2026, 4, 4, 16, 0), minutes: 600),
        OffsetCase(zone: "Asia/Kolkata", moment: CivilTime(2026, 6, 1), minutes: 330),
        OffsetCase(zone: "Asia/Kathmandu", moment: CivilTime(2026, 6, 1), minutes: 345),
        OffsetCase(zone: "Pacific/Auckland", moment: CivilTime(2026, 4, 4, 13, 59), minutes: 780),
        OffsetCase(zone: "Pacific/Auckland", moment: CivilTime(2026, 4, 4, 14, 0), minutes: 720),
        OffsetCase(zone: "Pacific/Auckland", moment: CivilTime(2026, 9, 26, 13, 59), minutes: 720),
        OffsetCase(zone: "Pacific/Auckland", moment: CivilTime(2026, 9, 26, 14, 0), minutes: 780),
        OffsetCase(zone: "America/St_Johns", moment: CivilTime(2026, 3, 8, 5, 29), minutes: -210),
        OffsetCase(zone: "America/St_Johns", moment: CivilTime(2026, 3, 8, 5, 30), minutes: -150),
        OffsetCase(zone: "Pacific/Kiritimati", moment: CivilTime(2026, 6, 1), minutes: 840),
        OffsetCase(zone: "Etc/GMT+12", moment: CivilTime(2026, 6, 1), minutes: -720),
    ]
}

@Suite struct TimeZoneTests {
    @Test("a zone has the offset its rules give", arguments: OffsetCase.all)
    func offsets(_ test: OffsetCase) throws {
        let zone = try #require(SiteTimeZone(identifier: test.zone))
        #expect(zone.offsetMinutes(at: test.moment.utcMilliseconds) == test.minutes)
    }

    @Test("a wall-clock time that occurs twice is the first, one that is skipped is moved on")
    func ambiguousTimes() throws {
        let berlin = try #require(SiteTimeZone(identifier: "Europe/Berlin"))
        #expect(berlin.moment(of: CivilTime(2026, 10, 25, 2, 30)) == CivilTime(2026, 10, 25, 0, 30).utcMilliseconds)
        #expect(berlin.moment(of: CivilTime(2026, 3, 29, 2, 30)) == CivilTime(2026, 3, 29, 1, 30).utcMilliseconds)
    }

    @Test("moments are written with the offset and no colon in it")
    func timestamps() throws {
        let kolkata = try #require(SiteTimeZone(identifier: "Asia/Kolkata"))
        var time = CivilTime(2026, 9, 22, 18, 48, 35)
        time.millisecond = 652
        #expect(kolkata.jiraTimestamp(time.utcMilliseconds) == "2026-09-23T00:18:35.652+0530")
        let york = try #require(SiteTimeZone(identifier: "America/New_York"))
        #expect(york.jiraTimestamp(0) == "1969-12-31T19:00:00.000-0500")
    }

    @Test("wall clock and moment are each other's inverse", arguments: SiteTimeZone.wide.map(\.identifier))
    func inverse(_ identifier: String) throws {
        let zone = try #require(SiteTimeZone(identifier: identifier))
        for hour in stride(from: 0, to: 24 * 800, by: 7) {
            let moment = CivilTime(2025, 1, 1).utcMilliseconds + Milliseconds(hour) * 3_600_000
            let again = zone.moment(of: zone.civil(moment))
            // One hour a year has two moments.
            #expect(again == moment || again == moment - 3_600_000)
        }
    }

    @Test("days count across months and leap years")
    func days() {
        #expect(CivilTime.day(1970, 1, 1) == 0)
        #expect(CivilTime.day(2024, 2, 29) + 1 == CivilTime.day(2024, 3, 1))
        #expect(CivilTime.text(ofDay: CivilTime.day(1969, 12, 31)) == "1969-12-31")
        #expect(CivilTime(2026, 11, 21).weekday == 6)
    }
}
