import Console
import Glibc

/// How many files and sockets the system lets this process open.
enum OpenFiles {
    /// Descriptors that databases, Jira's connections and helpers need beside the server's own.
    private static let reserved = 512

    /// The connections the server may take: as many as wanted, or as the system allows after asking it for more.
    static func connections(wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return min(wanted, 256) }
        let needed = rlim_t(wanted + reserved)
        if limit.rlim_cur < needed {
            limit.rlim_cur = min(needed, limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let possible = Int(clamping: limit.rlim_cur) - reserved
        guard possible < wanted else { return wanted }
        let allowed = max(16, possible)
        Terminal.note(
            "drawbridge: the system allows \(limit.rlim_cur) open files, so at most \(allowed) connections are taken; raise 'ulimit -n' (systemd: LimitNOFILE) for \(wanted)"
        )
        return allowed
    }
}
