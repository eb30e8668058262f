internal import CZlib
internal import Synchronization

/// Bytes in the gzip format (RFC 1952), whole or piece by piece.
///
/// Unchecked because of the pointer; sound because it is used under the lock only.
final class Gzip: @unchecked Sendable {
    // zlib keeps a pointer to the stream, which must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let lock = Mutex(())

    /// - Returns: `nil` where zlib has no memory.
    init?(level: Int32 = 5) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 more for the gzip format.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    enum Flush {
        /// More comes; zlib may keep some back.
        case none
        /// The peer shall see everything so far.
        case sync
        case finish

        fileprivate var code: Int32 {
            switch self {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        }
    }

    /// Compresses a piece and gives what is ready.
    func compress(_ bytes: [UInt8], _ flush: Flush) -> [UInt8] { lock.withLock { _ in run(bytes, flush) } }

    private func run(_ bytes: [UInt8], _ flush: Flush) -> [UInt8] {
        var output: [UInt8] = []
        var input = bytes
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(clamping: input.count)
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 << 10) { buffer in
                repeat {
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(buffer.count)
                    let result = deflate(stream, flush.code)
                    output.append(contentsOf: buffer[..<(buffer.count - Int(stream.pointee.avail_out))])
                    if result == Z_STREAM_END || result == Z_BUF_ERROR { break }
                } while stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0
            }
            stream.pointee.next_in = nil
        }
        return output
    }

    /// The whole of `bytes`; `nil` where zlib has no memory.
    static func whole(_ bytes: [UInt8]) -> [UInt8]? { Gzip()?.compress(bytes, .finish) }
}
