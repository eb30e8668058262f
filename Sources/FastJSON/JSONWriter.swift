/// Builds one JSON document as bytes, placing commas by itself.
///
/// ```swift
/// var json = JSONWriter()
/// json.object {
///     $0.member("id", "10001")
///     $0.key("labels"); $0.array { $0.string("api") }
/// }
/// ```
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    @inline(__always) private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        beginObject()
        try body(&self)
        endObject()
    }

    public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        beginArray()
        try body(&self)
        endArray()
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Writes a member's name; exactly one value must follow.
    public mutating func key(_ name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        appendQuoted(value)
    }

    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Writes a number; one that JSON cannot express (NaN, infinity) becomes `null`.
    public mutating func double(_ value: Double) {
        separate()
        if let exact = Int64(exactly: value) {
            bytes.append(contentsOf: String(exact).utf8)
        } else {
            bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        }
    }

    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    public mutating func null() { raw("null") }

    /// Inserts text that already is one JSON value.
    public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    public mutating func raw(_ json: String) { raw(json.utf8) }

    public mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    public mutating func member(_ name: String, _ value: Int?) {
        key(name)
        if let value { integer(value) } else { null() }
    }

    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// Writes a copy of a parsed value, without white space.
    public mutating func value(_ view: JSONView) {
        switch view.kind {
        case .object:
            beginObject()
            for member in view.members {
                separate()
                appendQuoted(member.key)
                bytes.append(UInt8(ascii: ":"))
                needsComma = false
                value(member.value)
            }
            endObject()
        case .array:
            beginArray()
            for element in view.elements { value(element) }
            endArray()
        case .string:
            separate()
            if let utf8 = view.utf8 { appendQuoted(utf8) }
        case .integer:
            // A `u` word holds what does not fit Int64.
            if let integer = view.integer { self.integer(integer) } else { double(view.double ?? 0) }
        case .double: double(view.double ?? 0)
        case .bool: bool(view.bool ?? false)
        case .null: null()
        }
    }

    private mutating func appendQuoted(_ text: String) {
        var text = text
        text.withUTF8 { appendQuoted($0) }
    }

    private mutating func appendQuoted(_ utf8: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var plainStart = 0
        var position = 0
        while position < utf8.count {
            if position &+ 8 <= utf8.count, Self.isPlain(utf8, position) {
                position &+= 8
                continue
            }
            let byte = utf8[position]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plainStart..<position]))
                appendEscape(byte)
                plainStart = position + 1
            }
            position &+= 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plainStart...]))
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether none of the eight bytes at `position` needs an escape: all are tested at once in one machine word
    /// (S. E. Anderson, Bit Twiddling Hacks, "Determine if a word has a byte less than n").
    @inline(__always) private static func isPlain(_ utf8: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        guard let base = utf8.baseAddress else { return false }
        let word = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: position, as: UInt64.self)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let control = (word &- (ones &* 0x20)) & ~word
        let found = control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
        return found & (ones &* 0x80) == 0
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}

extension JSONView {
    /// This value's JSON text, without white space.
    public func serialized() -> [UInt8] {
        // Objects as large as an issue are common here; growing step by step would cost more than the writing.
        var writer = JSONWriter(reservingCapacity: kind == .object ? 4_096 : 0)
        writer.value(self)
        return writer.bytes
    }
}
