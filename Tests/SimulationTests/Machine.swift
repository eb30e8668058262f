import JiraSimulator
import Database
import HTTPMessages
import IssueModel
import JiraClient
import Scheduling
import SearchIndex
import Simulation
import SiteConnection
import Store
import SyncEngine
import Webhooks
import Workspace

/// Drawbridge from its start until it stops or is killed: the store, the inbox of webhooks, and the keeper at work.
final class Machine: Sendable {
    let process: SimulatedProcess
    let store: Store
    let searcher: Searcher
    let receiver: WebhookReceiver
    private let inbox: WebhookInbox
    private let keeper: SourceKeeper
    /// Ends when the process is killed.
    private let life: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    /// Starts it on what is stored in the world's folder.
    init(_ world: World) async throws {
        let process = SimulatedProcess(network: world.network, clock: world.clock, wall: world.wall)
        self.process = process
        (life, end) = AsyncStream.makeStream()
        var options = Database.Options(execution: .inline, writerCache: 2_048, readerCache: 2_048, pageSize: 4_096)
        options.onOpen = { connection in
            try SearchIndex.register(on: connection)
            try process.disk.install(on: connection)
        }
        let wall = world.wall
        store = try await Store(
            folder: DataFolder(path: world.folder, for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations, clock: { wall.now })
        searcher = Searcher(store.database)
        var inboxOptions = WebhookInbox.Options()
        inboxOptions.execution = .inline
        inbox = try await WebhookInbox(path: world.folder + "/inbox.sqlite", options: inboxOptions)
        receiver = WebhookReceiver(store: store, inbox: inbox, clock: { wall.now })
        try await receiver.start()
        let service = SyncService(
            store: store, transport: world.plant?.transport(process) ?? process, gatewayURL: world.jira.gatewayHost,
            options: world.scenario.options, time: process.time)
        keeper = Self.keeper(
            world, store, process, .service(service, store: store, receiver: receiver, time: process.time))
    }

    private static func keeper(
        _ world: World, _ store: Store, _ process: SimulatedProcess, _ real: SourceWork
    ) -> SourceKeeper {
        var work = real
        work.perform = { (job, source, report) async throws(SyncFailure) -> SourceWork.Outcome in
            guard world.allows(job) else {
                // What was not done is due at once again.
                await world.sleep(seconds: 60)
                return SourceWork.Outcome()
            }
            await world.plant?.before(job, store, world)
            let ending: Result<SourceWork.Outcome, SyncFailure>
            do throws(SyncFailure) {
                ending = .success(try await real.perform(job, source, report))
            } catch {
                ending = .failure(error)
            }
            await world.plant?.after(job, store, process, world)
            await world.ended(job, ending)
            return try ending.get()
        }
        var options = SourceKeeper.Options(holder: "process \(world.nextLife())")
        options.heartbeat = .seconds(20)
        options.poll = .seconds(world.scenario.poll)
        return SourceKeeper(store: store, work: work, options: options, time: process.time)
    }

    /// Works until the task is cancelled or the process killed.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [keeper] in try? await keeper.run() }
            group.addTask { [life] in for await _ in life {} }
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends it as `kill -9` would. Holds nothing that would keep the data folder in use.
    var kill: @Sendable () -> Void {
        { [process, end] in
            process.kill()
            end.finish()
        }
    }

    func stop() async {
        await inbox.close()
        await store.close()
    }
}
