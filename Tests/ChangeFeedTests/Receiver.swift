import Cryptography
import FastJSON
import HTTPMessages
import Synchronization

/// Somebody who takes webhooks up, or does not.
final class Receiver: HTTPTransport {
    private struct State {
        var requests: [HTTPRequest] = []
        var statuses: [Int] = []
        var failure: HTTPTransportError?
    }

    private let state = Mutex(State())

    /// The next answers; 200 after that.
    func answer(_ statuses: Int...) { state.withLock { $0.statuses = statuses } }

    func fail(_ error: HTTPTransportError?) { state.withLock { $0.failure = error } }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let (status, failure) = state.withLock { state in
            state.requests.append(request)
            return (state.statuses.isEmpty ? 200 : state.statuses.removeFirst(), state.failure)
        }
        if let failure { throw failure }
        return HTTPResponse(status: status)
    }
}

extension HTTPRequest {
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    /// `changed 10001`, for each entry.
    var entries: [String] {
        (json["changes"]?.array ?? []).map {
            [$0["kind"], $0["id"] ?? $0["reason"]].compactMap { $0?.string }.joined(separator: " ")
        }
    }

    /// Whether the body is signed with this secret, as a receiver checks it.
    func isSigned(with secret: String) -> Bool {
        let parts = (headers["Drawbridge-Signature"] ?? "").split(separator: ",").map { $0.split(separator: "=") }
        guard parts.count == 2, parts[0].first == "t", parts[1].first == "v1", let time = parts[0].last else {
            return false
        }
        let expected = Digest.hmacSHA256(Array("\(time).".utf8) + body, key: Array(secret.utf8))
        return Digest.hexadecimal(expected) == String(parts[1].last ?? "")
    }
}
