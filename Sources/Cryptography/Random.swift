internal import CSodium

/// Whether libsodium is ready; its start is safe to ask for from any thread and happens once.
enum Library {
    static let isReady = sodium_init() >= 0

    static func require() throws(CryptographyError) {
        guard isReady else { throw CryptographyError(.unavailable, "libsodium could not start on this system") }
    }
}

/// Unpredictable bytes from the operating system.
public enum Random {
    /// - Parameter count: How many, at most 1 MiB.
    public static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        try Library.require()
        guard (0...(1 << 20)).contains(count) else {
            throw CryptographyError(.malformed, "\(count) random bytes were asked for; the limit is 1 MiB")
        }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress { randombytes_buf(start, count) }
            filled = count
        }
    }
}

/// Comparisons whose time does not depend on where two texts differ.
public enum ConstantTime {
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && (left.isEmpty || sodium_memcmp(left, right, left.count) == 0)
    }
}
