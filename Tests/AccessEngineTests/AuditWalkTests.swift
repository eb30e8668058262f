import IssueModel
import SiteConnection
import Testing

@testable import AccessEngine

@Suite("The walk through all pairs") struct AuditWalkTests {
    private let accounts = (1...7).map { AccountID("account-\($0)") }

    private func walk(_ seed: UInt64, largest: Int64) -> AuditWalk {
        AuditWalk(seed: seed, largest: largest, at: Timestamp(milliseconds: 1))
    }

    @Test("meets every account with every block once a round, whatever the seed", arguments: [1, 2, 3, 99] as [UInt64])
    func complete(_ seed: UInt64) {
        for largest in [1, 499, 500, 5_300] as [Int64] {
            var walk = walk(seed, largest: largest)
            let blocks = Int(largest / AuditWalk.blockSize) + 1
            for round in 0..<2 {
                var met: Set<String> = []
                for step in 0..<(accounts.count * blocks) {
                    let stop = walk.next(accounts, largest: largest, at: Timestamp(milliseconds: 5))
                    #expect(stop?.beganRound == (round == 1 && step == 0))
                    if let stop { met.insert("\(stop.account) \(stop.ids)") }
                }
                #expect(met.count == accounts.count * blocks)
            }
            #expect(walk.round == 1 && walk.since == Timestamp(milliseconds: 5))
        }
    }

    @Test("goes on where it stopped, in another process too") func resumed() throws {
        var one = walk(5, largest: 2_000)
        var stored = one
        for _ in 0..<30 {
            let expected = one.next(accounts, largest: 2_000, at: Timestamp(milliseconds: 1))
            stored = try #require(AuditWalk(json: stored.json))
            #expect(stored.next(accounts, largest: 2_000, at: Timestamp(milliseconds: 1)) == expected)
        }
        #expect(AuditWalk(json: "{}") == nil)
    }

    @Test("mixes people and issues: two seeds go different ways, and neither goes person by person") func order() {
        func order(_ seed: UInt64) -> [AuditWalk.Stop?] {
            var walk = walk(seed, largest: 5_000)
            return (0..<7).map { _ in walk.next(accounts, largest: 5_000, at: Timestamp(milliseconds: 1)) }
        }
        #expect(order(1) != order(2))
        #expect(Set(order(1).compactMap { $0?.account }).count == 7)
        #expect(Set(order(1).compactMap { $0?.ids.lowerBound }).count > 2)
    }

    @Test("has nothing to do without accounts") func nobody() {
        var walk = walk(1, largest: 10)
        let stop = walk.next([], largest: 10, at: Timestamp(milliseconds: 1))
        #expect(stop == nil)
    }
}
