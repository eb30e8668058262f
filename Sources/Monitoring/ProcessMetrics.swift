internal import Observability

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What the system says of this process.
enum ProcessMetrics {
    static func measure(_ metrics: Metrics) {
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            metrics.set(cpu, to: seconds + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6)
        }
        if let pages = resident { metrics.set(memory, to: Double(pages * Int64(sysconf(Int32(_SC_PAGESIZE))))) }
        if let files = openFiles { metrics.set(descriptors, to: Double(files)) }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 {
            metrics.set(descriptorLimit, to: Double(limit.rlim_cur))
        }
    }

    private static let cpu = Metric.gauge("process_cpu_seconds", "Processor time used by this process, in seconds.")
    private static let memory = Metric.gauge("process_resident_memory_bytes", "Memory this process holds, in bytes.")
    private static let descriptors = Metric.gauge("process_open_fds", "Files and connections this process has open.")
    private static let descriptorLimit = Metric.gauge("process_max_fds", "How many of them it may have open.")

    /// Pages in memory: the second number of `/proc/self/statm`.
    private static var resident: Int64? {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        let words = bytes.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
        return words.count > 1 ? Int64(String(decoding: words[1], as: UTF8.self)) : nil
    }

    private static var openFiles: Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return max(0, count)
    }
}
