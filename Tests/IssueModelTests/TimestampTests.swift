import IssueModel
import Testing

@Suite("Moments") struct TimestampTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let milliseconds: Int64
        var testDescription: String { text }

        init(_ text: String, _ milliseconds: Int64) {
            (self.text, self.milliseconds) = (text, milliseconds)
        }
    }

    @Test(
        "are read in every form Jira writes",
        arguments: [
            Case("1970-01-01T00:00:00.000+0000", 0), Case("1970-01-01T00:00:00Z", 0), Case("1970-01-01T05:30+05:30", 0),
            Case("2026-09-23T00:18:35.652+0530", 1_790_102_915_652),
            Case("2026-09-22T18:48:35.652Z", 1_790_102_915_652),
            Case("2016-04-28T05:08:48.543-07:00", 1_461_845_328_543), Case("1969-12-31T23:59:59.999Z", -1),
            Case("2000-02-29T12:00:00.5Z", 951_825_600_500), Case("2000-02-29t12:00:00.123456789z", 951_825_600_123),
            Case("2016-12-31T23:59:60Z", 1_483_228_800_000), Case("2026-03-26T16:00Z", 1_774_540_800_000),
            Case("0001-01-01T00:00:00Z", -62_135_596_800_000), Case("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ])
    func read(_ given: Case) {
        #expect(Timestamp(given.text)?.rawValue == given.milliseconds)
    }

    @Test(
        "are not made of anything else",
        arguments: [
            "", "now", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+5", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Zx", "-001-01-01T00:00:00Z",
            "2026-01-01T00:00:00 Z", "２０26-01-01T00:00:00Z",
        ])
    func refused(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(
        "are written so that they are read as the same",
        arguments: [0, -1, 1, 951_825_600_500, 1_790_102_915_652, -62_035_596_800_000])
    func roundTrip(_ milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        for offset in [0, 330, -210, 765, -720] {
            #expect(Timestamp(moment.rfc3339(minutesEastOfUTC: offset)) == moment)
        }
    }

    @Test("are written in UTC and in other zones") func written() {
        let moment = Timestamp(milliseconds: 1_790_102_915_652)
        #expect(moment.rfc3339 == "2026-09-22T18:48:35.652Z")
        #expect(moment.rfc3339(minutesEastOfUTC: 330) == "2026-09-23T00:18:35.652+05:30")
        #expect(moment.rfc3339(minutesEastOfUTC: -210) == "2026-09-22T15:18:35.652-03:30")
    }
}

@Suite("Days") struct CalendarDateTests {
    @Test("count from 1970 and back, over every leap rule") func count() {
        #expect(CalendarDate("1970-01-01")?.daysSinceEpoch == 0)
        #expect(CalendarDate("2000-03-01")?.daysSinceEpoch == 11_017)
        #expect(CalendarDate("1900-03-01")?.daysSinceEpoch == -25_508)
        let wrong = stride(from: -719_528, to: 2_932_000, by: 37).filter {
            CalendarDate(daysSinceEpoch: $0).daysSinceEpoch != $0
        }
        #expect(wrong.isEmpty)
    }

    @Test("follow each other without gaps through four hundred years") func sequence() {
        var previous = CalendarDate(daysSinceEpoch: -1)
        var gaps = 0
        for day in 0..<146_097 {
            let date = CalendarDate(daysSinceEpoch: day)
            let isSameMonth = date.day == previous.day + 1 && date.month == previous.month
            let isNewMonth = date.day == 1 && date.month == previous.month % 12 + 1 && previous.day >= 28
            gaps += isSameMonth || isNewMonth ? 0 : 1
            previous = date
        }
        #expect(gaps == 0)
    }

    @Test(
        "exist or not",
        arguments: [
            ("2024-02-29", true), ("2023-02-29", false), ("1900-02-29", false), ("2000-02-29", true),
            ("2026-04-31", false), ("2026-00-01", false), ("2026-1-1", false), ("2026-01-01T", false), ("", false),
        ])
    func existence(_ text: String, _ exists: Bool) {
        #expect((CalendarDate(text) != nil) == exists)
        if exists { #expect(CalendarDate(text)?.description == text) }
    }
}

@Suite("Issue keys") struct IssueKeyTests {
    @Test(
        "are read without regard to case",
        arguments: [("PAY-42", "PAY-42"), ("pay-42", "PAY-42"), ("A_1-7", "A_1-7"), ("X2-007", "X2-7")])
    func read(_ text: String, _ key: String) {
        #expect(IssueKey(text)?.description == key)
    }

    @Test(
        "are not made of anything else",
        arguments: [
            "", "PAY", "PAY-", "-42", "1A-42", "PAY-4x", "PAY 42", "P-Y-1x", "PÄY-1", "PAY-99999999999999999999",
        ])
    func refused(_ text: String) {
        #expect(IssueKey(text) == nil)
    }

    @Test("sort by project, then by number") func order() {
        let keys = ["B-1", "A-10", "A-9"].compactMap { IssueKey($0) }
        #expect(keys.sorted().map(\.description) == ["A-9", "A-10", "B-1"])
    }
}
