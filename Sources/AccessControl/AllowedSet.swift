public import IssueModel

/// The acl rows a reader meets in full, as a bitset over `acl.id`: every read path works inside one of these.
public struct AllowedSet: Sendable, Hashable {
    /// True for the operator, to whom no row is closed.
    public let isEverything: Bool
    /// The access version the set was computed at; a newer version may have narrowed it.
    public let accessVersion: Int64
    /// Bit `id & 63` of word `id >> 6` is set for an allowed acl id. Empty where ``isEverything``.
    public let words: [UInt64]
    /// The set must not be used at or after this moment, when a lease ends that it rests on; `nil` where none does.
    public let validUntil: Timestamp?

    init(isEverything: Bool, accessVersion: Int64, words: [UInt64], validUntil: Timestamp? = nil) {
        self.isEverything = isEverything
        self.accessVersion = accessVersion
        self.words = words
        self.validUntil = validUntil
    }

    /// Whether no lease that the set rests on has ended at `now`.
    public func isValid(at now: Timestamp) -> Bool { validUntil.map { now < $0 } ?? true }

    /// What the operator may read.
    public static func everything(accessVersion: Int64) -> AllowedSet {
        AllowedSet(isEverything: true, accessVersion: accessVersion, words: [])
    }

    /// A set without any row.
    public static func nothing(accessVersion: Int64, validUntil: Timestamp? = nil) -> AllowedSet {
        AllowedSet(isEverything: false, accessVersion: accessVersion, words: [], validUntil: validUntil)
    }

    @inline(__always) public func contains(_ aclID: Int64) -> Bool {
        if isEverything { return true }
        guard aclID >= 0, aclID >> 6 < words.count else { return false }
        return words[Int(aclID >> 6)] & (1 << UInt64(aclID & 63)) != 0
    }

    /// The rows of this set that are also among `ids`: never more than it admits itself.
    public func narrowed(to ids: some Sequence<Int64>) -> AllowedSet {
        var narrow: [UInt64] = []
        for id in ids where id >= 0 && id <= Builder.largestID && contains(id) {
            let word = Int(id >> 6)
            if word >= narrow.count { narrow.append(contentsOf: repeatElement(0, count: word + 1 - narrow.count)) }
            narrow[word] |= 1 << UInt64(id & 63)
        }
        return AllowedSet(
            isEverything: false, accessVersion: accessVersion, words: narrow, validUntil: validUntil)
    }

    /// Lends the words to C, for SQL functions and scanners.
    public func withWords<Result>(_ body: (UnsafeBufferPointer<UInt64>) throws -> Result) rethrows -> Result {
        try words.withUnsafeBufferPointer(body)
    }

    /// How many rows are allowed; meaningless where ``isEverything``.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The allowed ids in ascending order; none where ``isEverything``.
    public var aclIDs: [Int64] {
        var result: [Int64] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                result.append(Int64(index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return result
    }
}

extension AllowedSet {
    /// Computes a set row by row from stored clauses: sorted little-endian `UInt32` ids of interned principals, one of
    /// which the reader must hold. Where a zero stands between ids, it parts lists that must all be met.
    ///
    /// A clause whose length is no multiple of four is damaged and admits nobody.
    public struct Builder: Sendable {
        /// One bit for each interned principal the reader holds.
        private var held: [UInt64]
        private var words: [UInt64] = []

        /// Ids past this are refused, so that a damaged row cannot ask for unbounded memory.
        public static let largestID: Int64 = 1 << 30

        /// - Parameter principals: Interned ids of what the reader holds, over all sources.
        public init(principals: some Sequence<UInt32>) {
            held = []
            hold(principals)
        }

        /// Adds to what the reader holds. Rows decided before stay as they are.
        public mutating func hold(_ principals: some Sequence<UInt32>) {
            for id in principals where id > 0 && Int64(id) <= Self.largestID {
                let word = Int(id >> 6)
                if word >= held.count { held.append(contentsOf: repeatElement(0, count: word + 1 - held.count)) }
                held[word] |= 1 << UInt64(id & 63)
            }
        }

        /// Bytes it takes, its set included.
        public var memorySize: Int { (held.capacity + words.capacity) * 8 }

        /// Decides one acl row. `nil` is an unrestricted clause, an empty buffer is nobody.
        ///
        /// - Returns: Whether the row is allowed.
        @discardableResult
        public mutating func add(
            aclID: Int64, browse: UnsafeRawBufferPointer?, level: UnsafeRawBufferPointer?,
            visibility: UnsafeRawBufferPointer?
        ) -> Bool {
            guard aclID >= 0, aclID <= Self.largestID, meets(browse), meets(level), meets(visibility) else {
                return false
            }
            let word = Int(aclID >> 6)
            if word >= words.count {
                words.append(contentsOf: repeatElement(0, count: max(word + 1, words.count * 2) - words.count))
            }
            words[word] |= 1 << UInt64(aclID & 63)
            return true
        }

        /// - Parameter validUntil: The earliest end of a lease that the rows added rest on.
        public func finish(accessVersion: Int64, validUntil: Timestamp? = nil) -> AllowedSet {
            AllowedSet(
                isEverything: false, accessVersion: accessVersion, words: words, validUntil: validUntil)
        }

        @inline(__always) private func meets(_ clause: UnsafeRawBufferPointer?) -> Bool {
            guard let clause else { return true }
            guard clause.count & 3 == 0 else { return false }
            var isMet = false
            var offset = 0
            while offset < clause.count {
                let id = UInt32(littleEndian: clause.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                offset += 4
                if id == 0 {
                    if !isMet { return false }
                    isMet = false
                } else if !isMet {
                    let word = Int(id >> 6)
                    isMet = word < held.count && held[word] & (1 << UInt64(id & 63)) != 0
                }
            }
            return isMet
        }
    }

    /// A clause as it is stored: the ids sorted, little-endian, four bytes each.
    public static func clauseBytes(_ ids: some Sequence<UInt32>) -> [UInt8] {
        var bytes: [UInt8] = []
        for id in Set(ids).sorted() {
            withUnsafeBytes(of: id.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Lists of ids that must all be met, as one stored clause; `nil` for none.
    public static func clauseBytes(all lists: [some Sequence<UInt32>]) -> [UInt8]? {
        guard let first = lists.first else { return nil }
        return lists.dropFirst().reduce(clauseBytes(first)) { $0 + [0, 0, 0, 0] + clauseBytes($1) }
    }
}
