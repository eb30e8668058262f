#if LIBFUZZER
    import CLibFuzzer
    import Foundation
    import Fuzzing

    /// What libFuzzer's own `main` would call, which is linked and never runs: it has to be there.
    @_cdecl("LLVMFuzzerTestOneInput")
    func neverCalled(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Int32 { 0 }

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
