import AccessControl
import Database
import Foundation
import HTTPClient
import IssueModel
import JiraClient
import SearchIndex
import SiteConnection
import Store
import Workspace

/// A data folder with one source, for the length of a benchmark.
struct BenchSource {
    static let name = "bench"
    let folder: String
    let store: Store

    init(folder: String = NSTemporaryDirectory() + "drawbridge-bench-\(UUID().uuidString)") async throws {
        self.folder = folder
        store = try await Self.open(folder, for: .writing)
    }

    static func open(_ folder: String, for access: DataFolder.Access) async throws -> Store {
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        return try await Store(
            folder: DataFolder(path: folder, for: access), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations)
    }

    /// - Parameter mode: How it is found out who may see what; as the credential allows where none is given.
    func add(
        _ simulator: SimulatorProcess, _ transport: CurlTransport, isDataCenter: Bool = false,
        mode: Source.AccessMode? = nil
    ) async throws {
        let credential: Credential =
            isDataCenter
            ? .personalAccessToken(simulator.secret) : .apiToken(email: simulator.user, token: simulator.secret)
        _ = try await SourceSetup(transport: transport).add(
            .init(name: Self.name, address: simulator.url, credential: credential, mode: mode), to: store)
    }

    /// The source as it is stored.
    func source() async throws -> Source {
        guard let found = try await store.read({ try SourceRecords.find(Self.name, in: $0) }) else {
            throw BenchFailure("The source is gone.")
        }
        return found
    }

    /// About one issue in so many, by Jira's id; not those of round numbers, which are special on made sites.
    func ids(every step: Int) async throws -> [Int64] {
        let odd = step > 2 ? step - 1 | 1 : step
        return try await store.read { connection in
            try connection.rows("SELECT jira_id FROM issue WHERE id % ? = 0 ORDER BY id", odd) { $0.int64(0) }
        }
    }

    /// A number as letters, so that a word can be made of it that no text holds and that no other shares a stem with.
    static func letters(_ number: Int) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz")
        return String([alphabet[number / 676 % 26], alphabet[number / 26 % 26], alphabet[number % 26], "q"])
    }

    func close() async {
        await store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Whether the operator finds one issue by this word.
    static func finds(_ word: String, _ searcher: Searcher, _ store: Store) async throws -> Bool {
        let access = store.access
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        let found = try await searcher.search(SearchRequest(word, limit: 1, now: now)) { connection in
            try access.allowed(to: .operator, in: connection)
        }
        return found.total == 1
    }
}
