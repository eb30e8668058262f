import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// A simulated site on a port, and data folders that hold it as their only source.
struct Scene {
    let server: SimulatorServer
    /// The site's time: a day behind at first, so that a day's changes can happen before the tests end.
    let clock: VirtualSiteClock
    /// Holds the data folders, secrets and what programs print.
    let folder: String

    static let source = "work"

    /// Lends a started site and takes it down afterwards.
    static func lent(
        _ site: SiteConfiguration, page: Int? = nil, _ body: (Scene) async throws -> Void
    ) async throws {
        var configuration = SimulatorConfiguration()
        configuration.issuePageLimit = page
        let clock = VirtualSiteClock(SiteClock.system.now() - 86_400_000)
        let server = SimulatorServer(site: SimulatedSite(site, clock: clock.clock), configuration: configuration)
        try server.start()
        let folder = NSTemporaryDirectory() + "drawbridge-crash-\(UUID().uuidString)"
        var result = Result<Void, any Error>.success(())
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await body(Scene(server: server, clock: clock, folder: folder))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        try? FileManager.default.removeItem(atPath: folder)
        try result.get()
    }

    /// A data folder of this name.
    func data(_ name: String) -> DataCopy { DataCopy(scene: self, path: folder + "/" + name) }

    /// A data folder to which the site has been added and nothing more.
    func added(_ name: String) async throws -> DataCopy {
        let copy = data(name)
        let administrator = try #require(server.credentials.administrator)
        let credential = try #require(server.credentials.all(of: administrator).first)
        let secret = folder + "/secret"
        try Data(credential.secret.utf8).write(to: URL(fileURLWithPath: secret))
        let options =
            credential.kind == .apiToken
            ? ["--email", credential.user, "--token-file", secret] : ["--pat-file", secret]
        try await copy.succeed(["source", "add", server.url, "--name", Self.source] + options)
        return copy
    }

    /// Requests for issues and lists of them, since the log was last reset.
    var issueRequests: Int {
        requests { $0.hasSuffix(" search") || $0.contains("search/jql") || $0.contains("issue/bulkfetch") }
    }

    /// Requests for the bytes of attachments.
    var fileRequests: Int { requests { $0.contains("attachment") } }

    private func requests(_ isCounted: (String) -> Bool) -> Int {
        server.log.countByRoute.filter { isCounted($0.key) }.reduce(0) { $0 + $1.value }
    }

    /// Runs `body` so long after the request with this number, counted from 0, has arrived.
    func killAtRequest(_ number: Int, after milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
        server.faults.add(
            Fault(
                .beforeAnswer {
                    usleep(UInt32(milliseconds) * 1_000)
                    body()
                }, skip: number))
    }

    /// How reading commands name the source's account, where the copy knows all that decides what it sees. On Data Center
    /// nobody is told who is in a security level; there the operator reads.
    var reader: [String] {
        guard server.site.configuration.flavour.isCloud, let person = server.credentials.administrator else {
            return []
        }
        return ["--as", person.accountID]
    }

    /// Everything the source's account may see.
    var truth: Seen {
        let administrator = server.credentials.administrator
        return Seen(server.truth(for: administrator.map { .user($0.index) } ?? .anonymous))
    }
}

/// One data folder of a scene.
struct DataCopy {
    let scene: Scene
    let path: String

    static let program = built("drawbridge")
    static let suddenDeath = built("libSuddenDeath.so")

    var database: String { path + "/drawbridge.sqlite" }

    /// The same in another folder, as it is now.
    func copied(as name: String) throws -> DataCopy {
        let copy = scene.data(name)
        try? FileManager.default.removeItem(atPath: copy.path)
        try FileManager.default.copyItem(atPath: path, toPath: copy.path)
        return copy
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func start(_ words: [String], disk: DiskPlan? = nil) throws -> Child {
        var environment = ProcessInfo.processInfo.environment
        environment["DRAWBRIDGE_DATA"] = path
        environment["DRAWBRIDGE_ATLASSIAN_API_URL"] = scene.server.gatewayHost
        disk?.add(to: &environment, folder: path)
        return try Child(Self.program, words, environment: environment, folder: scene.folder)
    }

    func run(_ words: [String], disk: DiskPlan? = nil) async throws -> Outcome {
        try await start(words, disk: disk).outcome()
    }

    @discardableResult
    func succeed(_ words: [String]) async throws -> Outcome {
        let outcome = try await run(words)
        try #require(outcome.status == 0, "\(words.joined(separator: " ")): \(outcome)")
        return outcome
    }

    /// How many calls that change the folder some work makes, undisturbed.
    func diskCalls(_ work: (DiskPlan) async throws -> Outcome) async throws -> Int {
        let file = scene.folder + "/count-\(UUID().uuidString)"
        let outcome = try await work(DiskPlan(count: file))
        try #require(outcome.status == 0, "\(outcome)")
        return try #require(Int(try String(contentsOfFile: file, encoding: .utf8)))
    }

    /// What the source's account sees here.
    func seen() async throws -> Seen {
        Seen(try await succeed(["access", "visible", "--source", Scene.source, "--json"] + scene.reader).json)
    }

    /// Every issue with its parts, as exported: a line an issue.
    func content() async throws -> Set<Substring> {
        Set(try await succeed(["export", "issues", "--format", "jsonl"] + scene.reader).output.split(separator: "\n"))
    }

    /// The copy is sound in itself and holds what Jira shows the source's account.
    func expectEqualsJira(_ told: String, _ location: SourceLocation = #_sourceLocation) async throws {
        let verified = try await run(["verify"])
        #expect(verified.status == 0, "\(told): \(verified)", sourceLocation: location)
        let (seen, truth) = (try await seen(), scene.truth)
        let isEqual = seen == truth
        #expect(isEqual, "\(told): \(seen.difference(truth))", sourceLocation: location)
    }
}

/// What the disk does to a started program; see `sudden_death.c`.
struct DiskPlan {
    enum Manner: String, CaseIterable {
        case before, torn, after
        case error, errors, full, readonly

        /// Those that end the process.
        static let deaths: [Manner] = [.before, .torn, .after]
    }

    var manner: Manner?
    var at = 0
    var count: String?

    init(_ manner: Manner, at call: Int) {
        self.manner = manner
        at = call
    }

    /// Only counts the calls.
    init(count file: String) { count = file }

    func add(to environment: inout [String: String], folder: String) {
        environment["LD_PRELOAD"] = DataCopy.suddenDeath
        environment["SUDDEN_DEATH_FOLDER"] = folder
        environment["SUDDEN_DEATH_AT"] = "\(at)"
        environment["SUDDEN_DEATH_HOW"] = manner?.rawValue ?? ""
        if let count { environment["SUDDEN_DEATH_COUNT"] = count }
    }
}

/// Ids of what somebody sees.
struct Seen: Hashable {
    var issues: Set<Int>
    var comments: Set<Int>
    var worklogs: Set<Int>
    var attachments: Set<Int>

    init(issues: Set<Int>, comments: Set<Int>, worklogs: Set<Int>, attachments: Set<Int>) {
        self.issues = issues
        self.comments = comments
        self.worklogs = worklogs
        self.attachments = attachments
    }

    init(_ truth: SiteTruth) {
        self.init(
            issues: Set(truth.issues), comments: Set(truth.comments), worklogs: Set(truth.worklogs),
            attachments: Set(truth.attachments))
    }

    /// From the `access visible` document.
    init(_ json: JSONValue) {
        func ids(_ name: String) -> Set<Int> {
            Set((json[name]?.array ?? []).compactMap { $0.string.flatMap { Int($0) } })
        }
        self.init(
            issues: ids("issues"), comments: ids("comments"), worklogs: ids("worklogs"),
            attachments: ids("attachments"))
    }

    /// The first few ids that only one of two has.
    func difference(_ truth: Seen) -> String {
        func text(_ name: String, _ here: Set<Int>, _ there: Set<Int>) -> String {
            let missing = there.subtracting(here).sorted().prefix(5)
            let extra = here.subtracting(there).sorted().prefix(5)
            return missing.isEmpty && extra.isEmpty ? "" : "\(name): missing \(missing), too many \(extra). "
        }
        return text("issues", issues, truth.issues) + text("comments", comments, truth.comments)
            + text("worklogs", worklogs, truth.worklogs) + text("attachments", attachments, truth.attachments)
    }
}
