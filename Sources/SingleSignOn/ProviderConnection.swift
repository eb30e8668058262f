import FastJSON
import HTTPMessages
import Synchronization

/// What is known of the provider, asked for when it is needed and kept for a while.
final class ProviderConnection: Sendable {
    /// How long the provider's document and keys are believed, in seconds.
    private static let lifetime: Int64 = 3_600
    /// The least time between two looks for a key that was missing, in seconds: tokens with invented ids must not become
    /// a flood at the provider.
    static let keyPause: Int64 = 30
    /// How long a failure to get the document is believed, in seconds: anybody may ask to sign in, and a provider that is
    /// down must not make requests pile up here.
    static let failurePause: Int64 = 5
    private static let bodyLimit = 256 << 10

    private struct State {
        var document: (value: ProviderDocument, until: Int64)?
        var failure: (error: SingleSignOnError, at: Int64)?
        var keys: (value: KeySet, until: Int64)?
        var looked: Int64 = .min
    }

    private let settings: SingleSignOnSettings
    private let transport: any HTTPTransport
    private let state = Mutex(State())

    init(_ settings: SingleSignOnSettings, _ transport: any HTTPTransport) {
        self.settings = settings
        self.transport = transport
    }

    func document(now: Int64) async throws(SingleSignOnError) -> ProviderDocument {
        if let known = state.withLock({ $0.document }), Self.holds(until: known.until, now) { return known.value }
        if let failure = state.withLock({ $0.failure }), (0..<Self.failurePause).contains(now - failure.at) {
            throw failure.error
        }
        do throws(SingleSignOnError) {
            let document = try await fetchDocument()
            state.withLock { $0.document = (document, now + Self.lifetime) }
            return document
        } catch {
            state.withLock { $0.failure = (error, now) }
            throw error
        }
    }

    private func fetchDocument() async throws(SingleSignOnError) -> ProviderDocument {
        let issuer = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
        return try ProviderDocument(
            try await get(issuer + "/.well-known/openid-configuration", "document"), for: settings)
    }

    /// Whether what is kept still counts; not where the clock was set back so far that it would count for longer than that.
    private static func holds(until: Int64, _ now: Int64) -> Bool { now < until && until - now <= lifetime }

    /// Whether one of the provider's keys made the token; looks for new keys once where none of the known can have.
    ///
    /// - Throws: `keyUnknown`, `tokenInvalid` where the signature is wrong.
    func verify(_ token: IdentityToken, _ document: ProviderDocument, now: Int64) async throws(SingleSignOnError) {
        var keys = state.withLock { $0.keys }
        if keys.map({ !Self.holds(until: $0.until, now) }) ?? true { keys = try await fetchKeys(document, now) }
        var candidates = keys?.value.candidates(id: token.keyID, algorithm: token.algorithm) ?? []
        let mayLook = state.withLock { $0.looked <= now - Self.keyPause || $0.looked > now }
        if candidates.isEmpty || (token.keyID == nil && !token.isSigned(byOneOf: candidates)), mayLook {
            keys = try await fetchKeys(document, now)
            candidates = keys?.value.candidates(id: token.keyID, algorithm: token.algorithm) ?? []
        }
        guard !candidates.isEmpty else {
            throw SingleSignOnError(
                .keyUnknown, "The identity token is signed with a key that the provider does not publish. Try again.")
        }
        guard token.isSigned(byOneOf: candidates) else {
            throw SingleSignOnError(.tokenInvalid, "The identity token's signature is wrong.")
        }
    }

    private func fetchKeys(
        _ document: ProviderDocument, _ now: Int64
    ) async throws(SingleSignOnError) -> (value: KeySet, until: Int64) {
        state.withLock { $0.looked = now }
        let keys = (value: try KeySet(try await get(document.keysAddress, "keys")), until: now + Self.lifetime)
        state.withLock { $0.keys = keys }
        return keys
    }

    private func get(_ url: String, _ what: String) async throws(SingleSignOnError) -> JSONValue {
        let response = try await send(HTTPRequest(.get, url, headers: ["Accept": "application/json"]))
        guard response.status == 200, let json = IdentityToken.parse(response.body) else {
            throw SingleSignOnError(
                .providerInvalid,
                "The provider's \(what) did not come (status \(response.status)). Check the issuer's address.")
        }
        return json
    }

    func send(_ request: HTTPRequest) async throws(SingleSignOnError) -> HTTPResponse {
        var request = request
        request.responseBodyLimit = Self.bodyLimit
        request.timeout = .seconds(10)
        do throws(HTTPTransportError) {
            return try await transport.send(request)
        } catch {
            throw SingleSignOnError(
                .unreachable, "The sign-in provider cannot be reached (\(error.code.rawValue)). Try again later.")
        }
    }
}
