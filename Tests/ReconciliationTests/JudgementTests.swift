import IssueModel
import Journal
import Store
import Testing

@testable import Reconciliation

/// Every combination of signs that leads to another verdict, and those beside it.
struct JudgementTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var signs: Absences.Signs
        var times: Int
        var project = AbsenceEvidence.ProjectSight.listed
        var canBeHidden = true
        var areRulesKnown = true
        /// Days since it was first, and last, missed.
        var first = 1.0
        var last = 0.0
        var verdict: AbsenceVerdict
        var isCondemned = false

        init(
            _ name: String, _ signs: Absences.Signs, _ times: Int, _ verdict: AbsenceVerdict,
            project: AbsenceEvidence.ProjectSight = .listed, canBeHidden: Bool = true, first: Double = 1,
            last: Double = 0, isCondemned: Bool = false, areRulesKnown: Bool = true
        ) {
            (self.name, self.signs, self.times, self.verdict) = (name, signs, times, verdict)
            (self.project, self.canBeHidden, self.first, self.last) = (project, canBeHidden, first, last)
            (self.isCondemned, self.areRulesKnown) = (isCondemned, areRulesKnown)
        }

        var testDescription: String { name }
    }

    static let now = Timestamp(milliseconds: 1_800_000_000_000)
    static let soon = Timestamp(milliseconds: now.rawValue + 600_000)

    static let cases = [
        Case("left out of a listing only", .unlisted, 0, .wait),
        Case("left out of two listings, never asked for by id", [.unlisted, .unlistedAgain], 0, .wait),
        Case("a webhook alone", .webhook, 0, .wait),
        Case("not returned once", .byID, 1, .hide(askAgain: soon)),
        Case(
            "not returned once, nothing hides it", .byID, 1, .hide(askAgain: soon), canBeHidden: false,
            isCondemned: true),
        Case("not returned twice", .byID, 2, .lostSight),
        Case("not returned for weeks", .byID, 9, .lostSight, first: 29),
        Case("the grace period is over, but nobody asked since", .byID, 9, .lostSight, first: 31, last: 2),
        Case("not returned after the grace period", .byID, 2, .expired, first: 30, isCondemned: true),
        Case(
            "not returned after the grace period, but for once", .byID, 1, .hide(askAgain: soon), first: 31),
        Case("not returned twice, nothing hides it", .byID, 2, .deleted(.asked), canBeHidden: false, isCondemned: true),
        Case(
            "not returned twice, nothing hid it by the rules of before", .byID, 2, .hide(askAgain: soon),
            canBeHidden: false, isCondemned: true, areRulesKnown: false),
        Case("a webhook, and not returned", [.byID, .webhook], 1, .deleted(.webhook), isCondemned: true),
        Case("the audit log, and not returned", [.byID, .audit], 1, .deleted(.audit), isCondemned: true),
        Case("both", [.byID, .audit, .webhook], 1, .deleted(.webhook), isCondemned: true),
        Case("an administrator said that it is not", [.byID, .webhook, .rejected], 5, .lostSight, first: 99),
        Case("its project is archived", .byID, 1, .archived, project: .archived),
        Case("its project is archived, whatever a webhook says", [.byID, .webhook], 2, .archived, project: .archived),
        Case("its project is gone", .byID, 5, .lostSight, project: .gone, canBeHidden: false),
        Case("its project is gone, and a webhook", [.byID, .webhook], 5, .lostSight, project: .gone),
        Case("its project is deleted", .byID, 1, .deleted(.project), project: .deleted, isCondemned: true),
        Case(
            "its project is deleted, never asked for", [], 0, .deleted(.project), project: .deleted, isCondemned: true),
        Case("its project is deleted, but an administrator said no", .rejected, 1, .lostSight, project: .deleted),
        Case(
            "held before, and not returned again", [.byID, .webhook, .held], 2, .deleted(.webhook), isCondemned: true),
    ]

    @Test("what became of a missing issue follows from the evidence", arguments: cases)
    func judges(_ example: Case) {
        func ago(_ days: Double) -> Timestamp {
            Timestamp(milliseconds: Self.now.rawValue - Int64(days * 86_400_000))
        }
        let evidence = AbsenceEvidence(
            signs: example.signs, timesConfirmed: example.times, first: ago(example.first), last: ago(example.last),
            project: example.project, canBeHidden: example.canBeHidden, areRulesKnown: example.areRulesKnown)
        let verdict = AbsenceJudgement.verdict(evidence, at: Self.now, policy: DeletionPolicy())
        #expect(verdict == example.verdict)
        #expect(AbsenceJudgement.isCondemned(evidence, verdict) == example.isCondemned)
    }

    @Test("nothing is ever deleted that was not asked for by its id, but with its project")
    func needsAQuestion() {
        for bits in 0..<256 {
            for project in AbsenceEvidence.ProjectSight.allCases where project != .deleted {
                for canBeHidden in [true, false] {
                    let evidence = AbsenceEvidence(
                        signs: Absences.Signs(rawValue: bits), timesConfirmed: 0,
                        first: Timestamp(milliseconds: 0), last: Timestamp(milliseconds: 0), project: project,
                        canBeHidden: canBeHidden)
                    let verdict = AbsenceJudgement.verdict(evidence, at: Self.now, policy: DeletionPolicy())
                    #expect(!AbsenceJudgement.isCondemned(evidence, verdict))
                }
            }
        }
    }

    @Test(
        "a few may always go, many never, and a share of what is stored in between",
        arguments: [(0, 10), (10, 10), (499, 10), (500, 10), (600, 12), (4_999, 99), (5_000, 100), (1_000_000, 100)])
    func limits(_ stored: Int, _ limit: Int) {
        #expect(DeletionPolicy().limit(ofStored: stored) == limit)
    }
}

struct ComparisonTests {
    private static let began = Timestamp(milliseconds: 1_800_000_000_000)

    private func stored(
        _ issue: Int64, isOfListed: Bool = true, state: IssueRecords.State = .live, fetchedBefore: Bool = true,
        settled: Bool = true
    ) -> CensusComparison.Stored {
        CensusComparison.Stored(
            issue: issue, isOfListed: isOfListed, state: state,
            fetched: Timestamp(milliseconds: Self.began.rawValue + (fetchedBefore ? 0 : 1)),
            updated: Timestamp(milliseconds: Self.began.rawValue - (settled ? 90_000_000 : 1_000)))
    }

    private func compare(_ listed: [Int64], _ rows: [CensusComparison.Stored]) -> CensusComparison {
        var comparison = CensusComparison(listed: listed, began: Self.began)
        for row in rows { comparison.take(row) }
        comparison.end()
        return comparison
    }

    @Test("a listing is laid beside what is stored, in one pass")
    func merges() {
        let comparison = compare(
            [1, 3, 5, 7, 9], [stored(2), stored(3), stored(4, settled: false), stored(7), stored(8, isOfListed: false)])
        #expect(comparison.unknown.map(\.rawValue) == [1, 5, 9])
        #expect(comparison.absent.map(\.issue.rawValue) == [2, 4])
        #expect(comparison.absent.map(\.isSettled) == [true, false])
    }

    @Test("what was hidden or archived and is listed again is to be read")
    func findsReturned() {
        let comparison = compare([1, 2, 3], [stored(1), stored(2, state: .unseen), stored(3, state: .archived)])
        #expect(comparison.unknown.map(\.rawValue) == [2, 3])
        #expect(comparison.absent.isEmpty)
    }

    @Test("what was read since the listing began is not missed")
    func sparesNew() {
        #expect(compare([], [stored(1, fetchedBefore: false), stored(2)]).absent.map(\.issue.rawValue) == [2])
    }

    @Test("projects are packed into as few listings as the limit allows")
    func packs() {
        let slices = CensusProgress.slices(
            of: [("1", 40), ("2", 50), ("3", 20), ("4", 200), ("5", 0)], limit: 100)
        #expect(slices == [["1", "2"], ["3"], ["4"], ["5"]] || slices == [["1", "2"], ["3"], ["4", "5"]])
        #expect(CensusProgress.slices(of: [], limit: 100).isEmpty)
        let many = CensusProgress.slices(of: (0..<2_500).map { (EntityID("\($0)"), 0) }, limit: 100)
        #expect(many.map(\.count) == [1_000, 1_000, 500])
    }

    @Test("progress is read back as it was written")
    func keepsProgress() throws {
        var progress = CensusProgress(began: Self.began, run: 7, slices: [["1", "2"], ["3"]])
        progress.repeated = 1
        progress.summary.listed = 12
        progress.summary.held = 3
        let read = try #require(CensusProgress(json: progress.json))
        #expect(read.slices == progress.slices && read.run == 7 && read.began == Self.began && read.repeated == 1)
        #expect(read.summary.listed == 12 && read.summary.held == 3 && read.summary.began == Self.began)
        #expect(CensusProgress(json: "{}") == nil)
    }
}
