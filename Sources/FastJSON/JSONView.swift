/// One value of a document being parsed, lent by ``JSONParser/parse(_:_:)-([UInt8],_)``.
///
/// Holds pointers into the parser's tape (simdjson `doc/tape.md`), which is why it must not outlive the closure it was
/// lent to. All accessors answer `nil` for a value of another kind, so a chain reads like the document:
/// `issue["fields"]?["status"]?["name"]?.string`.
public struct JSONView {
    let tape: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>
    let index: Int

    public enum Kind: Sendable { case object, array, string, integer, double, bool, null }

    @inline(__always) var tag: UInt8 { UInt8(truncatingIfNeeded: tape[index] &>> 56) }
    @inline(__always) var payload: Int { Int(truncatingIfNeeded: tape[index] & 0x00FF_FFFF_FFFF_FFFF) }

    /// Index of the tape word behind this value.
    @inline(__always) var next: Int {
        switch tag {
        case UInt8(ascii: "{"), UInt8(ascii: "["): Int(truncatingIfNeeded: tape[index] & 0xFFFF_FFFF)
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index &+ 2
        default: index &+ 1
        }
    }

    @inline(__always) func at(_ index: Int) -> JSONView { JSONView(tape: tape, strings: strings, index: index) }

    public var kind: Kind {
        switch tag {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "l"), UInt8(ascii: "u"): .integer
        case UInt8(ascii: "d"): .double
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        default: .null
        }
    }

    public var isNull: Bool { tag == UInt8(ascii: "n") }

    /// The unescaped UTF-8 of a string, borrowed from the parser.
    public var utf8: UnsafeBufferPointer<UInt8>? {
        tag == UInt8(ascii: "\"") ? stringBytes : nil
    }

    @inline(__always) private var stringBytes: UnsafeBufferPointer<UInt8> {
        let start = strings + payload
        let count = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(count))
    }

    public var string: String? {
        utf8.map { String(decoding: $0, as: UTF8.self) }
    }

    public var integer: Int64? {
        switch tag {
        case UInt8(ascii: "l"): Int64(bitPattern: tape[index + 1])
        case UInt8(ascii: "u"): Int64(exactly: tape[index + 1])
        default: nil
        }
    }

    /// Any JSON number.
    public var double: Double? {
        switch tag {
        case UInt8(ascii: "d"): Double(bitPattern: tape[index + 1])
        case UInt8(ascii: "l"): Double(Int64(bitPattern: tape[index + 1]))
        case UInt8(ascii: "u"): Double(tape[index + 1])
        default: nil
        }
    }

    public var bool: Bool? {
        switch tag {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The members of an object in document order; empty for any other kind.
    public var members: Members { Members(object: self) }

    /// The elements of an array in document order; empty for any other kind.
    public var elements: Elements { Elements(array: self) }

    /// The first member named `key`. Linear in the object's size: walk ``members`` once where many keys are wanted.
    public subscript(_ key: StaticString) -> JSONView? {
        let wanted = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        return member { $0.count == wanted.count && $0.elementsEqual(wanted) }
    }

    /// The first member whose name is `key`, for names known only at run time.
    public func member(named key: String) -> JSONView? {
        var key = key
        return key.withUTF8 { wanted in member { $0.count == wanted.count && $0.elementsEqual(wanted) } }
    }

    @inline(__always) private func member(where matches: (UnsafeBufferPointer<UInt8>) -> Bool) -> JSONView? {
        guard tag == UInt8(ascii: "{") else { return nil }
        let end = next &- 1
        var position = index &+ 1
        while position < end {
            let value = at(position &+ 1)
            if matches(at(position).stringBytes) { return value }
            position = value.next
        }
        return nil
    }

    public struct Member {
        public let key: UnsafeBufferPointer<UInt8>
        public let value: JSONView

        public var name: String { String(decoding: key, as: UTF8.self) }

        @inline(__always) public func isNamed(_ name: StaticString) -> Bool {
            key.count == name.utf8CodeUnitCount
                && key.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }
    }

    public struct Members: Sequence, IteratorProtocol {
        private let root: JSONView
        private var position: Int
        private let end: Int

        init(object: JSONView) {
            root = object
            let isObject = object.tag == UInt8(ascii: "{")
            position = isObject ? object.index &+ 1 : 0
            end = isObject ? object.next &- 1 : 0
        }

        @inline(__always) public mutating func next() -> Member? {
            guard position < end else { return nil }
            let value = root.at(position &+ 1)
            defer { position = value.next }
            return Member(key: root.at(position).stringBytes, value: value)
        }
    }

    public struct Elements: Sequence, IteratorProtocol {
        private let root: JSONView
        private var position: Int
        private let end: Int

        init(array: JSONView) {
            root = array
            let isArray = array.tag == UInt8(ascii: "[")
            position = isArray ? array.index &+ 1 : 0
            end = isArray ? array.next &- 1 : 0
        }

        @inline(__always) public mutating func next() -> JSONView? {
            guard position < end else { return nil }
            let value = root.at(position)
            position = value.next
            return value
        }
    }
}
