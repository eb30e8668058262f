/// Finds values by short ASCII names without making a string, for the names of every node of every document.
struct NameTable<Value: Sendable>: Sendable {
    private struct Entry {
        let name: [UInt8]
        let value: Value
    }

    private var slots: [Entry?]
    private let mask: Int

    init(_ names: [(String, Value)]) {
        var size = 64
        while size < names.count * 4 { size *= 2 }
        slots = Array(repeating: nil, count: size)
        mask = size - 1
        for (name, value) in names {
            let bytes = Array(name.utf8)
            var slot = bytes.withUnsafeBufferPointer(Self.hash) & mask
            while slots[slot] != nil { slot = (slot + 1) & mask }
            slots[slot] = Entry(name: bytes, value: value)
        }
    }

    @inline(__always) private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        guard let first = name.first, let last = name.last else { return 0 }
        return Int(first) &* 31 &+ Int(last) &* 7 &+ Int(name[name.count / 2]) &* 3 &+ name.count &* 13
    }

    @inline(__always) subscript(_ name: UnsafeBufferPointer<UInt8>) -> Value? {
        var slot = Self.hash(name) & mask
        while let entry = slots[slot] {
            if entry.name.count == name.count, entry.name.elementsEqual(name) { return entry.value }
            slot = (slot + 1) & mask
        }
        return nil
    }
}
