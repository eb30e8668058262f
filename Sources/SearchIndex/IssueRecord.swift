/// What filters, facets and sorting need of one issue, in fixed places: 200,000 of them are read in a few hundredths of a second.
struct IssueRecord: Hashable, Sendable {
    var created: Int64 = 0
    var updated: Int64 = 0
    /// 0 for none, as for every id below.
    var resolved: Int64 = 0
    var source: Int32 = 0
    var acl: Int32 = 0
    var project: Int32 = 0
    /// The number in the key, for sorting by key.
    var number: Int32 = 0
    var type: Int32 = 0
    var status: Int32 = 0
    var priority: Int32 = 0
    var resolution: Int32 = 0
    var assignee: Int32 = 0
    var reporter: Int32 = 0
    var creator: Int32 = 0
    var level: Int32 = 0
    /// Days since 1970; ``noDay`` for none.
    var due: Int32 = IssueRecord.noDay
    /// Bytes of text in the open document's columns, which ranking measures lengths by.
    var summaryLength: UInt32 = 0
    var bodyLength: UInt32 = 0
    var notesLength: UInt32 = 0
    /// A bit for each kind of passage in the open document.
    var kinds: UInt32 = 0
    /// Where its labels, components, versions and sprints lie among the snapshot's values.
    var valuesStart: UInt32 = 0
    var valuesCount: UInt32 = 0

    static let noDay = Int32.min

    /// Labels and the like: the kind in the four highest bits, the catalogue's id below.
    struct Value: Hashable, Sendable {
        let rawValue: UInt32

        init(rawValue: UInt32) { self.rawValue = rawValue }

        init?(kind: Int, id: Int64) {
            guard (0..<16).contains(kind), (0..<(1 << 28)).contains(id) else { return nil }
            rawValue = UInt32(kind) << 28 | UInt32(id)
        }

        var kind: Int { Int(rawValue >> 28) }
        var id: Int32 { Int32(rawValue & 0x0FFF_FFFF) }
    }

    // MARK: Stored form

    private static let fixedSize = 3 * 8 + 17 * 4

    func encoded(values: [Value]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.fixedSize + values.count * 4)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        for value in [created, updated, resolved] { append(value) }
        let numbers = [
            source, acl, project, number, type, status, priority, resolution, assignee, reporter, creator, level, due,
        ]
        for value in numbers { append(value) }
        for value in [summaryLength, bodyLength, notesLength, kinds] { append(value) }
        for value in values { append(value.rawValue) }
        return bytes
    }

    /// Reads a stored record and adds its values to `values`; `nil` for bytes of no such form.
    init?(_ bytes: UnsafeRawBufferPointer, values: inout [Value]) {
        guard bytes.count >= Self.fixedSize, (bytes.count - Self.fixedSize) & 3 == 0 else { return nil }
        func number(_ index: Int) -> Int32 {
            Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 24 + index * 4, as: Int32.self))
        }
        func time(_ index: Int) -> Int64 {
            Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: Int64.self))
        }
        (created, updated, resolved) = (time(0), time(1), time(2))
        (source, acl, project, self.number) = (number(0), number(1), number(2), number(3))
        (type, status, priority, resolution) = (number(4), number(5), number(6), number(7))
        (assignee, reporter, creator, level) = (number(8), number(9), number(10), number(11))
        due = number(12)
        (summaryLength, bodyLength) = (UInt32(bitPattern: number(13)), UInt32(bitPattern: number(14)))
        (notesLength, kinds) = (UInt32(bitPattern: number(15)), UInt32(bitPattern: number(16)))
        valuesStart = UInt32(values.count)
        valuesCount = UInt32((bytes.count - Self.fixedSize) / 4)
        for index in 0..<Int(valuesCount) { values.append(Value(rawValue: UInt32(bitPattern: number(17 + index)))) }
    }

    init() {}
}
