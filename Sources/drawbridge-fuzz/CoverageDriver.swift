#if LIBFUZZER
    import CLibFuzzer
    import Foundation
    import Fuzzing

    /// Hands the targets to libFuzzer, which looks for inputs that reach code no other did.
    enum CoverageDriver {
        // Set once, before libFuzzer starts; it calls back without a place for a value of ours.
        nonisolated(unsafe) private static var target: FuzzTarget?

        static func run(_ target: FuzzTarget, _ words: [String]) -> Never {
            Self.target = target
            var arguments = ([CommandLine.arguments[0]] + words).map { strdup($0) } + [nil]
            var count = Int32(words.count + 1)
            let status = arguments.withUnsafeMutableBufferPointer { buffer in
                var start = buffer.baseAddress
                return LLVMFuzzerRunDriver(&count, &start) { bytes, length in
                    CoverageDriver.target?.run(Array(UnsafeBufferPointer(start: bytes, count: length)))
                    return 0
                }
            }
            exit(status)
        }
    }
#endif
