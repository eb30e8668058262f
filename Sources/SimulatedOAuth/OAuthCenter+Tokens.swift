import FastJSON
import HTTPMessages
import SimulatedSite
import Synchronization

extension OAuthCenter {
    /// `POST /oauth/token`, with a JSON body.
    func token(_ request: HTTPRequest) -> HTTPResponse {
        if let failure { return Self.refusal(failure, "server_error", "The simulator was told to fail") }
        guard let body = try? JSONValue(parsing: request.body), let id = body["client_id"]?.string else {
            return Self.refusal(400, "invalid_request", "The body must be JSON")
        }
        let app = state.withLock { state in state.apps.first { $0.clientID == id } }
        guard let app, body["client_secret"]?.string == app.clientSecret else {
            return Self.refusal(401, "access_denied", "Unauthorized")
        }
        switch body["grant_type"]?.string {
        case "authorization_code":
            return redeem(body["code"]?.string ?? "", body["redirect_uri"]?.string ?? "", app)
        case "refresh_token": return renew(body["refresh_token"]?.string ?? "", app)
        default: return Self.refusal(400, "unsupported_grant_type", "Unknown grant type")
        }
    }

    private func redeem(_ text: String, _ redirectURI: String, _ app: App) -> HTTPResponse {
        let now = site.clock.now()
        return state.withLock { state in
            // A code is good once, whatever comes of it.
            guard let code = state.codes.removeValue(forKey: text), code.app == app.clientID, now < code.until else {
                return Self.refusal(403, "invalid_grant", "Invalid authorization code")
            }
            guard code.redirectURI == redirectURI else {
                return Self.refusal(400, "invalid_request", "The redirect_uri does not match")
            }
            state.serial += 1
            state.families.append(
                Family(
                    app: app.clientID, person: code.person, scopes: code.scopes, current: "refresh-\(state.serial)",
                    granted: now, used: now))
            return Self.issue(state.families.count - 1, now, &state)
        }
    }

    private func renew(_ token: String, _ app: App) -> HTTPResponse {
        let now = site.clock.now()
        let people = site.current().users
        return state.withLock { state in
            let refused = Self.refusal(403, "unauthorized_client", "refresh_token is invalid")
            guard
                let position = state.families.firstIndex(where: {
                    $0.app == app.clientID && ($0.current == token || $0.earlier[token] != nil)
                })
            else { return refused }
            let family = state.families[position]
            if let replaced = family.earlier[token], now >= replaced + Self.leeway {
                // Somebody has a token they should not have: nobody can tell who.
                state.families[position].isRevoked = true
                return refused
            }
            guard !state.families[position].isRevoked, people[family.person].isActive,
                now < family.used + 90 * Self.day, now < family.granted + 365 * Self.day
            else { return refused }
            state.renewals += 1
            state.serial += 1
            state.families[position].earlier[family.current] = now
            state.families[position].current = "refresh-\(state.serial)"
            state.families[position].used = now
            return Self.issue(position, now, &state)
        }
    }

    private static func issue(_ position: Int, _ now: Int64, _ state: inout State) -> HTTPResponse {
        state.serial += 1
        let family = state.families[position]
        let access = "access-\(state.serial)"
        state.access[access] = Access(family: position, until: now + hour)
        return json(200) { json in
            json.member("access_token", access)
            json.member("expires_in", 3_600)
            json.member("token_type", "Bearer")
            if family.scopes.contains("offline_access") { json.member("refresh_token", family.current) }
            json.member("scope", family.scopes.joined(separator: " "))
        }
    }
}
