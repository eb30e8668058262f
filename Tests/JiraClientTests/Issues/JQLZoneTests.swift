import IssueModel
import Testing

@testable import JiraClient

@Suite("Dates in queries") struct JQLZoneTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let zone: String
        let moment: String
        let atOrBefore: String
        let after: String
        var testDescription: String { "\(moment) in \(zone)" }

        init(_ zone: String, _ moment: String, _ atOrBefore: String, _ after: String) {
            (self.zone, self.moment, self.atOrBefore, self.after) = (zone, moment, atOrBefore, after)
        }
    }

    @Test(
        "are in the account's zone and floored to the minute",
        arguments: [
            Case("UTC", "2026-07-01T12:00:59.999Z", "2026-07-01 12:00", "2026-07-01 12:01"),
            Case("Europe/Berlin", "2026-07-01T12:00:00Z", "2026-07-01 14:00", "2026-07-01 14:01"),
            Case("Europe/Berlin", "2026-01-01T23:30:30Z", "2026-01-02 00:30", "2026-01-02 00:31"),
            Case("Asia/Kolkata", "2026-01-01T20:00:00Z", "2026-01-02 01:30", "2026-01-02 01:31"),
            Case("Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01 05:45", "2026-01-01 05:46"),
            Case("GMT+05:30", "2026-01-01T20:00:00Z", "2026-01-02 01:30", "2026-01-02 01:31"),
            Case("GMT-0300", "2026-01-01T00:00:00Z", "2025-12-31 21:00", "2025-12-31 21:01"),
            // Clocks go forward at 01:00 UTC: 02:00 to 03:00 does not exist.
            Case("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29 01:59", "2026-03-29 03:00"),
            Case("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29 03:00", "2026-03-29 03:01"),
            // Clocks go back at 01:00 UTC: 02:00 to 03:00 comes twice. A bound holds for both meanings.
            Case("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 01:30", "2026-10-25 02:31"),
            Case("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30", "2026-10-25 03:31"),
            Case("Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25 03:30", "2026-10-25 03:31"),
            Case("America/New_York", "2026-11-01T05:30:00Z", "2026-11-01 00:30", "2026-11-01 01:31"),
            // A shift of half an hour.
            Case("Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-05 01:15", "2026-04-05 01:46"),
            // A zone nobody knows: as far out as zones go.
            Case("Middle/Earth", "2026-07-01T12:00:00Z", "2026-06-30 22:00", "2026-07-02 02:01"),
        ])
    func literals(_ given: Case) throws {
        let zone = JQLZone(given.zone)
        let moment = try #require(Timestamp(given.moment))
        #expect(zone.literal(atOrBefore: moment) == "\"\(given.atOrBefore)\"")
        #expect(zone.literal(after: moment) == "\"\(given.after)\"")
    }

    @Test(
        "hold for every minute of the days around a change",
        arguments: ["Europe/Berlin", "America/New_York", "Asia/Tehran"])
    func everyMinute(_ name: String) throws {
        let zone = JQLZone(name)
        let start = try #require(Timestamp("2026-10-24T12:00:00Z"))
        for minute in stride(from: 0, to: 10 * 1_440, by: 53) {
            let moment = Timestamp(milliseconds: start.rawValue + Int64(minute) * 60_000 + 12_345)
            let meanings = allMeanings(of: zone.literal(atOrBefore: moment), in: zone)
            #expect(meanings.allSatisfy { $0 <= moment })
            #expect(meanings.allSatisfy { moment.rawValue - $0.rawValue < 7_300_000 })
            #expect(allMeanings(of: zone.literal(after: moment), in: zone).allSatisfy { $0 > moment })
        }
    }

    /// Every moment whose local time reads as the literal does, found by trying.
    private func allMeanings(of literal: String, in zone: JQLZone) -> [Timestamp] {
        let text = literal.dropFirst().dropLast().split(separator: " ").joined(separator: "T")
        guard let local = Timestamp("\(text):00Z") else { return [] }
        return (-56...56).compactMap { quarter in
            let candidate = Timestamp(milliseconds: local.rawValue + Int64(quarter) * 900_000)
            let isMeant = zone.localText(candidate) == literal
            return isMeant ? candidate : nil
        }
    }

    @Test(
        "the order of a query is cut off, its words in quotes are not",
        arguments: [
            ("", ""), ("project = A", "project = A"), ("project = A order by rank", "project = A"),
            ("ORDER BY created", ""), ("a = \"x ORDER BY y\"", "a = \"x ORDER BY y\""),
            ("a = 'it\\'s' \n order\tby b", "a = 'it\\'s'"), ("reorder by = 1", "reorder by = 1"),
            ("border = 1 ORDER  BY x", "border = 1"), ("  a = 1  ", "a = 1"), ("(a = 1)ORDER BY b", "(a = 1)"),
        ])
    func restriction(_ jql: String, _ restriction: String) {
        #expect(JQL.restriction(of: jql) == restriction)
    }

    @Test("texts are quoted") func quoting() {
        #expect(JQL.quoted(#"a"b\c"#) == #""a\"b\\c""#)
        #expect(JQL.projects(["A", "B C"]) == #"project in ("A", "B C")"#)
    }
}
