import CArchive

/// The XML parts of an Office file (ISO/IEC 29500: a zip of XML), read with limits that no zip bomb passes.
struct OfficeArchive {
    enum Failure: Int32, Error {
        case damaged = 65
        case tooLarge = 66
        case encrypted = 67
    }

    /// The wanted parts by name.
    private(set) var parts: [String: [UInt8]] = [:]

    init(
        _ bytes: [UInt8], limits: AttachmentLimits, wanting isWanted: (String) -> Bool
    ) throws(Failure) {
        guard bytes.starts(with: [0x50, 0x4B]), let archive = archive_read_new() else { throw .damaged }
        defer { archive_read_free(archive) }
        archive_read_support_format_zip(archive)
        let result: Result<[String: [UInt8]], Failure> = bytes.withUnsafeBytes { buffer in
            guard archive_read_open_memory(archive, buffer.baseAddress, buffer.count) == ARCHIVE_OK else {
                return .failure(.damaged)
            }
            do throws(Failure) {
                return .success(try Self.read(archive, inputBytes: buffer.count, limits, isWanted))
            } catch { return .failure(error) }
        }
        parts = try result.get()
    }

    private static func read(
        _ archive: OpaquePointer, inputBytes: Int, _ limits: AttachmentLimits, _ isWanted: (String) -> Bool
    ) throws(Failure) -> [String: [UInt8]] {
        var parts: [String: [UInt8]] = [:]
        var entries = 0
        var expanded = 0
        let allowed = min(
            limits.maximumExpandedBytes, max(1 << 20, inputBytes.multipliedClamped(by: limits.maximumExpansionRatio)))
        var entry: OpaquePointer?
        while true {
            let status = archive_read_next_header(archive, &entry)
            if status == ARCHIVE_EOF { break }
            guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw .damaged }
            entries += 1
            guard entries <= limits.maximumArchiveEntries else { throw .tooLarge }
            guard let path = archive_entry_pathname(entry) else { continue }
            let name = String(cString: path)
            guard isWanted(name), parts[name] == nil else { continue }
            if archive_entry_is_encrypted(entry) != 0 { throw .encrypted }
            parts[name] = try data(archive, expanded: &expanded, allowed: allowed)
        }
        return parts
    }

    private static func data(
        _ archive: OpaquePointer, expanded: inout Int, allowed: Int
    ) throws(Failure) -> [UInt8] {
        var part: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, $0.count) }
            if count == 0 { return part }
            guard count > 0 else { throw .damaged }
            expanded += count
            guard expanded <= allowed else { throw .tooLarge }
            part += chunk[..<count]
        }
    }
}

extension Int {
    fileprivate func multipliedClamped(by factor: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
