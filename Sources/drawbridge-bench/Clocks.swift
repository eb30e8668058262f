import Foundation
import SiteConnection
import Synchronization
import SyncEngine

/// Processor time in seconds, which other work on the machine does not lengthen.
enum CPUTime {
    static func own() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    /// Of another process since it served its first request, in clock ticks of a hundredth of a second.
    static func of(process: Int32) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / 100
    }
}

/// When each phase began.
final class PhaseClock: Sendable {
    private let began = Mutex<[(phase: SyncPhase, at: ContinuousClock.Instant)]>([])

    func note(_ progress: SyncProgress) {
        began.withLock { began in
            if began.last?.phase != progress.phase { began.append((progress.phase, .now)) }
        }
    }

    func seconds(of phase: SyncPhase) -> Double {
        began.withLock { began in
            guard let index = began.firstIndex(where: { $0.phase == phase }) else { return 0 }
            let end = index + 1 < began.count ? began[index + 1].at : .now
            return began[index].at.duration(to: end) / .seconds(1)
        }
    }
}
