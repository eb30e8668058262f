import Database
import FastJSON
import Foundation
import HTTPClient
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import SearchIndex
import SimulatedSite
import Store
import SyncEngine

/// A first full read of a simulated Cloud site in another process on this machine: fetched, decoded, access computed, stored
/// and searchable.
struct SyncBenchmark {
    let issues: Int
    let latency: Int
    let isDataCenter: Bool
    let keep: String?

    init(_ arguments: BenchArguments, latency: Int) {
        issues = arguments.number("issues", default: 20_000)
        self.latency = latency
        isDataCenter = arguments.options["mode"] == "dc"
        keep = arguments.options["keep"]
    }

    func run() async throws -> BenchReport {
        let simulator = try SimulatorProcess(issues: issues, latency: latency, isDataCenter: isDataCenter)
        defer { simulator.stop() }
        let folder = keep ?? NSTemporaryDirectory() + "drawbridge-bench-\(UUID().uuidString)"
        defer { if keep == nil { try? FileManager.default.removeItem(atPath: folder) } }
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        let store = try await Store(
            folder: DataFolder(path: folder, for: .writing), options: options, migrations: SearchIndex.migrations)
        let transport = CurlTransport()
        let credential: Credential =
            isDataCenter
            ? .personalAccessToken(simulator.secret) : .apiToken(email: simulator.user, token: simulator.secret)
        _ = try await SourceSetup(transport: transport).add(
            .init(name: "bench", address: simulator.url, credential: credential), to: store)
        let phases = PhaseClock()
        let service = SyncService(store: store, transport: transport)
        let before = CPUTime.own()
        let simulatorBefore = CPUTime.of(process: simulator.processID)
        let summary = try await service.synchronise("bench") { phases.note($0) }
        let spent = CPUTime.own() - before
        var report = BenchReport(name: "sync \(isDataCenter ? "dc" : "cloud") \(issues) issues, \(latency) ms")
        let seconds = phases.seconds(of: .issues)
        report.add(
            "issues a second", Double(summary.issues.stored) / seconds, "/s", atLeast: latency == 0 ? 3_000 : 2_500)
        let perIssue = 1e6 / Double(max(1, summary.issues.read))
        report.add("  processor time of this program", spent * perIssue, "µs an issue")
        report.add(
            "  of the simulator", (CPUTime.of(process: simulator.processID) - simulatorBefore) * perIssue, "µs an issue"
        )
        report.add("issues stored", Double(summary.issues.stored), "")
        report.add("whole run", summary.seconds, "s")
        for phase in SyncPhase.allCases.dropLast() {
            report.add("  of it \(phase.rawValue)", phases.seconds(of: phase), "s")
        }
        let issueRequests = try await simulator.issueRequests(transport)
        if !isDataCenter {
            report.add(
                "requests per 1,000 issues", Double(issueRequests) * 1_000 / Double(max(1, summary.issues.read)), "",
                atMost: 15)
        }
        report.add("requests in all", Double(summary.requests), "")
        report.add("JSON received per issue", Double(summary.bytes) / Double(max(1, summary.issues.read)), "bytes")
        report.add("largest memory", Self.peakMemory(), "MB", atMost: 400)
        try await addSize(of: store, to: &report)
        await store.close()
        return report
    }

    private func addSize(of store: Store, to report: inout BenchReport) async throws {
        let raw = store.raw
        let (alone, stored, parts) = try await store.read { connection in
            // A source that does not exist has no dictionary: its packer compresses each copy alone.
            let packer = try raw.packer(source: -1, in: connection)
            let ids = try connection.rows("SELECT issue_id FROM issue_raw WHERE issue_id % 10 = 0") { $0.int64(0) }
            var (alone, stored) = (0, 0)
            for id in ids {
                guard let parts = try raw.parts(ofIssue: id, in: connection) else { continue }
                alone += try packer.pack(parts).bytes.count
            }
            stored =
                try connection.first("SELECT sum(length(body)) FROM issue_raw WHERE issue_id % 10 = 0") {
                    $0.int(0)
                } ?? 0
            let parts = try connection.rows(
                "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = 1 GROUP BY name ORDER BY 2 DESC LIMIT 14"
            ) { ($0.text(0), $0.int(1)) }
            let all = try connection.first("SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1") { $0.int(0) } ?? 0
            return (alone * 10, stored * 10, [("all", all)] + parts)
        }
        let unit = Double(max(1, alone))
        report.add("database against copies alone", Double(parts[0].1) / unit, "×", atMost: 2.5)
        report.add("copies compressed alone", Double(alone) / 1e6, "MB")
        report.add("  with the dictionary", Double(stored) / unit, "×")
        for (name, bytes) in parts.dropFirst() { report.add("  \(name)", Double(bytes) / unit, "×") }
    }

    /// The most memory this process had resident, in megabytes.
    private static func peakMemory() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let digits = line?.filter(\.isNumber) ?? ""
        return (Double(digits) ?? 0) / 1_024
    }
}

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
final class PhaseClock: @unchecked Sendable {
    // Sound: every access holds the lock.
    private let lock = NSLock()
    private var began: [(phase: SyncPhase, at: ContinuousClock.Instant)] = []

    func note(_ progress: SyncProgress) {
        lock.withLock {
            if began.last?.phase != progress.phase { began.append((progress.phase, .now)) }
        }
    }

    func seconds(of phase: SyncPhase) -> Double {
        lock.withLock {
            guard let index = began.firstIndex(where: { $0.phase == phase }) else { return 0 }
            let end = index + 1 < began.count ? began[index + 1].at : .now
            let duration = began[index].at.duration(to: end)
            return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        }
    }

}

/// A simulated site in a process of its own: this program, started again.
final class SimulatorProcess {
    let url: String
    let user: String
    let secret: String
    private let process = Process()

    init(issues: Int, latency: Int, isDataCenter: Bool) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "simulate", "--issues", "\(issues)", "--latency", "\(latency)", "--mode", isDataCenter ? "dc" : "cloud",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let data = pipe.fileHandleForReading.availableData
            guard !data.isEmpty else { throw CocoaError(.executableLoad) }
            line += String(decoding: data, as: UTF8.self)
        }
        let words = line.dropLast().split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3 else { throw CocoaError(.executableLoad) }
        (url, user, secret) = (words[0], words[1], words[2])
    }

    /// Requests for issues, their parts and lists of them; those for the site's configuration are not counted.
    func issueRequests(_ transport: any HTTPTransport) async throws -> Int {
        let answer = try await transport.send(HTTPRequest(.get, url + "/__simulator/requests"))
        guard case .object(let routes)? = try JSONValue(parsing: answer.body)["byRoute"] else { return 0 }
        let names = ["/search/jql", "/rest/api/2/search", "bulkfetch", "/comment", "/worklog"]
        return routes.filter { route in names.contains { route.key.contains($0) } }
            .reduce(0) { $0 + ($1.value.integer ?? 0) }
    }

    var processID: Int32 { process.processIdentifier }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// What the started process does: serves the site until it is ended.
    static func serve(_ arguments: BenchArguments) async throws {
        let isDataCenter = arguments.options["mode"] == "dc"
        let site = SimulatedSite(
            SiteConfiguration(
                flavour: isDataCenter ? .dataCenter : .cloud, issueCount: arguments.number("issues", default: 20_000)))
        var configuration = SimulatorConfiguration()
        configuration.latency = .milliseconds(arguments.number("latency", default: 0))
        let server = SimulatorServer(site: site, configuration: configuration)
        try server.start()
        guard let person = server.credentials.administrator, let first = server.credentials.all(of: person).first
        else { return }
        await server.prerender(for: .user(person.index))
        FileHandle.standardOutput.write(Data("\(server.url)\t\(first.user)\t\(first.secret)\n".utf8))
        while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
    }
}
