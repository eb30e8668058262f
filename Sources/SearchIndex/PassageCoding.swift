internal import CZstd
internal import Synchronization

/// Passages as they are kept: one compressed blob an issue.
///
/// The first byte is the form: 1 is Zstandard. Inside, for each passage: kind, restriction + 1, id, text, numbers as LEB128.
enum PassageCoding {
    static func encode(_ passages: [SearchPassage]) throws(SearchError) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(passages.reduce(16) { $0 + $1.text.utf8.count + 24 })
        for passage in passages {
            plain.append(passage.kind.rawValue)
            append(UInt64((passage.restriction ?? -1) + 1), to: &plain)
            append(UInt64((passage.id?.utf8.count ?? -1) + 1), to: &plain)
            if let id = passage.id { plain.append(contentsOf: id.utf8) }
            append(UInt64(passage.text.utf8.count), to: &plain)
            plain.append(contentsOf: passage.text.utf8)
        }
        return try compress(plain)
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(SearchError) -> [SearchPassage] {
        var reader = Reader(bytes: try decompress(bytes))
        var passages: [SearchPassage] = []
        while !reader.isAtEnd {
            guard let kind = SearchPassage.Kind(rawValue: try reader.byte()) else { throw damaged }
            let restriction = try reader.number() - 1
            let idLength = try reader.number() - 1
            let id = idLength < 0 ? nil : try reader.text(idLength)
            let text = try reader.text(try reader.number())
            passages.append(SearchPassage(kind, id: id, text: text, restriction: restriction < 0 ? nil : restriction))
        }
        return passages
    }

    static var damaged: SearchError {
        SearchError(
            .damaged, "The stored text of an issue cannot be read",
            advice: "Run `drawbridge verify`; `drawbridge sync NAME --full` writes it again")
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private static let level: Int32 = 3

    private static func compress(_ plain: [UInt8]) throws(SearchError) -> [UInt8] {
        let bound = ZSTD_compressBound(plain.count)
        let compressed = [UInt8](unsafeUninitializedCapacity: bound + 1) { buffer, count in
            buffer[0] = 1
            let written = plain.withUnsafeBytes { source in
                ZstdContexts.withCompressor { context in
                    ZSTD_compressCCtx(
                        context, buffer.baseAddress?.advanced(by: 1), bound, source.baseAddress, source.count, level)
                }
            }
            count = ZSTD_isError(written) == 0 ? written + 1 : 0
        }
        guard !compressed.isEmpty else {
            throw SearchError(.textNotStored, "The text of an issue could not be compressed: memory is short")
        }
        return compressed
    }

    /// Twice the most that can be written, so that a damaged blob cannot ask for unbounded memory.
    private static let sizeLimit = UInt64(SearchPassage.issueLengthLimit * 2 + 1_048_576)

    private static func decompress(_ bytes: UnsafeRawBufferPointer) throws(SearchError) -> [UInt8] {
        guard bytes.count > 1, bytes[0] == 1 else { throw damaged }
        let frame = UnsafeRawBufferPointer(rebasing: bytes[1...])
        let size = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
        guard size <= sizeLimit else { throw damaged }
        var isWhole = false
        let plain = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
            let written = ZstdContexts.withDecompressor { context in
                ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, frame.baseAddress, frame.count)
            }
            isWhole = ZSTD_isError(written) == 0 && written == Int(size)
            count = isWhole ? written : 0
        }
        guard isWhole else { throw damaged }
        return plain
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func byte() throws(SearchError) -> UInt8 {
            guard position < bytes.count else { throw damaged }
            defer { position += 1 }
            return bytes[position]
        }

        mutating func number() throws(SearchError) -> Int {
            var value = 0
            for shift in stride(from: 0, to: 35, by: 7) {
                let next = try byte()
                value |= Int(next & 0x7F) << shift
                if next < 0x80 { return value }
            }
            throw damaged
        }

        mutating func text(_ count: Int) throws(SearchError) -> String {
            guard count >= 0, count <= bytes.count - position else { throw damaged }
            defer { position += count }
            return String(decoding: bytes[position..<position + count], as: UTF8.self)
        }
    }
}

/// Working memory of Zstandard, kept for the next text: making it costs more than a short text itself.
private enum ZstdContexts {
    // Contexts are kept as addresses. One that is taken out belongs to its taker alone until it is put back.
    private static let compressors = Mutex<[UInt]>([])
    private static let decompressors = Mutex<[UInt]>([])
    private static let kept = 8

    static func withCompressor(_ body: (OpaquePointer?) -> Int) -> Int {
        let known = compressors.withLock { $0.popLast() }
        let context = known.flatMap { OpaquePointer(bitPattern: $0) } ?? ZSTD_createCCtx()
        defer {
            if !put(context, back: compressors) { ZSTD_freeCCtx(context) }
        }
        return context == nil ? ZstdContexts.noMemory : body(context)
    }

    static func withDecompressor(_ body: (OpaquePointer?) -> Int) -> Int {
        let known = decompressors.withLock { $0.popLast() }
        let context = known.flatMap { OpaquePointer(bitPattern: $0) } ?? ZSTD_createDCtx()
        defer {
            if !put(context, back: decompressors) { ZSTD_freeDCtx(context) }
        }
        return context == nil ? ZstdContexts.noMemory : body(context)
    }

    /// A result that `ZSTD_isError` knows as an error: minus one.
    private static let noMemory = -1

    private static func put(_ context: OpaquePointer?, back pool: borrowing Mutex<[UInt]>) -> Bool {
        pool.withLock { contexts in
            guard context != nil, contexts.count < kept else { return false }
            contexts.append(UInt(bitPattern: context))
            return true
        }
    }
}
