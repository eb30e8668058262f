import Database
import FastJSON
import Foundation
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

/// The built program dies without warning, as in a loss of power, at moments that follow from a seed.
///
/// `DRAWBRIDGE_CRASHES` says how many moments in all; `DRAWBRIDGE_CRASH_SEED` with which seed to begin, to see one again.
@Suite("Killed at any moment") struct KillTests {
    static let environment = ProcessInfo.processInfo.environment
    static let moments = environment["DRAWBRIDGE_CRASHES"].flatMap { Int($0) } ?? 3 * Work.allCases.count
    static let firstSeed = environment["DRAWBRIDGE_CRASH_SEED"].flatMap { UInt64($0) } ?? 1

    @Test(
        "whatever it was doing, the data is sound, nothing is lost, little is read twice, and the copy ends equal to Jira",
        .enabled(if: FileManager.default.fileExists(atPath: DataCopy.suddenDeath), "libSuddenDeath.so is not built"),
        arguments: Work.allCases)
    func killed(_ work: Work) async throws {
        try await Scene.lent(work.site, page: Work.page) { scene in
            let trial = try await Trial(work, scene)
            let wanted = max(1, Self.moments / Work.allCases.count)
            var (kills, seed) = (0, Self.firstSeed)
            while kills < wanted, seed < Self.firstSeed + UInt64(wanted) * 4 {
                kills += try await trial.chain(seed, atMost: wanted - kills)
                seed += 1
            }
            #expect(kills == wanted, "the moments were after the end of the work")
            print("➜ \(work.rawValue): killed \(kills) times, seeds \(Self.firstSeed) to \(seed - 1)")
        }
    }
}

/// One kind of work on one site, done undisturbed once and then with interruptions.
struct Trial {
    let work: Work
    let scene: Scene
    let prepared: DataCopy
    /// What the work takes when nothing happens.
    let calls: Int
    let requests: Int
    let issueRequests: Int
    let fileRequests: Int
    let milliseconds: Int
    let content: Set<Substring>

    /// What it takes when there is nothing to do: every run that follows a kill asks so much, whatever is left.
    let quietRequests: Int

    /// Pages that may have been listed, opened, stored ahead of one that was not, or empty at the end of a project, four
    /// each; and the count and the newest change, which a first read asks for before it begins.
    static let pagesInFlight = 4 * 4 + 3
    /// Files that may have been under way, and one that was read and not yet stored.
    static let filesInFlight = 4 + 1

    init(_ work: Work, _ scene: Scene) async throws {
        self.work = work
        self.scene = scene
        prepared = try await work.prepare(scene)
        let undisturbed = try prepared.copied(as: "undisturbed")
        scene.server.log.reset()
        let start = ContinuousClock.now
        calls = try await undisturbed.diskCalls { try await work.complete(undisturbed, disk: $0) }
        milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        requests = scene.server.log.count
        issueRequests = scene.issueRequests
        fileRequests = scene.fileRequests
        scene.server.log.reset()
        if !work.isEndless { try await undisturbed.succeed(work.command) }
        quietRequests = scene.issueRequests
        try await undisturbed.expectEqualsJira("undisturbed")
        content = try await undisturbed.content()
    }

    /// Kills the work some times over, lets it end, and compares. Returns how often it was killed.
    func chain(_ seed: UInt64, atMost limit: Int) async throws -> Int {
        var random = SeededRandom(seed: seed)
        let copy = try prepared.copied(as: "seed-\(seed)")
        defer { copy.remove() }
        scene.server.log.reset()
        var (kills, stored, isDone) = (0, 0, false)
        var told = "\(work.rawValue), DRAWBRIDGE_CRASH_SEED=\(seed):"
        let planned = min(limit, random.within(1...4))
        while kills < planned, !isDone {
            let moment = Moment(calls: calls, requests: requests, milliseconds: milliseconds, using: &random)
            told += " \(moment);"
            let outcome = try await kill(copy, moment)
            // A moment that lies behind the end of the work.
            isDone = outcome.status == 0
            #expect(outcome.wasKilled || isDone, "\(told) \(outcome)")
            guard outcome.wasKilled else { break }
            kills += 1
            let now = try await expectSound(copy, told)
            #expect(now >= stored, "\(told) \(stored) issues were stored before")
            stored = now
        }
        let last = isDone ? nil : try await work.complete(copy)
        #expect(last?.status ?? 0 == 0, "\(told) \(last?.description ?? "")")
        let (issues, files) = (scene.issueRequests, scene.fileRequests)
        // What goes on until it is stopped asks as often as there is time.
        let limit = work.isEndless ? .max : issueRequests + kills * (Self.pagesInFlight + quietRequests)
        #expect(issues <= limit, "\(told) without it, \(issueRequests); with nothing to do, \(quietRequests)")
        #expect(work != .reindex || scene.server.log.count == 0, "\(told) Jira was asked")
        #expect(files <= fileRequests + kills * Self.filesInFlight, "\(told) without it, \(fileRequests)")
        try await copy.expectEqualsJira(told)
        let difference = try await copy.content().symmetricDifference(content)
        #expect(difference.isEmpty, "\(told) \(difference.prefix(2))")
        return kills
    }

    private func kill(_ copy: DataCopy, _ moment: Moment) async throws -> Outcome {
        switch moment {
        case .disk(let manner, let call):
            let running = try copy.start(work.command, disk: DiskPlan(manner, at: call))
            return try await outcome(of: running)
        case .time(let milliseconds):
            let running = try copy.start(work.command)
            async let outcome = running.outcome()
            try await Task.sleep(for: .milliseconds(milliseconds))
            running.kill()
            return try await outcome
        case .request(let number, let milliseconds):
            let running = try copy.start(work.command)
            scene.killAtRequest(number, after: milliseconds) { running.kill() }
            let outcome = try await outcome(of: running)
            scene.server.faults.removeAll()
            return outcome
        }
    }

    /// Waits for the end of what was started. What would go on for ever, though its moment is past, is killed where it is.
    private func outcome(of running: Child) async throws -> Outcome {
        guard work.isEndless else { return try await running.outcome() }
        async let outcome = running.outcome()
        let deadline = ContinuousClock.now + .milliseconds(milliseconds + 2_000)
        while running.isRunning, .now < deadline { try await Task.sleep(for: .milliseconds(50)) }
        running.kill()
        return try await outcome
    }

    /// Whether a reading program finds the data sound. Returns how many issues there are.
    private func expectSound(_ copy: DataCopy, _ told: String) async throws -> Int {
        let verified = try await copy.run(["verify", "--json"])
        if work == .migration, verified.status == 1, verified.errors.contains("older program") {
            // Not migrated yet: only what SQLite itself says of it.
            let database = try OldSchema.database(try copy.copied(as: "looked-at").database)
            let problems = try await database.integrityProblems()
            #expect(problems.isEmpty, "\(told) \(problems)")
            await database.close()
            return 0
        }
        #expect(verified.status == 0, "\(told) \(verified)")
        return try verified.json["issues"]?.integer ?? 0
    }
}
