import Glibc
import Synchronization

/// How a subprocess is kept from everything but the file it reads.
public enum Sandbox: Hashable, Sendable {
    /// bubblewrap: no network, no files but the system's programs and libraries (read-only), own processes; and limits.
    case bubblewrap
    /// Limits on memory, processor time and file size only: where user namespaces are forbidden, as in many containers.
    case limitsOnly

    /// What this machine allows, found out once by trying.
    public static func detect() -> Sandbox {
        detected.withLock { known in
            if let known { return known }
            let command = Sandbox.bubblewrap.command(["/usr/bin/true"], limits: .standard)
            var limits = AttachmentLimits.standard
            limits.timeout = .seconds(10)
            let subprocess = Subprocess(command: command, input: [], limits: limits)
            let works: Bool
            if case .exited(0, _) = subprocess.run() { works = true } else { works = false }
            known = works ? .bubblewrap : .limitsOnly
            return works ? .bubblewrap : .limitsOnly
        }
    }

    private static let detected = Mutex<Sandbox?>(nil)

    /// Whether `bwrap` and `prlimit` can be used at all.
    static func isInstalled(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// The command line that runs `command` confined. The first word must be an absolute path.
    func command(_ command: [String], limits: AttachmentLimits) -> [String] {
        let limited =
            [
                "/usr/bin/prlimit", "--as=\(limits.memoryBytes)", "--cpu=\(limits.processorSeconds)",
                "--fsize=\(limits.fileBytes)", "--nofile=64", "--core=0", "--",
            ] + command
        guard self == .bubblewrap else { return limited }
        var words = [
            "/usr/bin/bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
            "--setenv", "PATH", "/usr/bin", "--setenv", "LANG", "C.UTF-8",
            "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
            "--symlink", "usr/lib64", "/lib64", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
            "--ro-bind-try", "/etc/fonts", "/etc/fonts", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            "--chdir", "/tmp",
        ]
        if let program = command.first, !program.hasPrefix("/usr/") {
            words += ["--ro-bind", program, program]
            // The program's own libraries, where they are not among the system's.
            for folder in Self.libraryFolders() { words += ["--ro-bind", folder, folder] }
        }
        return words + limited
    }

    /// The folders outside `/usr` that this process's shared libraries come from.
    private static func libraryFolders() -> [String] {
        guard let file = fopen("/proc/self/maps", "r") else { return [] }
        defer { fclose(file) }
        var folders: Set<String> = []
        var buffer = [CChar](repeating: 0, count: 8_192)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard let slash = line.firstIndex(of: "/") else { continue }
            let path = line[slash...].prefix { $0 != "\n" }
            guard path.contains(".so"), !path.hasPrefix("/usr/"), !path.hasPrefix("/lib"),
                let end = path.lastIndex(of: "/")
            else { continue }
            folders.insert(String(path[..<end]))
        }
        return folders.sorted()
    }
}
