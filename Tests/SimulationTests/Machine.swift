import JiraSimulator
import Database
import HTTPMessages
import IssueModel
import JiraClient
import SearchIndex
import Simulation
import Store
import SyncEngine
import Webhooks
import Workspace

/// Drawbridge from its start until it stops or is killed.
final class Machine: Sendable {
    let process: SimulatedProcess
    let store: Store
    let searcher: Searcher
    let service: SyncService
    let inbox: WebhookInbox
    /// Ends when the process is killed.
    let life: AsyncStream<Void>
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
        var inboxOptions = WebhookInbox.Options()
        inboxOptions.execution = .inline
        inbox = try await WebhookInbox(path: world.folder + "/inbox.sqlite", options: inboxOptions)
        searcher = Searcher(store.database)
        let transport = world.plant?.transport(process) ?? process
        service = SyncService(
            store: store, transport: transport, gatewayURL: world.jira.gatewayHost, options: world.scenario.options,
            time: process.time)
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
