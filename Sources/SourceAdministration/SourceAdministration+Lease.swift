internal import Journal
internal import SiteConnection
internal import Store

extension SourceAdministration {
    /// Names whoever administers a source in its lease, so that no keeper works on it meanwhile.
    static let holder = "administration"

    /// Runs `body` while nobody else works on the source.
    ///
    /// - Parameter patience: How long to wait for whoever works on it now.
    /// - Throws: `SyncFailure` with code `sourceBusy` where that does not end in time.
    func withLease<Result: Sendable>(
        of source: Source, for job: String, patience: Duration = .seconds(30),
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await acquire(source, job, patience)
        let result: Result
        do {
            result = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await keepLease(of: source) }
                defer { group.cancelAll() }
                return try await body()
            }
        } catch {
            try await release(source)
            throw error
        }
        try await release(source)
        return result
    }

    private static var length: Duration { .seconds(60) }

    private func acquire(_ source: Source, _ job: String, _ patience: Duration) async throws {
        let deadline = ContinuousClock.now + patience
        while true {
            let now = store.now
            let isOurs = try await store.write {
                try SourceLeases.acquire(
                    source: source.id, holder: Self.holder, job: job, now: now, for: Self.length, in: $0)
            }
            if isOurs { return }
            guard ContinuousClock.now < deadline else {
                throw SyncFailure(
                    .sourceBusy, what: "\(source.name) is being synchronised.",
                    fix: "Pause it first, or try again when that has ended.")
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private func keepLease(of source: Source) async throws {
        while (try? await Task.sleep(for: .seconds(15))) != nil {
            let now = store.now
            _ = try await store.write {
                try SourceLeases.renew(
                    source: source.id, holder: Self.holder, now: now, for: Self.length, in: $0)
            }
        }
    }

    private func release(_ source: Source) async throws {
        try await store.write { try SourceLeases.release(source: source.id, holder: Self.holder, in: $0) }
    }
}
