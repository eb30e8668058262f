internal import CSearchTokenizer
internal import Synchronization

/// Cuts text into the tokens that the index holds.
///
/// One analyser serves one caller at a time; take one from ``shared(_:)``.
final class TextAnalyser {
    private let handle: OpaquePointer

    struct Token: Hashable, Sendable {
        var text: String
        var flags: Int32
        /// Byte offsets in the text.
        var start: Int
        var end: Int

        var isColocated: Bool { flags & Int32(SEARCH_TOKEN_COLOCATED) != 0 }
        var isStem: Bool { flags & Int32(SEARCH_TOKEN_STEM) != 0 }
        var isWhole: Bool { flags & Int32(SEARCH_TOKEN_WHOLE) != 0 }
        var isPiece: Bool { flags & Int32(SEARCH_TOKEN_PIECE) != 0 }
    }

    private init() throws(SearchError) {
        guard let created = search_analyser_create() else {
            throw SearchError(.damaged, "The text analyser cannot start: memory is short, or SQLite lacks FTS5")
        }
        handle = created
    }

    deinit { search_analyser_destroy(handle) }

    // Sound to send: an analyser is either in the pool or in the hands of the one caller that took it out.
    private struct Pooled: @unchecked Sendable {
        let analyser: TextAnalyser
    }

    private static let pool = Mutex<[Pooled]>([])

    /// Lends an analyser to `body`.
    static func shared<T>(_ body: (TextAnalyser) throws -> T) throws -> T {
        let pooled = try pool.withLock { $0.popLast() } ?? Pooled(analyser: TextAnalyser())
        defer { pool.withLock { if $0.count < 8 { $0.append(pooled) } } }
        return try body(pooled.analyser)
    }

    func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        forEachToken(of: text) { token, flags, start, end in
            tokens.append(
                Token(text: String(decoding: token, as: UTF8.self), flags: flags, start: start, end: end))
        }
        return tokens
    }

    /// Calls `body` with each token's bytes, flags and byte offsets, without allocating.
    func forEachToken(
        of text: String, _ body: (UnsafeRawBufferPointer, _ flags: Int32, _ start: Int, _ end: Int) -> Void
    ) {
        var text = text
        text.withUTF8 { bytes in
            withoutActuallyEscaping(body) { body in
                var sink = Sink(body: body)
                withUnsafeMutablePointer(to: &sink) { sink in
                    let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
                    _ = search_analyse(handle, start, Int32(clamping: bytes.count), sink) {
                        context, flags, token, length, start, end in
                        guard let sink = context?.assumingMemoryBound(to: Sink.self), let token else { return 0 }
                        sink.pointee.body(
                            UnsafeRawBufferPointer(start: token, count: Int(length)), flags, Int(start), Int(end))
                        return 0
                    }
                }
            }
        }
    }

    private struct Sink {
        var body: (UnsafeRawBufferPointer, Int32, Int, Int) -> Void
    }

    /// The English stem of a folded word.
    func stem(of word: String) -> String {
        var word = word
        return word.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(SEARCH_TOKEN_LIMIT) + 1) { stem in
                let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
                guard let start, let target = stem.baseAddress else { return "" }
                let count = search_stem(handle, start, Int32(clamping: bytes.count), target)
                return String(decoding: UnsafeRawBufferPointer(start: target, count: Int(count)), as: UTF8.self)
            }
        }
    }
}
