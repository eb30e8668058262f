internal import CZstd
internal import Synchronization

/// Zstandard (RFC 8878) with an optional dictionary, for many small texts that resemble each other.
///
/// `@unchecked Sendable` is sound: zstd lets any number of threads share a digested dictionary, which never changes
/// here, and a compression context is taken out of its pool for the time of one call.
public final class Zstd: @unchecked Sendable {
    private let compression: OpaquePointer?
    private let decompression: OpaquePointer?
    private let compressors = Mutex<[UInt]>([])
    private let decompressors = Mutex<[UInt]>([])

    private static let level: Int32 = 3
    /// The most bytes one text may have when decompressed.
    public static let textLimit = FramedParts.byteLimit + (1 << 10)

    /// - Parameter dictionary: Trained by `train`, or nothing.
    public init(dictionary: [UInt8]? = nil) {
        compression = dictionary.flatMap { ZSTD_createCDict($0, $0.count, Self.level) }
        decompression = dictionary.flatMap { ZSTD_createDDict($0, $0.count) }
    }

    deinit {
        compressors.withLock { for address in $0 { ZSTD_freeCCtx(OpaquePointer(bitPattern: address)) } }
        decompressors.withLock { for address in $0 { ZSTD_freeDCtx(OpaquePointer(bitPattern: address)) } }
        ZSTD_freeCDict(compression)
        ZSTD_freeDDict(decompression)
    }

    /// - Throws: `PackingError` with code `tooLarge` where memory is short.
    public func compress(_ text: [UInt8]) throws(PackingError) -> [UInt8] {
        let context =
            compressors.withLock { $0.popLast() }.flatMap { OpaquePointer(bitPattern: $0) } ?? ZSTD_createCCtx()
        guard let context else { throw PackingError(.tooLarge, "There is not enough memory to compress") }
        defer { compressors.withLock { $0.append(UInt(bitPattern: context)) } }
        var size = 0
        let compressed = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(text.count)) { buffer, filled in
            size =
                compression.map {
                    ZSTD_compress_usingCDict(context, buffer.baseAddress, buffer.count, text, text.count, $0)
                } ?? ZSTD_compressCCtx(context, buffer.baseAddress, buffer.count, text, text.count, Self.level)
            filled = ZSTD_isError(size) != 0 ? 0 : size
        }
        guard ZSTD_isError(size) == 0 else { throw PackingError(.tooLarge, "A text could not be compressed") }
        return compressed
    }

    /// - Throws: `PackingError` with code `damaged` for bytes that are not what ``compress(_:)`` made of a text within
    ///   ``textLimit``.
    public func decompress(_ bytes: UnsafeRawBufferPointer) throws(PackingError) -> [UInt8] {
        let size = ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count)
        guard size <= UInt64(Self.textLimit) else { throw Self.damaged }
        let context =
            decompressors.withLock { $0.popLast() }.flatMap { OpaquePointer(bitPattern: $0) } ?? ZSTD_createDCtx()
        guard let context else { throw PackingError(.tooLarge, "There is not enough memory to decompress") }
        defer { decompressors.withLock { $0.append(UInt(bitPattern: context)) } }
        var result = 0
        let text = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, filled in
            result =
                decompression.map {
                    ZSTD_decompress_usingDDict(
                        context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count, $0)
                }
                ?? ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count)
            filled = ZSTD_isError(result) != 0 ? 0 : result
        }
        guard ZSTD_isError(result) == 0, result == Int(size) else { throw Self.damaged }
        return text
    }

    /// A dictionary of what `samples` have in common.
    ///
    /// - Returns: `nil` when they are too few or too different for one.
    public static func train(on samples: [[UInt8]], byteLimit: Int = 64 << 10) -> [UInt8]? {
        guard samples.count >= 100 else { return nil }
        let sizes = samples.map(\.count)
        let joined = samples.flatMap { $0 }
        var size = 0
        let dictionary = [UInt8](unsafeUninitializedCapacity: byteLimit) { buffer, filled in
            size = ZDICT_trainFromBuffer(buffer.baseAddress, buffer.count, joined, sizes, UInt32(sizes.count))
            filled = ZDICT_isError(size) != 0 ? 0 : size
        }
        return ZDICT_isError(size) != 0 ? nil : dictionary
    }

    private static let damaged = PackingError(.damaged, "A stored compressed text can't be read back")
}
