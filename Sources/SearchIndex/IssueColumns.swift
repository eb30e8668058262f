/// The records of all issues in memory, each at the place of its id: one consistent state of the index.
struct IssueColumns: Sendable {
    /// The highest change the state includes.
    var version: Int64 = 0
    var records: [IssueRecord] = []
    var present = IssueSet()
    /// The lengths of the three columns of each open document, a byte each, so that ranking reads little memory.
    var lengths: [UInt32] = []
    var values: [IssueRecord.Value] = []
    /// How many of the values belong to records that were replaced.
    private(set) var deadValues = 0
    /// The restricted documents, by `document - firstRestrictedDocument`.
    var restricted: [Int64: RestrictedDocument] = [:]
    var restrictedByIssue: [Int32: [Int64]] = [:]

    struct RestrictedDocument: Hashable, Sendable {
        var issue: Int32
        var restriction: Int32
        var acl: Int64
        var kinds: UInt32
        var bodyLength: UInt32
        var notesLength: UInt32
    }

    /// Ids past this are refused: memory is taken by the highest id.
    static let largestIssue: Int64 = 1 << 27

    func values(of issue: Int) -> ArraySlice<IssueRecord.Value> {
        let record = records[issue]
        return values[Int(record.valuesStart)..<Int(record.valuesStart + record.valuesCount)]
    }

    mutating func set(_ issue: Int, _ bytes: UnsafeRawBufferPointer) throws(SearchError) {
        guard issue < Self.largestIssue, let record = IssueRecord(bytes, values: &values) else {
            throw PassageCoding.damaged
        }
        if issue >= records.count {
            let capacity = max(issue + 1, records.count + records.count / 2, 1_024)
            records.append(contentsOf: repeatElement(IssueRecord(), count: capacity - records.count))
            lengths.append(contentsOf: repeatElement(0, count: capacity - lengths.count))
        }
        deadValues += Int(records[issue].valuesCount)
        records[issue] = record
        lengths[issue] = LengthCode.packed(record.summaryLength, record.bodyLength, record.notesLength)
        present.insert(issue)
    }

    mutating func remove(_ issue: Int) {
        present.remove(issue)
        for document in restrictedByIssue.removeValue(forKey: Int32(issue)) ?? [] { restricted[document] = nil }
    }

    mutating func setRestricted(_ document: Int64, _ value: RestrictedDocument) {
        restricted[document] = value
        restrictedByIssue[value.issue, default: []].append(document)
    }
}

/// A length in one byte: exact up to 7, then within a sixteenth, like a floating-point number with three bits of fraction.
enum LengthCode {
    static func code(_ length: UInt32) -> UInt32 {
        guard length >= 8 else { return length }
        let exponent = 31 - UInt32(length.leadingZeroBitCount)
        return min(255, (exponent - 2) << 3 | (length >> (exponent - 3) & 7))
    }

    /// The middle of the lengths with this code.
    static func length(_ code: Int) -> Float {
        guard code >= 8 else { return Float(code) }
        let exponent = (code >> 3) + 2
        let step = Float(UInt64(1) << UInt64(exponent - 3))
        return (Float(8 + (code & 7)) + 0.5) * step
    }

    static func packed(_ summary: UInt32, _ body: UInt32, _ notes: UInt32) -> UInt32 {
        code(summary) | code(body) << 8 | code(notes) << 16
    }
}

/// A set of issue ids as a bitset.
struct IssueSet: Hashable, Sendable {
    var words: [UInt64] = []

    init() {}

    init(capacity: Int) { words = Array(repeating: 0, count: (capacity + 63) / 64) }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    @inline(__always) func contains(_ id: Int) -> Bool {
        let word = id >> 6
        return word < words.count && words[word] & (1 << UInt64(id & 63)) != 0
    }

    @inline(__always) mutating func insert(_ id: Int) {
        let word = id >> 6
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        words[word] |= 1 << UInt64(id & 63)
    }

    mutating func remove(_ id: Int) {
        let word = id >> 6
        if word < words.count { words[word] &= ~(1 << UInt64(id & 63)) }
    }

    mutating func formIntersection(_ other: IssueSet) {
        for index in words.indices { words[index] &= index < other.words.count ? other.words[index] : 0 }
    }

    mutating func formUnion(_ other: IssueSet) {
        if other.words.count > words.count {
            words.append(contentsOf: repeatElement(0, count: other.words.count - words.count))
        }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    mutating func subtract(_ other: IssueSet) {
        for index in 0..<min(words.count, other.words.count) { words[index] &= ~other.words[index] }
    }

    func intersection(_ other: IssueSet) -> IssueSet {
        var result = self
        result.formIntersection(other)
        return result
    }

    /// Calls `body` with every id in ascending order.
    @inline(__always) func forEach(_ body: (Int) throws -> Void) rethrows {
        for index in words.indices {
            var rest = words[index]
            while rest != 0 {
                try body(index * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }

    func first(where matches: (Int) -> Bool) -> Int? {
        for index in words.indices {
            var rest = words[index]
            while rest != 0 {
                let id = index * 64 + rest.trailingZeroBitCount
                if matches(id) { return id }
                rest &= rest - 1
            }
        }
        return nil
    }
}
