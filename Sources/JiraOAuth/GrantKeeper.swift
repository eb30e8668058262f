public import HTTPMessages
import IssueModel
public import JiraClient
public import Store
import Synchronization

/// Hands out access tokens, and renews grants: one renewal at a time for each grant, however many tasks ask.
///
/// A renewed refresh token is stored before the access token that came with it is used, so that whatever dies in between, the
/// stored one is the newest or the one before it, which Atlassian lets be repeated for ten minutes.
public final class GrantKeeper: Sendable {
    /// A token is renewed so long before it ends, in milliseconds.
    private static let lead: Int64 = 60_000
    /// A token that Jira refused although it was new is not renewed again at once, in milliseconds.
    private static let pause: Int64 = 60_000
    /// Grants that nobody uses are renewed after so long, in milliseconds, for 90 days would end them.
    private static let rest: Int64 = 30 * 86_400_000

    private let store: Store
    private let endpoint: TokenEndpoint
    private let time: TimeSource
    private let state = Mutex<[Int64: Entry]>([:])

    /// What is known of a grant in this process.
    private struct Entry {
        var token: (access: String, expires: Int64, obtained: Int64)?
        /// Whether a task is renewing it at this moment; the others wait.
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// Renewed, and not stored: the disk was full. Must be stored before anything else.
        var unstored: (tokens: TokenSet, generation: Int64)?
    }

    public init(
        store: Store, transport: any HTTPTransport, endpoints: OAuthEndpoints = OAuthEndpoints(),
        time: TimeSource = .system
    ) {
        self.store = store
        self.time = time
        endpoint = TokenEndpoint(endpoints: endpoints, transport: transport) { time.now().rawValue }
    }

    var endpoints: OAuthEndpoints { endpoint.endpoints }

    /// The access token of a grant, renewed where it is about to end or Jira refused it.
    ///
    /// - Parameter refused: A token that Jira has just answered with 401.
    /// - Throws: ``OAuthError``; where ``OAuthError/endsGrant`` holds, the grant is marked as ended.
    public func accessToken(of grant: Int64, refused: String? = nil) async throws(OAuthError) -> String {
        while true {
            if let known = known(grant, refused) { return known }
            guard await enter(grant) else { continue }
            defer { leave(grant) }
            // Whoever was busy before may have renewed it.
            if let known = known(grant, refused) { return known }
            return try await renewed(grant, refused)
        }
    }

    /// Renews the grants that were left alone for a month, so that they do not end for want of use; meant to run once a day.
    ///
    /// - Returns: How many were renewed. One that fails is tried again the next time, and told of by ``Grant/lifetime(at:)``.
    public func renewIdle() async throws -> Int {
        let now = time.now().rawValue
        let idle = try await store.read { try GrantRecords.all(in: $0) }
            .filter { $0.ended == nil && $0.renewed.rawValue < now - Self.rest }
        var renewed = 0
        for grant in idle {
            do throws(OAuthError) {
                _ = try await accessToken(of: grant.id)
                renewed += 1
            } catch {
                if error.code == .cancelled { throw CancellationError() }
            }
        }
        return renewed
    }

    /// Forgets what this process knows of a grant: it was removed, or another key seals it now.
    public func forget(_ grant: Int64) {
        state.withLock { entries in
            guard entries[grant]?.isBusy == false else { return }
            entries[grant] = nil
        }
    }

    // MARK: One at a time

    private func known(_ grant: Int64, _ refused: String?) -> String? {
        let now = time.now().rawValue
        return state.withLock { entries in
            guard let token = entries[grant]?.token, now < token.expires - Self.lead else { return nil }
            if token.access == refused, now >= token.obtained + Self.pause { return nil }
            return token.access
        }
    }

    /// - Returns: Whether it is this task's turn; else the one before has finished.
    private func enter(_ grant: Int64) async -> Bool {
        let isMine = state.withLock { entries in
            if entries[grant, default: Entry()].isBusy { return false }
            entries[grant, default: Entry()].isBusy = true
            return true
        }
        if isMine { return true }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { entries in
                guard entries[grant]?.isBusy == true else { return true }
                entries[grant]?.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        return false
    }

    private func leave(_ grant: Int64) {
        let waiting = state.withLock { entries in
            entries[grant]?.isBusy = false
            let waiting = entries[grant]?.waiting ?? []
            entries[grant]?.waiting = []
            return waiting
        }
        waiting.forEach { $0.resume() }
    }

    // MARK: Renewing, while entered

    private func renewed(_ id: Int64, _ refused: String?) async throws(OAuthError) -> String {
        if let pending = state.withLock({ $0[id]?.unstored }) {
            return try await keep(pending.tokens, of: id, generation: pending.generation)
        }
        let stored = try await load(id)
        let now = time.now().rawValue
        if stored.tokens.expires - Self.lead > now, stored.tokens.access != refused {
            remember(stored.tokens, of: id, obtained: 0)
            return stored.tokens.access
        }
        guard let refresh = stored.tokens.refresh else {
            throw try await end(stored.grant, .grantExpired)
        }
        switch try await endpoint.renew(refresh, stored.app) {
        case .renewed(var tokens):
            tokens.refresh = tokens.refresh ?? refresh
            return try await keep(tokens, of: id, generation: stored.grant.generation)
        case .refused: throw try await end(stored.grant, stored.grant.lifetime(at: time.now()).reasonIfRefused)
        }
    }

    private struct Stored: Sendable {
        var grant: Grant
        var tokens: TokenSet
        var app: OAuthApp
    }

    private func load(_ id: Int64) async throws(OAuthError) -> Stored {
        do {
            let key = try store.secretKey()
            let stored: Stored? = try await store.read { connection in
                guard let grant = try GrantRecords.grant(id, in: connection),
                    let app = try GrantRecords.app(grant.app, key: key, in: connection),
                    let tokens = try GrantRecords.tokens(of: id, key: key, in: connection)
                else { return nil }
                return Stored(grant: grant, tokens: tokens, app: app)
            }
            guard let stored else {
                throw OAuthError(.grantUnknown, "The OAuth grant is not kept here any more. Connect again.")
            }
            if let ended = stored.grant.ended { throw OAuthError.ended(ended) }
            return stored
        } catch let error as OAuthError {
            throw error
        } catch {
            throw OAuthError(.unavailable, "The OAuth grant cannot be read: \(error)")
        }
    }

    /// Stores renewed tokens; only then they are used.
    private func keep(_ tokens: TokenSet, of id: Int64, generation: Int64) async throws(OAuthError) -> String {
        state.withLock { $0[id]?.unstored = (tokens, generation) }
        let isKept: Bool
        do {
            let key = try store.secretKey()
            isKept = try await store.write { context in
                try GrantRecords.renew(id, generation: generation, with: tokens, key: key, in: context)
            }
        } catch {
            throw OAuthError(
                .notStored, "The renewed OAuth grant cannot be stored, so it is not used yet: \(error)")
        }
        state.withLock { $0[id]?.unstored = nil }
        guard isKept else {
            throw OAuthError(.grantUnknown, "The OAuth grant was removed or renewed elsewhere meanwhile. Try again.")
        }
        remember(tokens, of: id, obtained: time.now().rawValue)
        return tokens.access
    }

    private func remember(_ tokens: TokenSet, of id: Int64, obtained: Int64) {
        state.withLock { $0[id]?.token = (tokens.access, tokens.expires, obtained) }
    }

    private func end(_ grant: Grant, _ code: OAuthError.Code) async throws(OAuthError) -> OAuthError {
        state.withLock { $0[grant.id]?.token = nil }
        do {
            try await store.write { try GrantRecords.end(grant.id, because: code, in: $0) }
        } catch {
            throw OAuthError(.notStored, "That the OAuth grant is over cannot be stored: \(error)")
        }
        return OAuthError.ended(code)
    }
}
