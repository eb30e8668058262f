internal import Packing

/// What Jira returned for one issue, as named pieces of bytes: the issue object and what completes it.
///
/// The names and their meaning are the writer's; the store keeps them as they are.
public struct RawParts: Hashable, Sendable {
    public var parts: [Part]

    public struct Part: Hashable, Sendable {
        public var name: String
        public var bytes: [UInt8]

        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    public init(_ parts: [Part]) { self.parts = parts }

    public subscript(name: String) -> [UInt8]? { parts.first { $0.name == name }?.bytes }

    /// One block of at most 64 MiB and 64 parts.
    public func framed() throws(StoreError) -> [UInt8] {
        try StoreError.packing { () throws(PackingError) in
            try FramedParts.block(of: parts.map { ($0.name, $0.bytes) })
        }
    }

    /// Reads what `framed` wrote.
    public init(framed block: [UInt8]) throws(StoreError) {
        let parts = try StoreError.packing { () throws(PackingError) in try FramedParts.parts(of: block) }
        self.init(parts.map { Part(name: $0.name, bytes: $0.bytes) })
    }

    /// A hash of all parts (64 bit, of our own making), for seeing that nothing changed; no protection against anybody.
    public var fingerprint: Int64 {
        var fingerprint = Fingerprint()
        for part in parts {
            fingerprint.add(Array(part.name.utf8))
            fingerprint.add(part.bytes)
        }
        return fingerprint.value
    }
}

extension StoreError {
    /// Runs `body` with failures of packing told in the store's words.
    static func packing<T>(_ body: () throws(PackingError) -> T) throws(StoreError) -> T {
        do {
            return try body()
        } catch {
            let words = "What Jira returned can't be packed or read back: \(error.message)"
            throw StoreError(error.code == .tooLarge ? .tooLarge : .damaged, words)
        }
    }
}
