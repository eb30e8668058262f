import Glibc

/// The hidden mode of the program that reads one untrusted file and nothing else.
///
/// Runs inside the sandbox that ``AttachmentExtractor`` makes: standard input is the file, standard output its text.
public enum ExtractionWorker {
    /// Reads standard input, writes its text to standard output and answers the exit code: 0 done, 64 wrong usage,
    /// 65 damaged, 66 too large, 67 encrypted, 74 not readable.
    ///
    /// - Parameter arguments: `--type docx|xlsx|pptx` and optionally `--input-bytes N`, `--text-bytes N`, `--entries N`,
    ///   `--expanded-bytes N`, `--ratio N`.
    public static func run(arguments: [String]) -> Int32 {
        guard let (type, limits) = parse(arguments) else { return 64 }
        guard let input = readAll(limit: limits.maximumInputBytes) else { return 74 }
        do throws(OfficeArchive.Failure) {
            let text = try OfficeText.extract(input, type: type, limits: limits)
            // One byte more than allowed tells the reader that there was more.
            return writeAll(Array(text.utf8.prefix(limits.maximumTextBytes + 1))) ? 0 : 74
        } catch {
            return error.rawValue
        }
    }

    static func arguments(type: AttachmentType, limits: AttachmentLimits) -> [String] {
        [
            "--type", type.rawValue, "--input-bytes", "\(limits.maximumInputBytes)",
            "--text-bytes", "\(limits.maximumTextBytes)", "--entries", "\(limits.maximumArchiveEntries)",
            "--expanded-bytes", "\(limits.maximumExpandedBytes)", "--ratio", "\(limits.maximumExpansionRatio)",
        ]
    }

    private static func parse(_ arguments: [String]) -> (AttachmentType, AttachmentLimits)? {
        var limits = AttachmentLimits.standard
        var type: AttachmentType?
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            if option == "--type" {
                type = AttachmentType(rawValue: value)
                continue
            }
            guard let number = Int(value), number > 0 else { return nil }
            switch option {
            case "--input-bytes": limits.maximumInputBytes = number
            case "--text-bytes": limits.maximumTextBytes = number
            case "--entries": limits.maximumArchiveEntries = number
            case "--expanded-bytes": limits.maximumExpandedBytes = number
            case "--ratio": limits.maximumExpansionRatio = number
            default: return nil
            }
        }
        guard let type, [.docx, .xlsx, .pptx].contains(type) else { return nil }
        return (type, limits)
    }

    private static func readAll(limit: Int) -> [UInt8]? {
        var input: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
            if count == 0 { return input }
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            guard input.count + count <= limit else { return nil }
            input += chunk[..<count]
        }
    }

    private static func writeAll(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { write(1, $0.baseAddress.map { $0 + offset }, bytes.count - offset) }
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            offset += count
        }
        return true
    }
}
