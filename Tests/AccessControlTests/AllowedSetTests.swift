import AccessControl
import IssueModel
import IssueModel
import Testing

@Suite("Allowed sets")
struct AllowedSetTests {
    private static func set(_ held: [UInt32], _ rows: [(Int64, [UInt8]?, [UInt8]?, [UInt8]?)]) -> AllowedSet {
        var builder = AllowedSet.Builder(principals: held)
        for (id, browse, level, visibility) in rows {
            browse.lend { browse in
                level.lend { level in
                    visibility.lend { builder.add(aclID: id, browse: browse, level: level, visibility: $0) }
                }
            }
        }
        return builder.finish(accessVersion: 7)
    }

    @Test("hold the rows whose every clause the reader meets") func everyClause() {
        let one = AllowedSet.clauseBytes([1, 500])
        let two = AllowedSet.clauseBytes([2])
        let set = Self.set(
            [1, 2],
            [
                (1, one, nil, nil), (63, one, two, nil), (64, one, two, one),
                (65, two, AllowedSet.clauseBytes([3]), nil),
                (200, [], nil, nil), (201, nil, nil, nil), (202, one, nil, []), (203, [1, 0, 0], nil, nil),
            ])
        #expect(set.aclIDs == [1, 63, 64, 201])
        #expect(set.count == 4)
        #expect(set.accessVersion == 7)
        for id: Int64 in [-1, 0, 2, 65, 200, 202, 203, 204, 100_000, .max] { #expect(!set.contains(id)) }
    }

    @Test("ask for every list of a clause that has several") func severalLists() {
        let clause = AllowedSet.clauseBytes(all: [[1, 9], [2, 3]])
        let damaged: [UInt8] = [0, 0, 0, 0] + AllowedSet.clauseBytes([1])
        let rows: [(Int64, [UInt8]?, [UInt8]?, [UInt8]?)] = [
            (1, nil, nil, clause), (2, nil, nil, AllowedSet.clauseBytes(all: [[1], [UInt32]()])),
            (3, damaged, nil, nil),
        ]
        #expect(Self.set([1, 2], rows).aclIDs == [1])
        #expect(Self.set([3, 9], rows).aclIDs == [1])
        #expect(Self.set([1, 9], rows).aclIDs == [])
        #expect(Self.set([2, 3], rows).aclIDs == [])
        #expect(Self.set([0], [(1, [0, 0, 0, 0], nil, nil)]).aclIDs == [])
        #expect(AllowedSet.clauseBytes(all: [[UInt32]]()) == nil)
    }

    @Test("of somebody without any principal hold only rows without any clause") func nobody() {
        let set = Self.set([], [(1, AllowedSet.clauseBytes([0]), nil, nil), (2, nil, nil, nil)])
        #expect(set.aclIDs == [2])
    }

    @Test("do not grow past their limit, whatever a row's id says") func bounded() {
        #expect(Self.set([1], [(.max, nil, nil, nil), (-5, nil, nil, nil)]).words.isEmpty)
        #expect(Self.set([.max], [(1, AllowedSet.clauseBytes([.max]), nil, nil)]).aclIDs.isEmpty)
    }

    @Test("of the operator hold everything") func everything() {
        let set = AllowedSet.everything(accessVersion: 3)
        #expect(set.contains(1) && set.contains(.max) && set.isEverything)
        #expect(!AllowedSet.nothing(accessVersion: 3).contains(1))
    }

    @Test("may be used until the first lease ends, to the millisecond") func validity() {
        let end = Timestamp(milliseconds: 1_000)
        let set = AllowedSet.Builder(principals: []).finish(accessVersion: 1, validUntil: end)
        #expect(set.isValid(at: Timestamp(milliseconds: 999)))
        #expect(!set.isValid(at: end))
        #expect(AllowedSet.everything(accessVersion: 1).isValid(at: Timestamp(milliseconds: .max)))
    }

    @Test("lend the same bits that they answer by") func words() {
        let set = Self.set([1], [(70, nil, nil, nil)])
        set.withWords { words in
            #expect(words.count >= 2)
            #expect(words[1] == 1 << 6)
        }
    }

    @Test("are built from clauses whose bytes are sorted and without repetition") func clauseBytes() {
        #expect(AllowedSet.clauseBytes([258, 1, 258]) == [1, 0, 0, 0, 2, 1, 0, 0])
    }
}
