import SimulatedData
import SimulatedSearch
import SimulatedSite
import Testing

/// A date condition, who asks, and the earliest moment (UTC) it lets in.
struct DateCase: Sendable, CustomTestStringConvertible {
    var jql: String
    var zone: String
    var from: CivilTime

    var testDescription: String { "\(jql) in \(zone)" }

    static let all: [DateCase] = [
        DateCase(jql: "updated >= \"2026-09-28 10:15\"", zone: "Etc/UTC", from: CivilTime(2026, 9, 28, 10, 15)),
        DateCase(jql: "updated >= \"2026/09/28 10:15\"", zone: "Europe/Berlin", from: CivilTime(2026, 9, 28, 8, 15)),
        DateCase(
            jql: "updated >= \"2026-09-28 10:15\"", zone: "America/New_York", from: CivilTime(2026, 9, 28, 14, 15)),
        DateCase(jql: "updated >= \"2026-09-28 10:15\"", zone: "Asia/Kolkata", from: CivilTime(2026, 9, 28, 4, 45)),
        DateCase(jql: "updated >= 2026-09-28", zone: "Australia/Sydney", from: CivilTime(2026, 9, 27, 14)),
        // Clocks went forward on 29 March at 02:00: that wall-clock time does not exist.
        DateCase(jql: "updated >= \"2026-03-29 02:30\"", zone: "Europe/Berlin", from: CivilTime(2026, 3, 29, 1, 30)),
        DateCase(jql: "updated >= \"2026-03-29 03:30\"", zone: "Europe/Berlin", from: CivilTime(2026, 3, 29, 1, 30)),
        // Clocks went back on 26 October 2025: 02:30 happened twice, the first is meant.
        DateCase(jql: "updated >= \"2025-10-26 02:30\"", zone: "Europe/Berlin", from: CivilTime(2025, 10, 26, 0, 30)),
        DateCase(jql: "updated >= -15m", zone: "Europe/Berlin", from: CivilTime(2026, 9, 28, 16, 15)),
        DateCase(jql: "updated >= -1w", zone: "Etc/UTC", from: CivilTime(2026, 9, 21, 16, 30)),
        DateCase(jql: "updated >= \"-1d 12h\"", zone: "Asia/Tokyo", from: CivilTime(2026, 9, 27, 4, 30)),
        DateCase(jql: "updated >= startOfDay()", zone: "Etc/UTC", from: CivilTime(2026, 9, 28)),
        DateCase(jql: "updated >= startOfDay()", zone: "Asia/Tokyo", from: CivilTime(2026, 9, 28, 15)),
        DateCase(jql: "updated >= startOfDay(-1)", zone: "America/Los_Angeles", from: CivilTime(2026, 9, 27, 7)),
        DateCase(jql: "updated >= startOfDay(\"-2d\")", zone: "Europe/London", from: CivilTime(2026, 9, 25, 23)),
        DateCase(jql: "updated >= startOfWeek()", zone: "Etc/UTC", from: CivilTime(2026, 9, 27)),
        DateCase(jql: "updated >= startOfMonth()", zone: "Etc/UTC", from: CivilTime(2026, 9, 1)),
        DateCase(jql: "updated >= startOfMonth(-1)", zone: "Europe/Berlin", from: CivilTime(2026, 7, 31, 22)),
        DateCase(jql: "updated >= startOfYear()", zone: "Europe/Berlin", from: CivilTime(2025, 12, 31, 23)),
        DateCase(jql: "updated > endOfDay(-1)", zone: "Etc/UTC", from: CivilTime(2026, 9, 28)),
        DateCase(jql: "updated >= now()", zone: "Etc/UTC", from: CivilTime(2026, 9, 28, 16, 30)),
    ]
}

@Suite struct JQLDateTests {
    /// Searches in a site whose administrator's time zone is `zone` and that has one issue updated at each moment.
    private func found(_ jql: String, zone: String, updates: [Milliseconds]) throws -> [Bool] {
        // Its own issues are all older than those of the test.
        let past = CivilTime(2020, 1, 1).utcMilliseconds
        let configuration = SiteConfiguration(seed: 1, issueCount: 12, start: past - 86_400_000_000, now: past)
        let clock = VirtualSiteClock(CivilTime(2026, 9, 28, 16, 30).utcMilliseconds)
        let site = SimulatedSite(configuration, clock: clock.clock)
        let reader = try #require(
            site.current().users.first { $0.timeZone.identifier == zone && $0.isActive && $0.kind == .atlassian })
        let issues = site.change { state in
            state.setMembers(0, to: [0, reader.index])
            return updates.map { state.createIssue(project: 2, summary: "x", by: SiteState.Hand(user: 0, now: $0)) }
        }
        let result = Set(try site.search(jql, as: .user(reader.index)).ordinals.map(Int.init))
        let state = site.current()
        for (issue, update) in zip(issues, updates) { try #require(state.row(issue).updated == update) }
        return issues.map { result.contains($0) }
    }

    @Test("a date means the caller's own time zone, to the minute", arguments: DateCase.all)
    func boundaries(_ test: DateCase) throws {
        let boundary = test.from.utcMilliseconds
        #expect(try found(test.jql, zone: test.zone, updates: [boundary - 1, boundary]) == [false, true])
    }

    @Test("comparisons include and exclude the written minute as Jira does")
    func comparisons() throws {
        let moment = CivilTime(2026, 9, 28, 10, 15).utcMilliseconds
        let updates = [moment - 1, moment, moment + 59_999, moment + 60_000]
        let expected: [(String, [Bool])] = [
            ("=", [false, true, true, false]), ("!=", [true, false, false, true]), (">=", [false, true, true, true]),
            (">", [false, false, true, true]), ("<", [true, false, false, false]), ("<=", [true, true, false, false]),
        ]
        for (relation, result) in expected {
            #expect(try found("updated \(relation) \"2026-09-28 10:15\"", zone: "Etc/UTC", updates: updates) == result)
            #expect(try found("created \(relation) \"2026-09-28 10:15\"", zone: "Etc/UTC", updates: updates) == result)
        }
    }

    @Test("two bounds on updated give the slice between them, in order")
    func slices() throws {
        let state = SearchSite.cloud.current()
        let found = try SearchSite.cloud.search(
            "updated >= 2024-01-01 AND updated < 2025-01-01 ORDER BY updated ASC", as: SearchSite.admin
        ).ordinals.map { state.row(Int($0)).updated }
        #expect(found == found.sorted())
        let year = CivilTime(2023, 12, 31, 23).utcMilliseconds..<CivilTime(2024, 12, 31, 23).utcMilliseconds
        #expect(found.count == SearchSite.count { row, _ in year.contains(row.updated) })
    }
}
