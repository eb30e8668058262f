#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

extension DataFolder {
    /// The process that writes to a folder.
    public struct Holder: Hashable, Sendable {
        public var process: Int32
        /// What it said it does, by ``DataFolder/announce(role:)``; empty where it said nothing.
        public var role: String
    }

    /// The process that holds the folder at `path` open for writing; `nil` where none does.
    ///
    /// The lock is the system's, so this is true of the moment: a process that died holds nothing.
    public static func holder(of path: String) -> Holder? {
        let descriptor = open(path + "/" + lockName, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Shared and given back at once; a process that takes the lock meanwhile tries again.
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
        return errno == EWOULDBLOCK ? holder(in: descriptor) : nil
    }

    static func takeLock(_ file: String) throws(StoreError) -> Int32 {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno, "write to", file) }
        var triesLeft = 5
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            triesLeft -= 1
            // Somebody may only be looking who holds it.
            if reason == EWOULDBLOCK, triesLeft > 0 {
                usleep(10_000)
                continue
            }
            let holder = holder(in: descriptor)
            close(descriptor)
            guard reason == EWOULDBLOCK else { throw failure(reason, "lock", file) }
            let process = holder.process == 0 ? "" : " (\(holder.process))"
            throw StoreError(
                .folderInUse,
                "The data folder is in use by another Drawbridge process\(process). Wait for it to end or stop it")
        }
        // Only for the message above and for ``holder(of:)``; the lock itself is the system's.
        write(Holder(process: getpid(), role: ""), to: descriptor)
        return descriptor
    }

    static func write(_ holder: Holder, to descriptor: Int32) {
        let text = Array("\(holder.process)\n\(holder.role.prefix(200))\n".utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.count, 0)
    }

    private static func holder(in descriptor: Int32) -> Holder {
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let lines = bytes.prefix(max(0, count)).split(separator: UInt8(ascii: "\n"))
        func line(_ number: Int) -> String {
            lines.count > number ? String(decoding: lines[number], as: UTF8.self) : ""
        }
        return Holder(process: Int32(line(0)) ?? 0, role: line(1))
    }
}
