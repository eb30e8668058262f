internal import Cryptography
internal import HTTPMessages
internal import IssueModel
internal import Store
internal import WebServer

/// One try at a change that was asked for with an `Idempotency-Key`.
struct IdempotentAttempt {
    let key: String
    let member: Int64
    let fingerprint: [UInt8]
    let store: Store
    let secret: SecretKey
    let now: Timestamp

    init(
        key: String, member: Int64, operation: String, _ message: HTTPRequest, store: Store, now: Timestamp
    ) throws {
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem.badRequest(
                "invalid_idempotency_key", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
        }
        self.key = key
        self.member = member
        let secret = try store.secretKey()
        // Keyed: a body may hold a password, which a plain digest would let somebody guess.
        let request = Array("\(operation)\n\(message.url)\n".utf8) + message.body
        fingerprint = secret.withBytes { Digest.hmacSHA256(request, key: $0) }
        self.store = store
        self.secret = secret
        self.now = now
    }

    /// Takes the key.
    ///
    /// - Returns: The answer that was given before; `nil` where the change is to be done now.
    func begin() async throws -> WebResponse? {
        let (key, member, fingerprint, now, secret) = (key, member, fingerprint, now, secret)
        let standing = try await store.write {
            try KeptAnswers.begin(
                key, member: member, fingerprint: fingerprint, at: now, with: secret, in: $0.connection)
        }
        switch standing {
        case .new: return nil
        case .answered(let kept):
            var response = WebResponse(status: kept.status, body: kept.body)
            if let type = kept.type { response.headers["Content-Type"] = type }
            if let location = kept.location { response.headers["Location"] = location }
            response.headers["Idempotency-Replayed"] = "true"
            return response
        case .open:
            throw Problem.conflict(
                "idempotency_open",
                "A request with this key was begun and not answered: it is being done, or the server ended while it was. "
                    + "Look whether it was done; a new key does it again.")
        case .otherRequest:
            throw Problem(
                422, "idempotency_key_reused", "The key belongs to another request",
                detail: "Each change needs a key of its own; a key is free again after 24 hours.")
        case .tooMany:
            throw Problem(
                429, "too_many_keys", "Too many idempotency keys", detail: "At most \(KeptAnswers.limit) in 24 hours.")
        }
    }

    /// Keeps what was answered.
    func end(_ response: WebResponse) async throws {
        guard case .bytes(let body) = response.content, body.count <= SecretKey.secretLimit, response.status < 500
        else {
            return try await release()
        }
        let kept = KeptAnswers.Kept(
            status: response.status, type: response.headers["Content-Type"], location: response.headers["Location"],
            body: body)
        let (key, member, secret) = (key, member, secret)
        try await store.write {
            try KeptAnswers.keep(kept, for: key, member: member, with: secret, in: $0.connection)
        }
    }

    func release() async throws {
        let (key, member) = (key, member)
        try await store.write { try KeptAnswers.release(key, member: member, in: $0.connection) }
    }
}
