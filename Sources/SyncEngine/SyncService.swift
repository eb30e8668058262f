import AccessEngine
public import HTTPMessages
import IssueModel
public import JiraClient
import Journal
public import Observability
import Reconciliation
public import SiteConnection
public import Store

/// Synchronises sources: the only thing that reads a Jira site into the store.
///
/// One run at a time for each source is the caller's to ensure; the data folder's lock keeps other processes out.
public struct SyncService: Sendable {
    let store: Store
    let transport: any HTTPTransport
    let options: SyncOptions
    let time: TimeSource
    let extractor: (any AttachmentReading)?
    /// Atlassian's gateway, for tokens with scopes.
    let gatewayURL: String
    let log: Log
    let metrics: Metrics?
    let pool = ClientPool()

    /// - Parameters:
    ///   - gatewayURL: Defaults to `https://api.atlassian.com`.
    ///   - extractor: Reads the text of attachments; without one only their metadata is synchronised.
    public init(
        store: Store, transport: any HTTPTransport, gatewayURL: String = "https://api.atlassian.com",
        options: SyncOptions = SyncOptions(), extractor: (any AttachmentReading)? = nil, time: TimeSource = .system,
        log: Log = .silent, metrics: Metrics? = nil
    ) {
        self.store = store
        self.transport = transport
        self.gatewayURL = gatewayURL
        self.options = options
        self.extractor = extractor
        self.time = time
        self.log = log
        self.metrics = metrics
    }

    /// Brings a source in step with its site, or goes on where an earlier run stopped.
    ///
    /// - Parameters:
    ///   - extent: How much is read. Defaults to everything that is new.
    ///   - report: Called on every step forward, from any task.
    /// - Throws: ``SyncFailure``, with the summary of what was done by then. What was stored stays.
    public func synchronise(
        _ name: String, _ extent: SyncExtent = .all, report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(SyncFailure) -> SyncSummary {
        do {
            return try await attempt(name, extent, report)
        } catch {
            // What was asked meant another time than we thought; nothing of it was stored.
            guard error.code == .zoneChanged else { throw error }
            return try await attempt(name, extent, report)
        }
    }

    private func attempt(
        _ name: String, _ extent: SyncExtent, _ report: @escaping @Sendable (SyncProgress) -> Void
    ) async throws(SyncFailure) -> SyncSummary {
        let began = time.elapsed()
        var summary = SyncSummary(source: name)
        var record: Record?
        do {
            let found = try await self.source(named: name)
            let extent = try await adapted(extent, of: found)
            record = try await begin(found, extent)
            try await ScopeRemains.destroy(of: found.id, in: store)
            let client = try await extent.usesPooledClient ? pooledClient(of: found) : client(of: found)
            let run = SyncRun(
                source: found, store: store, client: client, options: options, extent: extent, time: time,
                extractor: extractor, personal: personal, log: log, report: report)
            defer { summary = run.summary }
            try await run.drive()
            run.enter(.finished)
        } catch {
            var failure = SyncFailure(error, in: summary.phase)
            summary.seconds = (time.elapsed() - began).seconds
            failure.summary = summary
            if let record {
                await doubt(record.source, failure)
                await end(record, summary, failure)
            }
            throw failure
        }
        summary.finished = true
        summary.seconds = (time.elapsed() - began).seconds
        if let record { await end(record, summary, nil) }
        return summary
    }

    /// A source that was never read wholly has no changes to follow yet.
    private func adapted(_ extent: SyncExtent, of source: Source) async throws -> SyncExtent {
        let (id, phase) = (source.id, SyncRun.checkpointPhase)
        let stored = try await store.read { try Checkpoints.data(phase, source: id, in: $0) }
        return extent.adapted(to: SyncRun.checkpoint(stored), source.scope)
    }

    /// Looks again who we are after a failure that may have to do with it. Where Jira then refuses the credential, the
    /// source is hidden.
    func doubt(_ source: Source, _ failure: SyncFailure) async {
        guard [.credentialRefused, .zoneChanged, .siteAnswersWrongly].contains(failure.code) else { return }
        pool.forget(source.id)
        if failure.code == .credentialRefused { _ = try? await client(of: source) }
    }

    func source(named name: String) async throws -> Source {
        guard let source = try await store.read({ try SourceRecords.find(name, in: $0) }), source.state != .removed
        else {
            throw SyncFailure(
                .sourceUnknown, what: "There is no source named \(name).",
                fix: "List the sources with drawbridge source list.")
        }
        guard source.state == .active else {
            throw SyncFailure(
                .sourcePaused, what: "The source \(name) is paused.", fix: "Resume it with drawbridge source resume.")
        }
        return source
    }

    private func credential(of source: Source) async throws -> Credential {
        let key = try store.secretKey()
        let stored = try await store.read { try SourceRecords.credential(of: source.id, key: key, in: $0) }
        return try CredentialRecord.credential(kind: source.credentialKind, stored)
    }

    /// The client of an earlier run, where it is not old and neither address nor credential changed since.
    func pooledClient(of source: Source) async throws -> JiraClient {
        let credential = try await credential(of: source)
        if let known = pool.client(of: source, credential, at: time.elapsed()) {
            return try await sharing(known, of: source)
        }
        return try await client(of: source)
    }

    /// A client that has just found out which site a source's is, and who we are there by the stored credential. A
    /// credential that the site refuses hides the source's projects.
    public func client(of source: Source) async throws -> JiraClient {
        let credential = try await credential(of: source)
        let probe = SiteProbe(transport: transport, apiURL: gatewayURL, time: time)
        let identity: SiteIdentity
        do {
            identity = try await identify(probe, source, credential)
        } catch let error as JiraError where error.refusesCredential {
            // Nobody can tell any more who may see what.
            try await AccessRefresh.hideAll(of: source, in: store, because: error, log: log)
            throw error
        }
        let client = JiraClient(
            identity, credential, transport: transport, options: options.client, time: time,
            after: pool.latest(of: source.id))
        pool.keep(client, of: source, credential, at: time.elapsed())
        return try await sharing(client, of: source)
    }

    /// A passing fault of the site must not end a run before it began.
    private func identify(
        _ probe: SiteProbe, _ source: Source, _ credential: Credential
    ) async throws -> SiteIdentity {
        let address = try SiteAddress(source.url)
        let passing: Set<JiraError.Code> = [.serverError, .rateLimited, .undecodable]
        var waits: [Duration] = [.seconds(1), .seconds(2), .seconds(4)]
        while true {
            do throws(JiraError) {
                return try await probe.identify(address, credential)
            } catch {
                guard !waits.isEmpty, passing.contains(error.code) else { throw error }
            }
            try await time.sleep(waits.removeFirst())
        }
    }
}
