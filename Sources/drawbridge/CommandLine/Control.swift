import Console
import Database
import IssueModel
import Journal
import Scheduling
import SiteConnection
import SourceAdministration
import Store

/// A data folder that a command changes: by itself, or beside a server that holds it.
struct Control {
    let session: Session
    let path: String
    /// The process that holds the folder; `nil` where this one does.
    let server: DataFolder.Holder?

    /// Opens the data folder for writing; where a server holds it, beside that server, for short writes and requests.
    static func with<Result>(
        _ invocation: Invocation, _ body: (Control) async throws -> Result
    ) async throws -> Result {
        let path = invocation.dataFolder
        let holder = DataFolder.holder(of: path)
        guard let holder, !holder.role.isEmpty else {
            return try await Session.with(invocation, for: .writing) {
                try await body(Control(session: $0, path: path, server: nil))
            }
        }
        return try await Session.with(folder: path, for: .requesting) {
            try await body(Control(session: $0, path: path, server: holder))
        }
    }

    /// Has the server do a job, and shows how far it is meanwhile.
    ///
    /// - Throws: The failure of the job; `StoreError` where the server ends first.
    func ask(_ job: SourceWork.Job, of source: Source) async throws -> SourceWork.Outcome {
        if let server, server.role.hasPrefix("watch "), server.role != "watch \(source.name)" {
            throw StoreError(
                .folderInUse,
                "The data folder is in use by 'sync --watch' of another source (\(server.process)). Run 'drawbridge serve' instead, which keeps all of them"
            )
        }
        let request = job.request
        let id = try await session.store.write { context in
            try Requests.post(
                kind: request.kind, argument: request.argument, source: source.id, at: Session.now, in: context)
        }
        while true {
            let (answer, holding) = try await session.store.read { connection in
                (
                    try Requests.answer(id, in: connection),
                    try SourceLeases.holding(of: source.id, now: Session.now, in: connection)
                )
            }
            guard let answer else { throw ended }
            if answer.ended != nil { return try outcome(answer) }
            Terminal.progress(Self.line(holding, isStarted: answer.started != nil))
            guard DataFolder.holder(of: path) != nil else { throw ended }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private func outcome(_ answer: Requests.Answer) throws -> SourceWork.Outcome {
        Terminal.endProgress()
        switch answer.outcome {
        case "done", "failed":
            let told = try SourceAnswer(json: answer.answer ?? "{}")
            if let failure = told.failure { throw failure }
            return told.outcome ?? SourceWork.Outcome()
        case "unknown":
            throw StoreError(.folderInUse, "The server that runs is another version and does not know this. Restart it")
        default:
            throw ended
        }
    }

    private var ended: StoreError {
        Terminal.endProgress()
        return StoreError(
            .folderInUse, "The server (\(server?.process ?? 0)) ended before it did this. Run the command again")
    }

    private static func line(_ holding: SourceLeases.Holding?, isStarted: Bool) -> String {
        guard let holding else { return "waiting for the server …" }
        let job = isStarted ? "" : "waiting for: "
        guard let progress = JobProgress(holding.progress) else { return "\(job)\(holding.job) …" }
        return job + SyncReport.line(progress.progress)
    }
}
