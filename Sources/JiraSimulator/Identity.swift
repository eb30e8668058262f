import FastJSON
import HTTPMessages
import SimulatedJSON
import SimulatedOAuth
import SimulatedSite
import Synchronization
import WebServer

/// Who asks, and what their token lets them ask for.
struct Identity {
    var caller = Caller.anonymous
    /// nil when the credential is not limited.
    var scopes: Set<SimulatedCredential.Scope>?
    /// Whether an app asks on the caller's behalf.
    var isApp = false

    /// Refuses what needs a login or a scope that is missing.
    func check(_ route: Route, isCloud: Bool) throws {
        if route.needsLogin, caller == .anonymous { throw Refusal.needsLogin }
        if let scopes, !scopes.contains(route.scope) { throw Refusal.scopeMismatch }
    }
}

extension Simulator {
    /// Finds the caller from the request's credential.
    func identify(_ request: WebRequest, _ target: Target, asNobody: Bool) throws -> Identity {
        guard !asNobody, let header = request.message.headers["Authorization"] else {
            // The gateway serves nobody unknown.
            if target.place == .gateway { throw Refusal.gatewayUnauthorized }
            return Identity()
        }
        let state = site.current()
        let credentials = SimulatedCredentials(state)
        if let app = granted(header, target) { return app }
        let parts = header.split(separator: " ", maxSplits: 1)
        let scheme = parts.first?.lowercased() ?? ""
        let value = parts.count == 2 ? String(parts[1]) : ""
        // A password may be right and yet refused, for a CAPTCHA: that is not remembered.
        let found: SimulatedCredential? =
            switch scheme {
            case "basic" where isCloud: try credential(header, in: state) { try basic(value, credentials) }
            case "basic": try basic(value, credentials)
            case "bearer": credential(header, in: state) { credentials.match(bearer: value) }
            default: nil
            }
        if let found, !logins.isRevoked(found.secret) {
            // A token with scopes is unknown at the site's own address.
            if found.kind != .scopedToken || target.place == .gateway {
                return Identity(caller: .user(found.person), scopes: found.scopes, isApp: found.isApp)
            }
        }
        if configuration.wrongCredentialsAreAnonymous, target.place != .gateway { return Identity() }
        if target.place == .gateway { throw Refusal.gatewayUnauthorized }
        throw isCloud
            ? Refusal.unauthenticated : Refusal.basicFailure(isServer: site.configuration.flavour == .server)
    }

    /// An app that a person allowed to read for them; at the gateway only.
    private func granted(_ header: String, _ target: Target) -> Identity? {
        guard target.place == .gateway, header.hasPrefix("Bearer "),
            let holder = oauth.holder(of: String(header.dropFirst(7)))
        else { return nil }
        let scopes = holder.scopes.compactMap { SimulatedCredential.Scope(rawValue: $0) }
        return Identity(caller: .user(holder.person), scopes: Set(scopes), isApp: true)
    }

    private func basic(_ value: String, _ credentials: SimulatedCredentials) throws -> SimulatedCredential? {
        guard let bytes = Base64.decode(value) else { return nil }
        let pair = String(decoding: bytes, as: UTF8.self).split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return nil }
        let user = String(pair[0])
        if !isCloud, logins.needsCaptcha(user) { throw Refusal.captcha(base) }
        let found = credentials.match(user: user, secret: String(pair[1]))
        if !isCloud { logins.note(user, succeeded: found != nil) }
        return found
    }
}

extension Refusal {
    static var gatewayUnauthorized: Refusal {
        Refusal(
            .json(status: 401) { json in
                json.member("code", 401)
                json.member("message", "Unauthorized")
            })
    }

    static func captcha(_ base: String) -> Refusal {
        var response = WebResponse.html(
            "Basic Authentication Failure - Reason : AUTHENTICATION_DENIED", title: "Forbidden (403)", status: 403)
        response.headers["X-Authentication-Denied-Reason"] = "CAPTCHA_CHALLENGE; login-url=\(base)/login.jsp"
        response.headers["X-Seraph-LoginReason"] = "AUTHENTICATION_DENIED"
        return Refusal(response)
    }
}

/// Failed passwords, and credentials that have been withdrawn.
final class LoginAttempts: Sendable {
    private struct State {
        var failures: [String: Int] = [:]
        var revoked: Set<String> = []
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func needsCaptcha(_ user: String) -> Bool { state.withLock { $0.failures[user, default: 0] >= limit } }

    func note(_ user: String, succeeded: Bool) {
        state.withLock { $0.failures[user] = succeeded ? nil : $0.failures[user, default: 0] + 1 }
    }

    /// What a person does by solving the CAPTCHA in a browser.
    func clearFailures() { state.withLock { $0.failures = [:] } }

    func revoke(_ secret: String) { _ = state.withLock { $0.revoked.insert(secret) } }
    func restore(_ secret: String) { _ = state.withLock { $0.revoked.remove(secret) } }
    func isRevoked(_ secret: String) -> Bool { state.withLock { $0.revoked.contains(secret) } }
}

/// RFC 4648 §4.
enum Base64 {
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (buffer, bits): (UInt32, Int) = (0, 0)
        for character in text.utf8 where character != UInt8(ascii: "=") {
            guard let value = value(character) else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
