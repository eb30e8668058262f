internal import CSodium

/// SHA-256 (FIPS 180-4) of a message that comes in pieces.
public struct DigestStream: Sendable {
    private var state = crypto_hash_sha256_state()

    public init() { crypto_hash_sha256_init(&state) }

    public mutating func update(_ bytes: some Sequence<UInt8>) {
        let whole: Void? = bytes.withContiguousStorageIfAvailable { part in
            if let start = part.baseAddress { crypto_hash_sha256_update(&state, start, UInt64(part.count)) }
        }
        if whole == nil {
            let copy = Array(bytes)
            crypto_hash_sha256_update(&state, copy, UInt64(copy.count))
        }
    }

    /// The digest of what came so far.
    public var digest: [UInt8] {
        var end = state
        var digest = [UInt8](repeating: 0, count: Digest.byteCount)
        crypto_hash_sha256_final(&end, &digest)
        return digest
    }
}
