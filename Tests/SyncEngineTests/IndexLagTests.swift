import IssueModel
import JiraClient
import SyncEngine
import Testing

@Suite struct IndexLagTests {
    private func moment(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000 + seconds * 1_000) }

    private func stamp(_ issue: Int64, _ seconds: Int64) -> IssueStamp {
        IssueStamp(IssueID(issue), updated: moment(seconds))
    }

    struct OverlapCase: CustomTestStringConvertible, Sendable {
        let name: String
        /// Seconds before the listing of last time at which a change shown first now was made.
        var late: Int64?
        var skew: Int64 = 0
        let overlap: Int64
        var testDescription: String { name }
    }

    @Test(
        "the overlap follows what was measured, within its bounds",
        arguments: [
            OverlapCase(name: "nothing measured", overlap: 300),
            OverlapCase(name: "clocks differ", skew: -90, overlap: 390),
            OverlapCase(name: "hardly late", late: 5, overlap: 120),
            OverlapCase(name: "a little late", late: 45, overlap: 150),
            OverlapCase(name: "minutes late", late: 240, skew: 10, overlap: 550),
            OverlapCase(name: "very late", late: 1_700, overlap: 1_800),
            OverlapCase(name: "clocks hours apart", skew: 7_200, overlap: 1_800),
        ])
    func overlap(_ test: OverlapCase) {
        var lag = IndexLag()
        lag.note([], unknown: [], stored: [], asOf: moment(10_000))
        if let late = test.late {
            lag.note([stamp(1, 10_000 - late)], unknown: [IssueID(1)], stored: [], asOf: moment(10_060))
        }
        #expect(lag.overlap(skew: test.skew * 1_000, standard: 300_000) == test.overlap * 1_000)
    }

    @Test("an issue that is stored and missing from a listing measures the lag when it appears")
    func awaited() {
        var lag = IndexLag()
        lag.note([], unknown: [], stored: [stamp(1, 970)], asOf: moment(1_000))
        #expect(lag.measured == nil)
        #expect(lag.awaited == [IssueID(1): moment(970)])
        // Listed with its earlier change is not listed with this one.
        lag.note([stamp(1, 900)], unknown: [], stored: [stamp(1, 970)], asOf: moment(1_060))
        #expect(lag.measured == nil)
        lag.note([stamp(1, 970)], unknown: [], stored: [stamp(1, 970)], asOf: moment(1_120))
        #expect(lag.measured == 90_000)
        #expect(lag.awaited.isEmpty)
        let back = IndexLag(json: lag.json)
        #expect(back == lag)
    }

    @Test("what was measured is forgotten slowly, and what never appears does not count")
    func forgets() {
        var lag = IndexLag()
        lag.note([], unknown: [], stored: [], asOf: moment(0))
        lag.note([stamp(1, -100)], unknown: [IssueID(1)], stored: [stamp(2, 50)], asOf: moment(60))
        #expect(lag.measured == 100_000)
        for minute in 2...120 { lag.note([], unknown: [], stored: [], asOf: moment(Int64(minute) * 60)) }
        #expect(lag.measured.map { $0 < 15_000 } == true)
        #expect(lag.awaited.isEmpty)
    }
}
