#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What the system does with files, with errors that name the file.
enum Disk {
    /// Bytes that this user may still write to the file system that holds `path`; `nil` where it cannot be told.
    static func freeBytes(at path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// The size of a file; 0 where there is none.
    static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The folder that holds `path`, as it was written.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a folder that only its owner may enter, without whatever an interrupted copy left in one of its name.
    static func makeWorkFolder(_ path: String) throws(BackupError) {
        removeWorkFolder(path)
        guard mkdir(path, 0o700) == 0 else { throw failure("make", path) }
    }

    /// Removes a folder of files.
    static func removeWorkFolder(_ path: String) {
        for name in names(in: path) { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// What a folder holds, sorted; nothing where it cannot be read.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Gives a finished file its name, which nothing may have yet.
    static func place(_ draft: String, as path: String) throws(BackupError) {
        guard link(draft, path) == 0 else {
            if errno == EEXIST { throw BackupError(.exists, "'\(path)' exists; a backup never overwrites a file") }
            // Some file systems know no second names.
            guard errno == EPERM || errno == ENOTSUP, !exists(path), systemRename(draft, path) == 0 else {
                throw failure("create", path)
            }
            return synchronise(folderOf: path)
        }
        unlink(draft)
        synchronise(folderOf: path)
    }

    /// Has the system write a folder's entries down: a name that was given outlives a loss of power.
    static func synchronise(folderOf path: String) {
        let descriptor = open(parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func remove(_ path: String) { unlink(path) }

    static func rename(_ old: String, _ new: String) throws(BackupError) {
        guard systemRename(old, new) == 0 else { throw failure("create", new) }
    }

    /// Says what the system's error number means here.
    static func failure(_ verb: String, _ path: String, _ number: Int32 = errno) -> BackupError {
        switch number {
        case ENOSPC, EDQUOT:
            BackupError(.noSpace, "The disk of '\(path)' is full. Free some space, or name another place")
        case EEXIST:
            BackupError(.exists, "'\(path)' exists; a backup never overwrites a file")
        default:
            BackupError(
                .file,
                "The system could not \(verb) '\(path)': \(String(cString: strerror(number))). Check the path and its permissions"
            )
        }
    }
}

/// The system's function, where a method of the same name would hide it.
private func systemRename(_ old: String, _ new: String) -> Int32 { rename(old, new) }

/// An open file, closed with the value's life.
final class OpenFile {
    let path: String
    private let descriptor: Int32

    init(reading path: String) throws(BackupError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Disk.failure("read", path) }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    /// Makes a file that only its owner may read; there must be none of this name.
    init(creating path: String) throws(BackupError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Disk.failure("create", path) }
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes; fewer only at the end of the file.
    func read(_ count: Int) throws(BackupError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let done = bytes.withUnsafeMutableBytes { systemRead(descriptor, $0, from: filled) }
            if done < 0, errno == EINTR { continue }
            guard done >= 0 else { throw Disk.failure("read", path) }
            if done == 0 { break }
            filled += done
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(BackupError) {
        var written = 0
        while written < bytes.count {
            let done = bytes.withUnsafeBytes { systemWrite(descriptor, $0, from: written) }
            if done < 0, errno == EINTR { continue }
            guard done > 0 else { throw Disk.failure("write", path) }
            written += done
        }
    }

    /// Has the system write everything down.
    func synchronise() throws(BackupError) {
        guard fsync(descriptor) == 0 else { throw Disk.failure("write", path) }
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, from start: Int) -> Int {
    read(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
}
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer, from start: Int) -> Int {
    write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
}
